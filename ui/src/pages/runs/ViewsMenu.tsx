import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, TextInput } from "@mantine/core";
import {
  IconBookmark,
  IconCheck,
  IconDeviceFloppy,
  IconHome,
  IconPencil,
  IconPlus,
  IconTable,
  IconTrash,
} from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import { mayWrite, useMe } from "~/app/me";
import { explain, tellDone, tellProblem } from "~/components/notices";
import { useProject, useSetAddress } from "~/state/address";
import { usePreference } from "~/state/preference";
import { type SavedView, useViewChanges, useViews } from "./queries";
import { isSameView, VIEW_NAMES, type ViewAddress, viewAddressIn, viewAddressOf } from "./viewState";

const MAX_NAME = 200;

/** The view that this browser opens the page with, in a project. */
export function useDefaultView(project: string | null): [string, (viewId: string) => void] {
  return usePreference(`runs.view.${project ?? ""}`, "");
}

/** Columns, filter, order and groups under a name: to open, save, rename and remove. */
export function ViewsMenu() {
  const project = useProject();
  const { data: me } = useMe();
  const mayEdit = mayWrite(me, project);
  const [params] = useSearchParams();
  const now = viewAddressOf(params);
  const views = useViews(project).data ?? [];
  const open = useOpenView();
  const changes = useViewChanges(project);
  const [naming, setNaming] = useState<SavedView | "new" | null>(null);
  const [home, setHome] = useDefaultView(project);
  const current = views.find((view) => isSameView(viewAddressIn(view.state), now));

  const update = (view: SavedView) =>
    changes.update.mutate(
      { id: view.view_id, state: { ...now } },
      {
        onSuccess: () => tellDone(`View ${view.name} is now what you see.`),
        onError: (error) => tellProblem("Saving the view", error),
      },
    );
  const remove = (view: SavedView) =>
    changes.remove.mutate(view.view_id, {
      onSuccess: () =>
        tellDone(`View ${view.name} is removed.`, () =>
          changes.create.mutate({ name: view.name, state: view.state }),
        ),
      onError: (error) => tellProblem("Removing the view", error),
    });

  return (
    <>
      <Menu width={330} closeOnItemClick={false} position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconBookmark size={15} />}
            maw={200}
            aria-label={current === undefined ? "Views" : `Views: ${current.name}`}
          >
            <span className="ml-text">{current?.name ?? "Views"}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {views.length === 0
              ? "No saved views yet. One keeps columns, filter, order and groups."
              : `Saved views, seen by everyone ${project === null ? "on this server" : "who can see this project"}`}
          </Menu.Label>
          <div style={{ maxHeight: 320, overflowY: "auto" }}>
            {views.map((view) => (
              <ViewItem
                key={view.view_id}
                view={view}
                mayEdit={mayEdit}
                isCurrent={view === current}
                isHome={view.view_id === home}
                onOpen={() => open(viewAddressIn(view.state))}
                onHome={() => setHome(view.view_id === home ? "" : view.view_id)}
                onUpdate={() => update(view)}
                onRename={() => setNaming(view)}
                onRemove={() => remove(view)}
              />
            ))}
          </div>
          <Menu.Divider />
          {mayEdit && (
            <Menu.Item leftSection={<IconPlus size={15} />} onClick={() => setNaming("new")}>
              Save what you see as a view
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconTable size={15} />} onClick={() => open({})}>
            Show the standard view
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {naming !== null && (
        <NameDialog
          view={naming === "new" ? null : naming}
          onClose={() => setNaming(null)}
          onName={(name) =>
            naming === "new"
              ? changes.create.mutateAsync({ name, state: { ...now } })
              : changes.update.mutateAsync({ id: naming.view_id, name })
          }
        />
      )}
    </>
  );
}

/** Puts a view in the place of the one in the address. */
export function useOpenView(): (view: ViewAddress, how?: { push?: boolean }) => void {
  const setAddress = useSetAddress();
  return (view, how = { push: true }) =>
    setAddress(Object.fromEntries(VIEW_NAMES.map((name) => [name, view[name] ?? []])), how);
}

interface ViewItemProps {
  view: SavedView;
  mayEdit: boolean;
  isCurrent: boolean;
  isHome: boolean;
  onOpen: () => void;
  onHome: () => void;
  onUpdate: () => void;
  onRename: () => void;
  onRemove: () => void;
}

function ViewItem({ view, mayEdit, isCurrent, isHome, ...on }: ViewItemProps) {
  const { name, owner } = view;
  const homeText = isHome ? "Do not begin with it on this browser" : "Begin with it on this browser";
  return (
    <Group gap={2} wrap="nowrap">
      <Menu.Item
        onClick={on.onOpen}
        rightSection={isCurrent ? <IconCheck size={14} aria-label="shown" /> : null}
        style={{ flex: 1, minWidth: 0 }}
      >
        <div className="ml-text" title={owner === null ? name : `${name}, by ${owner}`}>
          {name}
        </div>
      </Menu.Item>
      <ActionIcon size="sm" aria-label={`${homeText}: ${name}`} title={homeText} onClick={on.onHome}>
        <IconHome size={14} color={isHome ? "var(--ml-accent)" : undefined} />
      </ActionIcon>
      {mayEdit && (
        <>
          {" "}
          <ActionIcon
            size="sm"
            aria-label={`Save what you see as ${name}`}
            title="Save what you see under this name"
            onClick={on.onUpdate}
          >
            <IconDeviceFloppy size={14} />
          </ActionIcon>
          <ActionIcon size="sm" aria-label={`Rename ${name}`} title="Rename" onClick={on.onRename}>
            <IconPencil size={14} />
          </ActionIcon>
          <ActionIcon size="sm" aria-label={`Remove ${name}`} title="Remove" onClick={on.onRemove}>
            <IconTrash size={14} />
          </ActionIcon>
        </>
      )}
    </Group>
  );
}

interface NameDialogProps {
  view: SavedView | null;
  onClose: () => void;
  onName: (name: string) => Promise<unknown>;
}

function NameDialog({ view, onClose, onName }: NameDialogProps) {
  const [name, setName] = useState(view?.name ?? "");
  const [error, setError] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    try {
      await onName(name.trim());
      onClose();
    } catch (problem) {
      setError(explain(problem));
      setSaving(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={view === null ? "Save a view" : "Rename the view"}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={MAX_NAME}
            required
            data-autofocus
            error={error}
          />
          <Text size="xs" c="dimmed">
            Everyone who can see these runs sees the view and its name.
          </Text>
          <Button type="submit" loading={isSaving} disabled={name.trim() === ""}>
            Save
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
