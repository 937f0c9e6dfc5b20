import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function SystemTab(_: TabProps) {
  return <Loading />;
}
