/** What the graph means: the verdict in plain words, then the findings, each with its evidence one click below. */
import type { ReactNode } from "react";
import { memo } from "react";
import { formatValue } from "../ui/format";
import type { Finding, GraphDocument } from "./document";
import styles from "./Reading.module.css";
import { describeLive, describeVerdict } from "./verdicts";

const SIGNS = { good: "✓", warn: "!", bad: "✕", info: "i" };
const SEVERITIES = { error: "Problem", warning: "Warning", info: "Note" };

export function Verdict({ verdict, isLive, children }: { verdict: string; isLive: boolean; children?: ReactNode }) {
  const { title, sentence, tone } = isLive ? describeLive(verdict) : describeVerdict(verdict);
  return (
    <div className={styles["verdict"]} data-tone={tone} data-testid="verdict">
      <span className={styles["sign"]} aria-hidden="true">
        {SIGNS[tone]}
      </span>
      <div>
        <h2>{title}</h2>
        <p>{sentence}</p>
        {children}
      </div>
    </div>
  );
}

export const Findings = memo(function Findings({ doc }: { doc: GraphDocument }) {
  if (doc.findings.length === 0) return null;
  return (
    <div>
      <h3 className={styles["heading"]}>
        {doc.findings.length === 1 ? "One finding" : `${doc.findings.length} findings`}
      </h3>
      {doc.first_epoch === 0 && (
        <p className={styles["count"]}>
          The findings count epochs as the log does, from 0: epoch 5 here is epoch 6 in the graph.
        </p>
      )}
      <ul className={styles["findings"]}>
        {doc.findings.map((finding, i) => (
          <li key={`${finding.id}-${i}`}>
            <FindingItem finding={finding} />
          </li>
        ))}
      </ul>
    </div>
  );
});

function FindingItem({ finding }: { finding: Finding }) {
  return (
    <details className={styles["finding"]} data-severity={finding.severity}>
      <summary>
        <span className={styles["severity"]}>{SEVERITIES[finding.severity] ?? "Note"}</span>
        <span>{finding.message}</span>
      </summary>
      <div className={styles["evidence"]}>
        {finding.remedy && (
          <p>
            <strong>What to do:</strong> {finding.remedy}
          </p>
        )}
        {finding.command && <code className={styles["command"]}>{finding.command}</code>}
        <table>
          <tbody>
            {finding.epochs.length > 0 && <Row name="epochs" value={epochRange(finding.epochs)} />}
            {Object.entries(finding.evidence).map(([name, value]) => (
              <Row key={name} name={name.replaceAll("_", " ")} value={evidenceText(value)} />
            ))}
            <Row name="how sure" value={`${Math.round(finding.confidence * 100)} %`} />
            <Row name="rule" value={finding.rule ?? finding.id} />
            {finding.source && <Row name="source" value={finding.source} />}
            {finding.would_change && <Row name="what would change this" value={finding.would_change} />}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{value}</td>
    </tr>
  );
}

function epochRange(epochs: number[]): string {
  const [first = 0, last = first] = [epochs[0], epochs.at(-1)];
  return first === last ? String(first) : `${first} to ${last}`;
}

function evidenceText(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : formatValue(value);
  if (Array.isArray(value)) return value.map(evidenceText).join(", ");
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
