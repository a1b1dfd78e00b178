/** Many drafts at once: taken from a confidence on, or refused. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Batch } from "../projects/api";
import { Button, Card } from "../ui/controls";
import { PercentField, SelectField } from "../ui/fields";
import { Form } from "../ui/Form";
import { formatCount } from "../ui/format";
import { Notice } from "../ui/Notice";
import shared from "../ui/shared.module.css";
import { reviewDrafts } from "./api";

interface Props {
  workspace: string;
  project: string;
  batches: Batch[];
  onReviewed: () => void;
}

export function ReviewCard({ workspace, project, batches, onReviewed }: Props) {
  const [batch, setBatch] = useState("");
  const [percent, setPercent] = useState("80");
  const [joins, setJoins] = useState(true);
  const review = useMutation({
    mutationFn: (decision: "accept" | "reject") =>
      reviewDrafts(workspace, project, {
        decision,
        batch: batch || null,
        least_confidence: decision === "accept" ? Number(percent) / 100 : 0,
        joins_dataset: joins,
      }),
    onSuccess: onReviewed,
  });
  return (
    <Card label="Review of drafts">
      <Form onSubmit={() => review.mutate("accept")}>
        <h2>Take or refuse drafts</h2>
        <p className={shared["hint"]}>
          Taking makes labels of the drafts that are sure enough, refuses the others, and counts their images as
          labelled; an image of which no draft is sure enough stays unlabelled. Look at some of them first.
        </p>
        <div className={shared["fields"]}>
          <SelectField
            label="Drafts of"
            value={batch}
            options={[["", "all images"], ...batches.map((one) => [one.id, one.name] as const)]}
            onChange={setBatch}
          />
          <PercentField label="Sure from, %" value={percent} onChange={setPercent} />
          <label className={shared["check"]}>
            <input type="checkbox" checked={joins} onChange={(event) => setJoins(event.target.checked)} />
            Their images join the dataset
          </label>
        </div>
        {review.error && <Notice tone="bad" title={review.error.message} />}
        <div className={shared["buttons"]}>
          <Button type="submit" tone="primary" disabled={review.isPending}>
            Take them
          </Button>
          <Button tone="danger" disabled={review.isPending} onClick={() => review.mutate("reject")}>
            Refuse them all
          </Button>
          {review.data && (
            <span role="status">
              {formatCount(review.data.accepted)} taken, {formatCount(review.data.rejected)} refused, on{" "}
              {formatCount(review.data.images)} images.
            </span>
          )}
        </div>
      </Form>
    </Card>
  );
}
