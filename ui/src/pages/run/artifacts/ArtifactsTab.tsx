import { Loading } from "~/components/Feedback";
import type { TabProps } from "../tabs";

export default function ArtifactsTab(_: TabProps) {
  return <Loading />;
}
