/** What a project is called, under which licence it stands, whether everybody may see it; and its way into the trash. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Card } from "../ui/controls";
import { InputField } from "../ui/fields";
import { Form } from "../ui/Form";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { publicPath } from "../universe/paths";
import type { Project, ProjectChange } from "./api";
import { changeProject, getProject, trashProject } from "./api";
import { ProjectFrame } from "./ProjectFrame";
import styles from "./Projects.module.css";

/** Offered while one types; any other is taken as well. */
const LICENCES = ["CC BY 4.0", "CC BY-SA 4.0", "CC BY-NC 4.0", "CC0 1.0", "MIT", "Apache-2.0", "ODbL 1.0", "Private"];

interface Props {
  workspace: string;
  project: string;
  onGone: (path: string) => void;
}

export function SettingsPage({ workspace, project, onGone }: Props) {
  const found = useQuery({ queryKey: ["project", workspace, project], queryFn: () => getProject(workspace, project) });
  return (
    <ProjectFrame workspace={workspace} project={project} tab="settings">
      {found.error && <Notice tone="bad" title={found.error.message} />}
      {found.data && (
        <>
          <SettingsForm key={found.data.id} workspace={workspace} known={found.data} />
          <TrashCard workspace={workspace} project={found.data} onGone={onGone} />
        </>
      )}
    </ProjectFrame>
  );
}

function SettingsForm({ workspace, known }: { workspace: string; known: Project }) {
  const queries = useQueryClient();
  const { name, annotation_group, license, description, is_public } = known;
  const [form, setForm] = useState({ name, annotation_group, license, description, is_public });
  const save = useMutation({
    mutationFn: (change: ProjectChange) => changeProject(workspace, known.slug, change),
    onSuccess: (now) => {
      queries.setQueryData(["project", workspace, known.slug], now);
      for (const key of ["projects", "universe", "public"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  const set = (change: Partial<typeof form>): void => {
    save.reset();
    setForm({ ...form, ...change });
  };
  const isBare = form.is_public && ["", "private"].includes(form.license.trim().toLowerCase());
  return (
    <Card label="Settings">
      <Form className={styles["settings"]} onSubmit={() => save.mutate(form)}>
        <h2>Settings</h2>
        <label>
          Name
          <input
            className={shared["input"]}
            value={form.name}
            required
            maxLength={200}
            onChange={(event) => set({ name: event.target.value })}
          />
          <small>In addresses it stays {known.slug}.</small>
        </label>
        <InputField
          label="What is being annotated"
          value={form.annotation_group}
          required
          maxLength={200}
          onChange={(annotation_group) => set({ annotation_group })}
        />
        <label>
          Licence
          <input
            className={shared["input"]}
            value={form.license}
            list="licences"
            maxLength={200}
            onChange={(event) => set({ license: event.target.value })}
          />
          <datalist id="licences">
            {LICENCES.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <small>What others may do with the images and boxes. A clone keeps it.</small>
        </label>
        <label>
          Description
          <textarea
            className={shared["input"]}
            rows={4}
            value={form.description}
            maxLength={10_000}
            onChange={(event) => set({ description: event.target.value })}
          />
        </label>
        <label className={styles["public"]}>
          <input
            type="checkbox"
            checked={form.is_public}
            onChange={(event) => set({ is_public: event.target.checked })}
          />
          Public: everybody with an account on this server may look at it, try its models and clone it
        </label>
        {isBare && (
          <Notice tone="warn" title="A public project without a licence">
            Others may look at it, but nobody knows whether they may use it. Say one, such as CC BY 4.0.
          </Notice>
        )}
        {known.cloned_from && (
          <p className={shared["hint"]}>
            Cloned from {known.cloned_from.workspace}/{known.cloned_from.project}, which stood under{" "}
            {known.cloned_from.license || "no licence"}.
          </p>
        )}
        {save.error && <Notice tone="bad" title={save.error.message} />}
        <div className={shared["buttons"]}>
          <Button type="submit" tone="primary" disabled={save.isPending}>
            Save
          </Button>
          {save.isSuccess && <span role="status">Saved.</span>}
          {known.is_public && <a href={`#${publicPath(workspace, known.slug)}`}>See its public page</a>}
        </div>
      </Form>
    </Card>
  );
}

function TrashCard({
  workspace,
  project,
  onGone,
}: {
  workspace: string;
  project: Project;
  onGone: (to: string) => void;
}) {
  const queries = useQueryClient();
  const [isSure, setSure] = useState(false);
  const trash = useMutation({
    mutationFn: () => trashProject(workspace, project.slug),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["projects", workspace] });
      await queries.invalidateQueries({ queryKey: ["trash", workspace] });
      onGone(`/w/${encodeURIComponent(workspace)}/projects`);
    },
  });
  return (
    <Card label="Trash">
      <div className={shared["section"]}>
        <h2>Move it to the trash</h2>
        <p className={shared["hint"]}>
          Its images, boxes, versions and models go along. For 30 days it can be taken out again, from the list of
          projects.
        </p>
        {trash.error && <Notice tone="bad" title={trash.error.message} />}
        <div className={shared["buttons"]}>
          {isSure ? (
            <>
              <Button tone="danger" disabled={trash.isPending} onClick={() => trash.mutate()}>
                Yes, move {project.name} to the trash
              </Button>
              <Button onClick={() => setSure(false)}>Keep it</Button>
            </>
          ) : (
            <Button tone="danger" onClick={() => setSure(true)}>
              Move to the trash
            </Button>
          )}
        </div>
      </div>
    </Card>
  );
}
