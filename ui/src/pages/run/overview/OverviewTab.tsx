import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function OverviewTab(_: TabProps) {
  return <Loading />;
}
