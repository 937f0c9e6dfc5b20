import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function ChartsTab(_: TabProps) {
  return <Loading />;
}
