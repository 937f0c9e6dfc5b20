import { Page } from "~/components/Page";

export default function DatasetPage() {
  return <Page title="Dataset">{null}</Page>;
}
