import { TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { client } from "~/api/client";
import { DetailsModal } from "~/components/DetailsModal";
import { tellDone } from "~/components/notices";
import { changeOfTags, toObject } from "~/components/tags";
import { makeLink } from "~/state/address";
import type { Project } from "./queries";

/** A new project; its page is shown when it is there. */
export function NewProject({ onClose }: { onClose: () => void }) {
  const [id, setId] = useState("");
  const made = useRef<string | null>(null);
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (
    <DetailsModal
      title="New project"
      submitLabel="Create"
      onClose={() => {
        // In the place of the form's address, so that going back does not open it again.
        if (made.current === null) onClose();
        else navigate(makeLink(`/projects/${made.current}`, made.current), { replace: true });
      }}
      onSubmit={async ({ name, description, tags }) => {
        const { data } = await client.POST("/api/modellab/projects", {
          body: {
            name,
            project_id: id.trim() || null,
            description: description || null,
            tags: toObject(tags),
          },
        });
        void queries.invalidateQueries({ queryKey: ["projects"] });
        made.current = data?.project_id ?? null;
      }}
    >
      <TextInput
        label="Id"
        description="For code: start_run(project_id=…). Made from the name if left empty; it stays when the name changes"
        placeholder="vision"
        styles={{ input: { fontFamily: "var(--ml-font-mono)" } }}
        maxLength={128}
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
        error={
          id.trim() === "" || /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id.trim())
            ? null
            : "Letters, digits, dots, dashes and underscores, beginning with a letter or digit."
        }
      />
    </DetailsModal>
  );
}

export function EditProject({ project, onClose }: { project: Project; onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <DetailsModal
      title="Edit the project"
      submitLabel="Save"
      initial={project}
      onClose={onClose}
      onSubmit={async ({ name, description, tags }) => {
        await client.PUT("/api/modellab/projects/{project_id}", {
          params: { path: { project_id: project.project_id } },
          body: {
            ...(name !== project.name && { name }),
            ...(description !== (project.description ?? "") && { description: description || null }),
            tags: changeOfTags(project.tags, tags) ?? {},
          },
        });
        for (const noun of ["projects", "project"]) void queries.invalidateQueries({ queryKey: [noun] });
        tellDone("Saved.");
      }}
    />
  );
}
