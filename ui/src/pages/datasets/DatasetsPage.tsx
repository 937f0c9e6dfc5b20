import { Page } from "~/components/Page";

export default function DatasetsPage() {
  return <Page title="Datasets">{null}</Page>;
}
