/** The rules by which a project keeps images of inference. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Card, Toggle } from "../ui/controls";
import { Form } from "../ui/Form";
import { formatCount } from "../ui/format";
import { Notice } from "../ui/Notice";
import type { ActiveLearning } from "./api";
import { getRules, saveRules } from "./api";
import styles from "./Deploy.module.css";
import { keepingOf, withKeeping } from "./keeping";
import { KeepingFields } from "./KeepingFields";
import { RuleFields } from "./RuleFields";
import type { RuleForm } from "./rules";
import { KIND_NAMES, KINDS, newRule, rulesOf, withRules } from "./rules";
import shared from "../ui/shared.module.css";

const RENEW_MS = 10_000; // For the counts; what is being typed stays.

export function RulesCard({ workspace, project }: { workspace: string; project: string }) {
  const rules = useQuery({
    queryKey: ["rules", workspace, project],
    queryFn: () => getRules(workspace, project),
    refetchInterval: RENEW_MS,
  });
  return (
    <Card label="Active learning">
      <h2>Learn from what it sees</h2>
      <p className={shared["hint"]}>
        Every picture that a model of this project is asked about over the API is looked at by these rules. Those that a
        rule chooses arrive in a batch of this project, to be labelled and trained on. The first rule that fits and is
        within its limits keeps an image; one that is known already is not kept twice. Trying a model on this page keeps
        nothing.
      </p>
      {rules.error && <Notice tone="bad" title={rules.error.message} />}
      {rules.data && <RulesForm workspace={workspace} project={project} known={rules.data} />}
    </Card>
  );
}

function RulesForm({ workspace, project, known }: { workspace: string; project: string; known: ActiveLearning }) {
  const client = useQueryClient();
  const [isEnabled, setEnabled] = useState(known.config["enabled"] === true);
  const [rules, setRules] = useState<RuleForm[]>(() => rulesOf(known.config));
  const [keeping, setKeeping] = useState(() => keepingOf(known.config));
  const saving = useMutation({
    mutationFn: () => saveRules(workspace, project, withKeeping(withRules(known.config, isEnabled, rules), keeping)),
    onSuccess: (saved) => client.setQueryData(["rules", workspace, project], saved),
  });
  const change = (index: number, rule: RuleForm): void => setRules(rules.map((one, i) => (i === index ? rule : one)));
  return (
    <Form className={styles["rules"]} onSubmit={() => saving.mutate()}>
      <div className={styles["foundHead"]}>
        <Toggle on={isEnabled} onChange={setEnabled}>
          Keep images
        </Toggle>
        <span className={shared["hint"]}>
          {isEnabled ? describeKept(known.since_start) : "Switched off: nothing is kept."}
        </span>
      </div>
      {rules.map((rule, index) => (
        <RuleFields
          key={rule.name}
          rule={rule}
          kept={known.kept[rule.name]}
          onChange={(changed) => change(index, changed)}
          onRemove={() => setRules(rules.filter((_, i) => i !== index))}
        />
      ))}
      <div className={styles["foundHead"]}>
        {KINDS.map((kind) => (
          <Button
            key={kind}
            onClick={() => {
              // Whoever makes the first rule wants images to be kept; who switched that off has rules already.
              if (rules.length === 0) setEnabled(true);
              setRules([
                ...rules,
                newRule(
                  kind,
                  rules.map((one) => one.name),
                ),
              ]);
            }}
          >
            + {KIND_NAMES[kind]}
          </Button>
        ))}
      </div>
      <KeepingFields value={keeping} onChange={setKeeping} />
      {saving.error && <Notice tone="bad" title={saving.error.message} />}
      <div className={styles["foundHead"]}>
        <Button type="submit" tone="primary" disabled={saving.isPending}>
          Save rules
        </Button>
        {saving.isSuccess && (
          <span role="status">
            {saving.data.config["enabled"] === true
              ? "Saved."
              : "Saved; nothing is kept until that is switched on above."}
          </span>
        )}
      </div>
    </Form>
  );
}

function describeKept(counts: Record<string, number>): string {
  const words: Record<string, string> = {
    kept: "kept",
    duplicate: "known already",
    over_limit: "over a limit",
    batch_full: "batch full",
    dropped: "dropped",
    failed: "failed",
  };
  const told = Object.entries(counts).map(([key, count]) => `${formatCount(count)} ${words[key] ?? key}`);
  return told.length > 0 ? `Since the server began: ${told.join(", ")}.` : "";
}
