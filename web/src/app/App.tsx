/** The app: a bar above, and the page that the address names. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ApiPage } from "../api/ApiPage";
import { useAddress } from "../graphs/useAddress";
import { ComparePage } from "../jobs/ComparePage";
import { RunPage } from "../jobs/RunPage";
import { RunsPage } from "../jobs/RunsPage";
import { projectOfPath, projectsOfPath } from "../projects/paths";
import { ProjectPages } from "../projects/ProjectPages";
import { ProjectsPage } from "../projects/ProjectsPage";
import type { Me } from "../server/people";
import { NewTrainingPage } from "../training/NewTrainingPage";
import { Card } from "../ui/controls";
import { Empty } from "../ui/Notice";
import { trashOfPath } from "../trash/paths";
import { TrashPage } from "../trash/TrashPage";
import { publicOfPath, UNIVERSE } from "../universe/paths";
import { PublicPage } from "../universe/PublicPage";
import { UniversePage } from "../universe/UniversePage";
import { AccountPage } from "../workspaces/AccountPage";
import { WorkspacePage } from "../workspaces/WorkspacePage";
import styles from "./App.module.css";
import { Bar } from "./Bar";
import { Fence } from "./Fence";
import { Gate } from "./Gate";
import { placeOf, runOfPath, runsOfPath, runsOfWorkspacePath, workspaceOfPath } from "./paths";

// A question that failed is asked again by the page's own clock, and says meanwhile that it failed.
const client = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Gate>{(me) => <SignedIn me={me} />}</Gate>
    </QueryClientProvider>
  );
}

function SignedIn({ me }: { me: Me | undefined }) {
  const at = useAddress();
  const { path } = at.address;
  const workspace = workspaceOfPath(path);
  return (
    <>
      <Bar me={me} workspace={workspaceIn(path)} place={placeOf(path)} />
      <main className={styles["page"]}>
        <Fence>
          <Page at={at} me={me} workspace={workspace} />
        </Fence>
      </main>
    </>
  );
}

/** The workspace in which a path is; null where it is in none. */
function workspaceIn(path: string): string | null {
  const ofProject = projectOfPath(path)?.workspace ?? projectsOfPath(path) ?? trashOfPath(path);
  return workspaceOfPath(path) ?? ofProject ?? runsOfWorkspacePath(path);
}

type At = ReturnType<typeof useAddress>;

interface PageProps {
  at: At;
  me: Me | undefined;
  workspace: string | null;
}

function Page({ at, me, workspace }: PageProps) {
  const { address, setView, go } = at;
  const { path, view } = address;
  const run = runOfPath(path);
  const compared = runsOfPath(path);
  if (workspace !== null) return <WorkspacePage key={workspace} slug={workspace} />;
  if (path === "/account" && me) return <AccountPage me={me} />;
  if (path === "" || path === "/") return <RunsPage workspace={me?.workspaces[0]?.slug} />;
  if (path === "/new") {
    const first = me?.workspaces[0]?.slug;
    return <NewTrainingPage workspace={first} onStarted={(id) => go(`/runs/${encodeURIComponent(id)}`)} />;
  }
  if (compared) return <ComparePage key={path} ids={compared} view={view} onView={setView} />;
  if (run !== null) return <RunPage key={run} id={run} view={view} onView={setView} />;
  return <ProjectOrPublicPage at={at} me={me} />;
}

function ProjectOrPublicPage({ at, me }: Omit<PageProps, "workspace">) {
  const { address, setView, go } = at;
  const { path, view } = address;
  const project = projectOfPath(path);
  if (project) return <ProjectPages address={project} onGo={go} />;
  const listed = projectsOfPath(path);
  if (listed !== null) return <ProjectsPage key={listed} workspace={listed} onMade={go} />;
  const trash = trashOfPath(path);
  if (trash !== null) return <TrashPage key={trash} workspace={trash} />;
  const runs = runsOfWorkspacePath(path);
  if (runs !== null) return <RunsPage key={runs} workspace={runs} />;
  if (path === "/api") return <ApiPage />;
  if (path === UNIVERSE) return <UniversePage />;
  const open = publicOfPath(path);
  if (open) {
    return <PublicPage key={`${open.owner}/${open.project}`} address={open} me={me} view={view} onView={setView} />;
  }
  return (
    <Card label="Unknown address">
      <Empty title="There is nothing at this address">
        <p>
          <a href="#/">All runs</a>
        </p>
      </Empty>
    </Card>
  );
}
