/** Public projects of this server: looked for by words, the featured ones first. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import cards from "../ui/cards.module.css";
import { Card, Choice } from "../ui/controls";
import { formatCount } from "../ui/format";
import { MoreButton } from "../ui/MoreButton";
import { Empty, Notice } from "../ui/Notice";
import { SearchForm } from "../ui/SearchForm";
import shared from "../ui/shared.module.css";
import type { PublicProject } from "./api";
import { publicImageUrl, searchUniverse } from "./api";
import { publicPath } from "./paths";

type Which = "all" | "featured";

const WHICH: { value: Which; label: string; hint?: string }[] = [
  { value: "all", label: "All" },
  { value: "featured", label: "Featured", hint: "Those that the owner of this server shows first" },
];

export function UniversePage() {
  const [query, setQuery] = useState("");
  const [which, setWhich] = useState<Which>("all");
  const pages = useInfiniteQuery({
    queryKey: ["universe", query, which],
    queryFn: ({ pageParam }) => searchUniverse(query, which === "featured", pageParam),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const seen = all.reduce((sum, page) => sum + page.projects.length, 0);
      return last.projects.length > 0 && seen < last.total ? seen : null;
    },
    placeholderData: (before) => before,
  });
  const found = pages.data?.pages.flatMap((page) => page.projects) ?? [];
  const total = pages.data?.pages[0]?.total ?? 0;
  return (
    <>
      <div className={shared["head"]}>
        <div>
          <h1>Universe</h1>
          <p className={shared["hint"]}>
            Projects that somebody on this server has made public: look at them, try their models, clone them.
          </p>
        </div>
      </div>
      <SearchForm
        placeholder="name, class or workspace"
        maxLength={300}
        tone="primary"
        onSearch={setQuery}
        clearsAtOnce
      >
        <Choice label="Which projects" value={which} options={WHICH} onChange={setWhich} />
        <span className={shared["hint"]} role="status">
          {pages.isPending ? "…" : `${formatCount(total)} public ${total === 1 ? "project" : "projects"}`}
        </span>
      </SearchForm>
      {pages.error && <Notice tone="bad" title={pages.error.message} />}
      {pages.data && found.length === 0 && <Nothing isSearch={query !== "" || which === "featured"} />}
      <ul className={cards["cards"]}>
        {found.map((one) => (
          <li key={`${one.owner}/${one.project.slug}`}>
            <PublicCard found={one} />
          </li>
        ))}
      </ul>
      <MoreButton pages={pages} left={total - found.length} />
    </>
  );
}

function Nothing({ isSearch }: { isSearch: boolean }) {
  return (
    <Card label="No public projects">
      <Empty title={isSearch ? "No public project fits" : "Nobody has made a project public yet"}>
        <p>
          {isSearch
            ? "Every word has to be in the name, the description, a class or the workspace. Try fewer words."
            : "Any project can be made public in its settings; give it a licence, so that others know what they may do."}
        </p>
      </Empty>
    </Card>
  );
}

function PublicCard({ found }: { found: PublicProject }) {
  const { owner, owner_name, project, cover } = found;
  return (
    <a className={cards["card"]} href={`#${publicPath(owner, project.slug)}`} data-testid="public-project">
      {cover && <img src={publicImageUrl(owner, project.slug, cover, "thumbnail")} alt="" loading="lazy" />}
      <strong>{project.name}</strong>
      <span className={shared["hint"]}>
        {owner_name} · {formatCount(project.in_dataset)} images · {formatCount(project.classes.length)} classes
      </span>
      <span className={cards["chips"]}>
        {project.is_featured && <span data-tone="good">featured</span>}
        <span>{project.license || "no licence"}</span>
        {project.classes.slice(0, 5).map((one) => (
          <span key={one.class_id}>{one.name}</span>
        ))}
      </span>
    </a>
  );
}
