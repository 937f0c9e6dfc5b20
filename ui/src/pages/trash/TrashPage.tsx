import { Alert, Button, Group, SegmentedControl, Stack } from "@mantine/core";
import { IconTrashX } from "@tabler/icons-react";
import { useState } from "react";
import { useRefresh } from "~/api/useRefresh";
import { mayAdminister, useMe } from "~/app/me";
import { useStorage } from "~/app/storage";
import { EmptyState, ErrorState, Loading } from "~/components/Feedback";
import { Page } from "~/components/Page";
import type { TrashKind } from "~/components/useTrash";
import { countOf, formatBytes } from "~/format/number";
import { useAddress } from "~/state/address";
import { Purge } from "./Purge";
import { type TrashItem, useTrashList } from "./queries";
import { TrashTable } from "./TrashTable";

const KINDS = [
  { value: "", label: "All" },
  { value: "run", label: "Runs" },
  { value: "dataset", label: "Datasets" },
  { value: "project", label: "Projects" },
];

export default function TrashPage() {
  const [kind, setKind] = useAddress("kind");
  const chosen = KINDS.some(({ value }) => value === kind && value !== "") ? (kind as TrashKind) : null;
  const found = useTrashList(chosen);
  const [purging, setPurging] = useState<readonly TrashItem[] | "all" | null>(null);
  const { data: me } = useMe();
  useRefresh(["trash"]);
  useRefresh(["storage"], { everyMs: 10_000 });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Trash"
      actions={
        mayAdminister(me) &&
        items.length > 0 && (
          <Button
            color="red"
            variant="light"
            leftSection={<IconTrashX size={15} />}
            onClick={() => setPurging("all")}
          >
            Empty the trash
          </Button>
        )
      }
    >
      <Retention />
      <Group>
        <SegmentedControl
          aria-label="Kind"
          data={KINDS}
          value={chosen ?? ""}
          onChange={(next) => setKind(next)}
        />
      </Group>
      {found.isPending ? (
        <Loading />
      ) : found.isError ? (
        <ErrorState error={found.error} what="Reading the trash" retry={() => void found.refetch()} />
      ) : items.length === 0 ? (
        <EmptyState title={chosen === null ? "The trash is empty" : `No ${chosen}s in the trash`}>
          What is deleted lies here until it is restored or purged. A project takes its runs and datasets with
          it and brings them back.
        </EmptyState>
      ) : (
        <Stack gap="sm">
          <TrashTable key={kind} items={items} onPurge={setPurging} />
          {found.hasNextPage && (
            <Button
              variant="default"
              loading={found.isFetchingNextPage}
              onClick={() => void found.fetchNextPage()}
            >
              Read more
            </Button>
          )}
        </Stack>
      )}
      {purging !== null && <Purge items={purging} onClose={() => setPurging(null)} />}
    </Page>
  );
}

/** How long things stay, and what they take. */
function Retention() {
  const { data: storage } = useStorage();
  if (storage === undefined) return null;
  const { trash_days: days, trash_bytes: bytes } = storage;
  return (
    <Alert color="gray" variant="light" p="sm">
      {days > 0
        ? `What has been here for ${countOf(days, "day")} is purged by itself (MODELLAB_TRASH_DAYS).`
        : "Things stay here until they are purged; with MODELLAB_TRASH_DAYS the server does it by itself."}{" "}
      {bytes > 0 && `A purge of everything frees about ${formatBytes(bytes)} of files.`}
    </Alert>
  );
}
