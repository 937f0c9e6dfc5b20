import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function EvaluationTab(_: TabProps) {
  return <Loading />;
}
