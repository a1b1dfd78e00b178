/** The request of the page as code. */
import { useState } from "react";
import { Button, Card, Choice } from "../ui/controls";
import styles from "./Deploy.module.css";
import type { Language } from "./snippets";
import { LANGUAGE_NAMES, LANGUAGES, snippet } from "./snippets";
import shared from "../ui/shared.module.css";

interface Props {
  workspace: string;
  model: string;
  confidence: number;
  overlap: number;
}

export function CodeCard({ workspace, model, confidence, overlap }: Props) {
  const [language, setLanguage] = useState<Language>("curl");
  const address = new URL(".", document.baseURI).href.replace(/\/$/, "");
  const text = snippet(language, { address, workspace, model, confidence, overlap });
  return (
    <Card label="Code">
      <h2>Ask it from code</h2>
      <div className={styles["foundHead"]}>
        <Choice
          label="Language"
          value={language}
          options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
          onChange={setLanguage}
        />
        <Button tone="quiet" onClick={() => void navigator.clipboard.writeText(text)}>
          Copy
        </Button>
      </div>
      <pre className={shared["code"]} tabIndex={0}>
        {text}
      </pre>
      <p className={shared["hint"]}>
        KEY is an API key with the scope “infer”; whoever manages the workspace{" "}
        <a href={`#/workspaces/${encodeURIComponent(workspace)}`}>makes one there</a>.
      </p>
    </Card>
  );
}
