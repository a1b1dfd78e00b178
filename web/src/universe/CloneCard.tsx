/** A clone of a public dataset into a workspace of one's own, with its licence and where it comes from. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getTask } from "../projects/api";
import { projectPath } from "../projects/paths";
import type { Me } from "../server/people";
import { Button, Card } from "../ui/controls";
import { InputField, SelectField } from "../ui/fields";
import { Form } from "../ui/Form";
import { formatCount } from "../ui/format";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import type { PublicPage } from "./api";
import { clonePublic } from "./api";

const LOOK_MS = 700;

export function CloneCard({ page, me }: { page: PublicPage; me: Me | undefined }) {
  const { owner, project } = page;
  const own = (me?.workspaces ?? []).filter((one) => one.role !== "viewer");
  const [workspace, setWorkspace] = useState("");
  const [name, setName] = useState(project.name);
  const into = own.find((one) => one.slug === workspace)?.slug ?? own[0]?.slug;
  const clone = useMutation({
    mutationFn: async (where: string) => ({ where, ...(await clonePublic(where, owner, project.slug, name)) }),
  });
  return (
    <Card label="Clone">
      <Form onSubmit={() => into !== undefined && clone.mutate(into)}>
        <h2>Clone it</h2>
        <p className={shared["hint"]}>
          A copy of its {formatCount(project.in_dataset)} images with their boxes becomes a project of yours, which says
          that it is from {owner}/{project.slug} and keeps the licence:{" "}
          <strong>{project.license || "none said"}</strong>. What you may do with it, that licence says.
        </p>
        {into === undefined ? (
          <p className={shared["hint"]}>You are a viewer in all your workspaces, so you cannot clone into one.</p>
        ) : (
          <div className={shared["fields"]}>
            <SelectField
              label="Into"
              value={into}
              options={own.map((one) => [one.slug, one.name])}
              onChange={setWorkspace}
            />
            <InputField label="Name of the clone" value={name} required maxLength={200} onChange={setName} />
            <Button type="submit" tone="primary" disabled={clone.isPending || project.in_dataset === 0}>
              Clone
            </Button>
          </div>
        )}
        {clone.error && <Notice tone="bad" title={clone.error.message} />}
        {clone.data && (
          <Progress
            key={clone.data.task.id}
            workspace={clone.data.where}
            task={clone.data.task.id}
            slug={clone.data.project.slug}
          />
        )}
      </Form>
    </Card>
  );
}

function Progress({ workspace, task, slug }: { workspace: string; task: string; slug: string }) {
  const found = useQuery({
    queryKey: ["task", workspace, task],
    queryFn: () => getTask(workspace, task),
    refetchInterval: ({ state }) =>
      state.data?.state === "completed" || state.data?.state === "failed" ? false : LOOK_MS,
  });
  const now = found.data;
  if (found.error) return <Notice tone="bad" title={found.error.message} />;
  if (now?.state === "failed") return <Notice tone="bad" title={now.message || "The clone failed."} />;
  if (now?.state === "completed") {
    const open = <a href={`#${projectPath(workspace, slug, "images")}`}>Open the clone</a>;
    return <Notice tone="info" title="The clone is there" actions={open} />;
  }
  return (
    <p className={shared["hint"]} role="status">
      Cloning{now?.total ? `: ${formatCount(now.done)} of ${formatCount(now.total)} images` : "…"}
    </p>
  );
}
