import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function LatencyTab(_: TabProps) {
  return <Loading />;
}
