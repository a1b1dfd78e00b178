/** The app: a bar above, and the page that the address names. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useAddress } from "../graphs/useAddress";
import { ComparePage } from "../jobs/ComparePage";
import { RunPage } from "../jobs/RunPage";
import { RunsPage } from "../jobs/RunsPage";
import { projectOfPath } from "../projects/paths";
import { ProjectPages } from "../projects/ProjectPages";
import { NewTrainingPage } from "../training/NewTrainingPage";
import { Card } from "../ui/controls";
import { Empty } from "../ui/Notice";
import { ThemeSwitch } from "../ui/ThemeSwitch";
import styles from "./App.module.css";
import { Fence } from "./Fence";
import { runOfPath, runsOfPath } from "./paths";

// A question that failed is asked again by the page's own clock, and says meanwhile that it failed.
const client = new QueryClient({ defaultOptions: { queries: { retry: false }, mutations: { retry: false } } });

export function App() {
  return (
    <QueryClientProvider client={client}>
      <div className={styles["bar"]}>
        <a href="#/" className={styles["brand"]}>
          Epochal
        </a>
        <ThemeSwitch />
      </div>
      <main className={styles["page"]}>
        <Fence>
          <Page />
        </Fence>
      </main>
    </QueryClientProvider>
  );
}

function Page() {
  const { address, setView, go } = useAddress();
  const { path, view } = address;
  const run = runOfPath(path);
  const compared = runsOfPath(path);
  if (path === "" || path === "/") return <RunsPage />;
  if (path === "/new") return <NewTrainingPage onStarted={(id) => go(`/runs/${encodeURIComponent(id)}`)} />;
  const project = projectOfPath(path);
  if (project) return <ProjectPages address={project} onGo={go} />;
  if (compared) return <ComparePage key={path} ids={compared} view={view} onView={setView} />;
  if (run !== null) return <RunPage key={run} id={run} view={view} onView={setView} />;
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
