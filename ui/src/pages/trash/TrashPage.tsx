import { Page } from "~/components/Page";

export default function TrashPage() {
  return <Page title="Trash">{null}</Page>;
}
