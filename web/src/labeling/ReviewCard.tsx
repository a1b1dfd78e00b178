/** Many drafts at once: taken from a confidence on, or refused. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Batch } from "../projects/api";
import { Button, Card } from "../ui/controls";
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
      <form
        className={shared["section"]}
        onSubmit={(event) => {
          event.preventDefault();
          review.mutate("accept");
        }}
      >
        <h2>Take or refuse drafts</h2>
        <p className={shared["hint"]}>
          Taking makes labels of the drafts that are sure enough, refuses the others, and counts their images as
          labelled; an image of which no draft is sure enough stays unlabelled. Look at some of them first.
        </p>
        <div className={shared["fields"]}>
          <label>
            Drafts of
            <select className={shared["input"]} value={batch} onChange={(event) => setBatch(event.target.value)}>
              <option value="">all images</option>
              {batches.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
          <label>
            Sure from, %
            <input
              className={shared["input"]}
              type="number"
              min={0}
              max={100}
              step="any"
              required
              value={percent}
              onChange={(event) => setPercent(event.target.value)}
            />
          </label>
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
      </form>
    </Card>
  );
}
