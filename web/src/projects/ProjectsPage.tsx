/** The projects of a workspace, and a form for a new one. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useCanWork } from "../server/useCanWork";
import { Button, Card } from "../ui/controls";
import { InputField } from "../ui/fields";
import { Form } from "../ui/Form";
import { formatCount } from "../ui/format";
import { Empty, Notice } from "../ui/Notice";
import type { Project } from "./api";
import { getProjects, makeProject } from "./api";
import { projectPath } from "./paths";
import { TrashLink } from "../trash/TrashLink";
import shared from "../ui/shared.module.css";
import cards from "../ui/cards.module.css";

export function ProjectsPage({ workspace, onMade }: { workspace: string; onMade: (path: string) => void }) {
  const projects = useQuery({ queryKey: ["projects", workspace], queryFn: () => getProjects(workspace) });
  const [making, setMaking] = useState(false);
  const canWork = useCanWork(workspace);
  return (
    <>
      <div className={shared["head"]}>
        <h1>Projects</h1>
        {canWork && (
          <Button tone="primary" aria-expanded={making} onClick={() => setMaking(!making)}>
            New project
          </Button>
        )}
      </div>
      {making && (
        <NewProject workspace={workspace} onMade={(made) => onMade(projectPath(workspace, made.slug, "images"))} />
      )}
      {projects.error && <Notice tone="bad" title={projects.error.message} />}
      {projects.isPending && <p className={shared["hint"]}>Looking for projects…</p>}
      {projects.data?.length === 0 && !making && (
        <Card label="No projects">
          <Empty title="No project yet">
            <p>
              A project is a dataset that grows: images, their boxes and classes. Make one, then drop photos or a zip
              with annotations into it.
            </p>
          </Empty>
        </Card>
      )}
      {projects.data && projects.data.length > 0 && (
        <ul className={cards["cards"]}>
          {projects.data.map((project) => (
            <li key={project.slug}>
              <ProjectCard project={project} workspace={workspace} />
            </li>
          ))}
        </ul>
      )}
      <TrashLink workspace={workspace} />
    </>
  );
}

function ProjectCard({ project, workspace }: { project: Project; workspace: string }) {
  const labelled = project.images - project.unannotated;
  return (
    <a className={cards["card"]} href={`#${projectPath(workspace, project.slug, "images")}`} data-testid="project">
      <strong>{project.name}</strong>
      <span className={shared["hint"]}>
        {formatCount(project.images)} images, {formatCount(labelled)} labelled · {formatCount(project.classes.length)}{" "}
        classes
      </span>
      <progress
        max={Math.max(1, project.images)}
        value={labelled}
        aria-label={`${labelled} of ${project.images} images labelled`}
      />
      <span className={cards["chips"]}>
        {project.is_public && <span data-tone="good">public</span>}
        {project.cloned_from && <span>cloned from {project.cloned_from.workspace}</span>}
        {project.classes.slice(0, 6).map((one) => (
          <span key={one.class_id}>{one.name}</span>
        ))}
      </span>
    </a>
  );
}

function NewProject({ workspace, onMade }: { workspace: string; onMade: (project: Project) => void }) {
  const [name, setName] = useState("");
  const [group, setGroup] = useState("");
  const make = useMutation({ mutationFn: () => makeProject(workspace, name, group), onSuccess: onMade });
  return (
    <Card label="New project">
      <Form className={shared["fields"]} onSubmit={() => make.mutate()}>
        <InputField label="Name" value={name} required autoFocus maxLength={200} onChange={setName} />
        <InputField
          label="What is being annotated"
          value={group}
          maxLength={200}
          placeholder="cells"
          onChange={setGroup}
        />
        <Button type="submit" tone="primary" disabled={make.isPending || name.trim() === ""}>
          Make the project
        </Button>
      </Form>
      {make.error && <Notice tone="bad" title={make.error.message} />}
    </Card>
  );
}
