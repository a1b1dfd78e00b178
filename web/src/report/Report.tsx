/** The report page: one run, or several to choose from, without a server. */
import { useMemo, useState } from "react";
import { readComparison } from "../compare/comparison";
import { ComparisonSections } from "../compare/ComparisonSections";
import type { GraphDocument, ReportContent } from "../graphs/document";
import { RunSections } from "../graphs/RunSections";
import { useAddress } from "../graphs/useAddress";
import { Card, Choice } from "../ui/controls";
import { ThemeSwitch } from "../ui/ThemeSwitch";
import styles from "./Report.module.css";

export function Report({ content }: { content: ReportContent }) {
  const { address, setView } = useAddress();
  const { view } = address;
  const run = Math.min(view.run, content.documents.length - 1);
  const doc = content.documents[run];
  const [theme] = useState(() => <ThemeSwitch />);
  const { documents } = content;
  const isCompared = documents.length > 1;
  const comparison = useMemo(() => readComparison(content.comparison), [content]);
  if (!doc) return <p className={styles["empty"]}>This report holds no run.</p>;
  return (
    <main className={styles["page"]}>
      <header className={styles["header"]}>
        <div>
          <h1>{isCompared ? comparedTitle(documents) : doc.name}</h1>
          {!isCompared && <p>{sourceText(doc)}</p>}
        </div>
        {theme}
      </header>
      {isCompared && (
        <>
          <ComparisonSections documents={documents} comparison={comparison} view={view} onView={setView} />
          <div className={styles["one"]}>
            <h2>One run in full</h2>
            <Choice
              label="Run"
              value={String(run)}
              options={documents.map((one, i) => ({ value: String(i), label: one.name }))}
              onChange={(value) => setView({ run: Number(value), zoom: null, classes: null })}
            />
            <p>{sourceText(doc)}</p>
          </div>
        </>
      )}
      {doc.epochs.length > 0 ? (
        <RunSections key={run} doc={doc} isLive={false} view={view} onView={setView} />
      ) : (
        <Card label="No epochs">
          <h2>No epoch is finished yet</h2>
          <p>The log holds no rows. Draw it again when the first epoch is done.</p>
        </Card>
      )}
      <footer className={styles["footer"]}>
        Made by Epochal. This page is one file and asks for nothing from the network.
      </footer>
    </main>
  );
}

function comparedTitle(documents: GraphDocument[]): string {
  return documents.length === 2 ? documents.map((doc) => doc.name).join(" and ") : `${documents.length} runs compared`;
}

function sourceText(doc: GraphDocument): string {
  const { dataset, source } = doc;
  const data = dataset?.images ? `${dataset.images} images, ${dataset.classes?.length ?? "?"} classes` : null;
  return [data, source.format === "epochal" ? null : `read from ${source.format} log`, source.path]
    .filter(Boolean)
    .join(" · ");
}
