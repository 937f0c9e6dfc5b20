import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function CodeTab(_: TabProps) {
  return <Loading />;
}
