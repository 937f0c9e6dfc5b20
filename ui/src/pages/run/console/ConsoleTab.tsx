import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function ConsoleTab(_: TabProps) {
  return <Loading />;
}
