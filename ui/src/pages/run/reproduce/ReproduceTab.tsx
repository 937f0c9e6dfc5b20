import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function ReproduceTab(_: TabProps) {
  return <Loading />;
}
