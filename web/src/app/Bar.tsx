/** The bar above every page: where one is, and who. */
import type { Me } from "../server/people";
import { ThemeSwitch } from "../ui/ThemeSwitch";
import type { Place } from "./paths";
import shared from "../ui/shared.module.css";
import styles from "./Bar.module.css";

interface Props {
  me: Me | undefined;
  workspace: string | null;
  place: Place | null;
}

export function Bar({ me, workspace, place }: Props) {
  const own = me?.workspaces ?? [];
  const here = workspace ?? own[0]?.slug;
  const runs = here === undefined || here === own[0]?.slug ? "#/" : `#/w/${encodeURIComponent(here)}/runs`;
  const link = (to: Place, href: string, text: string) => (
    <a href={href} aria-current={place === to || undefined}>
      {text}
    </a>
  );
  return (
    <div className={styles["bar"]}>
      <a href="#/" className={styles["brand"]}>
        Epochal
      </a>
      <nav className={styles["links"]} aria-label="Workspace and account">
        {here !== undefined && link("projects", `#/w/${encodeURIComponent(here)}/projects`, "Projects")}
        {link("runs", runs, "Runs")}
        {link("universe", "#/universe", "Universe")}
        {own.length === 1 && own[0] && link("workspace", `#/workspaces/${own[0].slug}`, own[0].name)}
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
        {me?.user && link("account", "#/account", "Account")}
        {link("api", "#/api", "API")}
      </nav>
      <ThemeSwitch />
    </div>
  );
}
