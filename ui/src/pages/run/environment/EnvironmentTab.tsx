import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function EnvironmentTab(_: TabProps) {
  return <Loading />;
}
