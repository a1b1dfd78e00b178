/** The HTTP API as a page: every route with its parameters, forms and a command to paste, from the server's own description. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ask } from "../server/api";
import { Card } from "../ui/controls";
import { InputField } from "../ui/fields";
import { formatCount } from "../ui/format";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import styles from "./Api.module.css";
import type { Group, OpenApi } from "./openapi";
import { groupRoutes, searchGroups } from "./openapi";
import { RouteView } from "./RouteView";

export function ApiPage() {
  const found = useQuery({
    queryKey: ["openapi"],
    queryFn: () => ask<OpenApi>("api/openapi.json"),
    staleTime: Infinity,
  });
  const [words, setWords] = useState("");
  const groups = useMemo(() => (found.data ? groupRoutes(found.data) : []), [found.data]);
  const shown = useMemo(() => searchGroups(groups, words), [groups, words]);
  const count = (all: Group[]): number => all.reduce((sum, { routes }) => sum + routes.length, 0);
  return (
    <>
      <div className={shared["head"]}>
        <div>
          <h1>API</h1>
          <p className={shared["hint"]}>What this page does, a program can do as well.</p>
        </div>
        <a href="api/openapi.json" target="_blank" rel="noreferrer">
          openapi.json
        </a>
      </div>
      <Begin />
      {found.error && <Notice tone="bad" title={found.error.message} />}
      {found.isPending && <p className={shared["hint"]}>Reading the description…</p>}
      {found.data && (
        <>
          <div className={shared["fields"]}>
            <InputField label="Search" type="search" value={words} placeholder="post training" onChange={setWords} />
            <span className={shared["hint"]} role="status">
              {formatCount(count(shown))} of {formatCount(count(groups))} routes, version {found.data.info.version}
            </span>
          </div>
          {shown.map((group) => (
            <Section key={group.tag} doc={found.data} group={group} isSearch={words.trim() !== ""} />
          ))}
          {shown.length === 0 && <p className={shared["hint"]}>No route has all these words.</p>}
        </>
      )}
    </>
  );
}

function Begin() {
  return (
    <Card label="How to begin">
      <div className={shared["section"]}>
        <h2>How to begin</h2>
        <p>
          Make a key on the page of your workspace, or with <code>epochal key create</code>, and send it as{" "}
          <code>Authorization: Bearer KEY</code>. Its scopes say what it may do: read, write, train, infer, admin.
          Errors are <code>{'{"error": {"code", "message"}}'}</code>, the message says what was expected and what to do
          next.
        </p>
        <p className={shared["hint"]}>
          Words in braces are to be replaced; a workspace and a project are named by their slugs, as in the addresses of
          their pages. Boxes are [x_min, y_min, x_max, y_max] in pixels of the image as displayed, times are seconds
          since 1970. From Python, <code>epochal.client</code> asks all of this. Code that uses the packages{" "}
          <code>roboflow</code> or <code>inference-sdk</code> runs against this server too, on routes of its own at the
          root, which are not listed here.
        </p>
      </div>
    </Card>
  );
}

function Section({ doc, group, isSearch }: { doc: OpenApi; group: Group; isSearch: boolean }) {
  return (
    <details className={styles["group"]} open={isSearch || undefined}>
      <summary>
        <h2>{group.tag}</h2>
        <span className={shared["hint"]}>{formatCount(group.routes.length)}</span>
      </summary>
      <ul>
        {group.routes.map((route) => (
          <li key={route.key}>
            <RouteView doc={doc} route={route} />
          </li>
        ))}
      </ul>
    </details>
  );
}
