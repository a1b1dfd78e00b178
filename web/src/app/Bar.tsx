/** The bar above every page: where one is, and who. */
import type { Me } from "../server/people";
import { ThemeSwitch } from "../ui/ThemeSwitch";
import shared from "../ui/shared.module.css";
import styles from "./Bar.module.css";

export function Bar({ me, workspace }: { me: Me | undefined; workspace: string | null }) {
  const own = me?.workspaces ?? [];
  const here = workspace ?? own[0]?.slug;
  return (
    <div className={styles["bar"]}>
      <a href="#/" className={styles["brand"]}>
        Epochal
      </a>
      <nav className={styles["links"]} aria-label="Workspace and account">
        {here !== undefined && <a href={`#/w/${encodeURIComponent(here)}/projects`}>Projects</a>}
        <a href={here === undefined || here === own[0]?.slug ? "#/" : `#/w/${encodeURIComponent(here)}/runs`}>Runs</a>
        <a href="#/universe">Universe</a>
        {own.length === 1 && own[0] && <a href={`#/workspaces/${own[0].slug}`}>{own[0].name}</a>}
        {own.length > 1 && (
          <select
            className={shared["choose"]}
            aria-label="Workspace"
            value={workspace ?? ""}
            onChange={(event) => (location.hash = `#/workspaces/${event.target.value}`)}
          >
            {workspace === null && (
              <option value="" disabled>
                Workspaces
              </option>
            )}
            {own.map(({ slug, name }) => (
              <option key={slug} value={slug}>
                {name}
              </option>
            ))}
          </select>
        )}
        {me?.user && <a href="#/account">Account</a>}
        <a href="#/api">API</a>
      </nav>
      <ThemeSwitch />
    </div>
  );
}
