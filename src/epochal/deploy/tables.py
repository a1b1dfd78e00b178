"""The tables of models at work: what was asked of them, and the rules by which images come back."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from epochal.storage.tables import JsonObject, Table


class InferenceCountRow(Table):
    """What one model did in one minute; percentiles are made of the buckets."""

    __tablename__ = "inference_counts"
    model_id: Mapped[str] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"), primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True)  # minutes since 1970
    requests: Mapped[int]
    errors: Mapped[int]
    images: Mapped[int]
    detections: Mapped[int]
    confidence_sum: Mapped[float]
    latency_ms_sum: Mapped[float]
    latency_buckets: Mapped[JsonObject]  # {upper bound in ms: count}
    classes: Mapped[JsonObject]  # {class_name: detections}


class ActiveLearningRow(Table):
    """The rules of a project by which images of inference are kept."""

    __tablename__ = "active_learning"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    config: Mapped[JsonObject]
    updated_at: Mapped[float]


class ActiveLearningCountRow(Table):
    """How many images a rule kept in a span of time, for its limits."""

    __tablename__ = "active_learning_counts"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(primary_key=True)  # minutely:…, hourly:…, daily:…
    kept: Mapped[int]
