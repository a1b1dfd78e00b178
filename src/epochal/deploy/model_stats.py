"""What models did in a span of time, for people: how often, how fast, how sure, what."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from epochal.deploy.latency import percentile_ms
from epochal.deploy.monitoring import Counts, counts_of
from epochal.deploy.tables import InferenceCountRow


@dataclass(frozen=True)
class Stats:
    """A sum of counts. Means and percentiles are None when there is nothing to take them of.

    Attributes:
        requests: answered or refused.
        errors: of them, those that failed.
        images: looked at.
        detections: found on them.
        confidence: mean of all detections, 0–1.
        latency_ms: mean of the answered requests.
        latency_p50_ms: half of them were faster; p95 and p99 accordingly.
        classes: {class_name: detections}.
    """

    requests: int
    errors: int
    images: int
    detections: int
    confidence: float | None
    latency_ms: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None
    classes: dict[str, int]


@dataclass(frozen=True)
class Span:
    """The stats of one part of the time: from `start` (seconds since 1970) on."""

    start: int
    stats: Stats


def summarize(counts: Counts) -> Stats:
    """Counts as stats."""
    answered = counts.requests - counts.errors
    return Stats(
        requests=counts.requests,
        errors=counts.errors,
        images=counts.images,
        detections=counts.detections,
        confidence=counts.confidence_sum / counts.detections if counts.detections else None,
        latency_ms=counts.latency_ms_sum / answered if answered else None,
        latency_p50_ms=percentile_ms(counts.latency_buckets, 0.5),
        latency_p95_ms=percentile_ms(counts.latency_buckets, 0.95),
        latency_p99_ms=percentile_ms(counts.latency_buckets, 0.99),
        classes=dict(counts.classes.most_common()),
    )


def read_stats(
    session: Session, model_ids: Sequence[str], *, since: float, until: float, spans: int = 60
) -> tuple[dict[str, Stats], list[Span]]:
    """What models did between two times (seconds since 1970).

    Args:
        session: of the database.
        model_ids: of a workspace; the caller has made sure of that.
        since: the minute that it lies in counts whole.
        until: likewise.
        spans: the time is divided into at most so many parts, of whole minutes.

    Returns:
        The stats of every model that was asked anything, and those of all together by part of the time.
    """
    first, last = int(since // 60), int(until // 60)
    step = max(1, -(-(last - first + 1) // spans))
    by_model: dict[str, Counts] = {}
    by_span = [Counts() for _ in range(first, last + 1, step)]
    rows = select(InferenceCountRow).where(
        InferenceCountRow.model_id.in_(model_ids), InferenceCountRow.minute.between(first, last)
    )
    for row in session.scalars(rows):
        counts = counts_of(row)
        model = by_model.setdefault(row.model_id, Counts())
        model += counts
        by_span[(row.minute - first) // step] += counts
    parts = [Span((first + index * step) * 60, summarize(counts)) for index, counts in enumerate(by_span)]
    return {model_id: summarize(counts) for model_id, counts in by_model.items()}, parts
