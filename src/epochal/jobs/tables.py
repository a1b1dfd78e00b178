"""The tables of trainings, what they report, and the models that they make."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from epochal.storage.tables import JsonObject, Table


class TrainingRow(Table):
    """One training of a version, and its place in the queue.

    Every write of a worker carries its attempt; one of an old attempt is refused.
    """

    __tablename__ = "trainings"
    __table_args__ = (Index(None, "state", "queued_at"), Index(None, "workspace_id", "queued_at"))
    id: Mapped[str] = mapped_column(primary_key=True)  # also the name of its run folder
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    state: Mapped[str]  # queued, starting, running, stopping, finished, stopped, failed, cancelled, stalled
    model_type: Mapped[str]
    request: Mapped[JsonObject]  # epochs, image size, seed, start weights, recipe: as asked for
    limits: Mapped[JsonObject]  # {max_s, max_memory_bytes}
    webhook_url: Mapped[str | None]
    payment: Mapped[int] = mapped_column(default=1)  # which of its charges is the running one; a refund ends one
    attempt: Mapped[int] = mapped_column(default=0)  # 0: never started
    max_attempts: Mapped[int] = mapped_column(default=3)
    worker_key_sha256: Mapped[str | None]  # what the worker of this attempt proves itself with
    launcher: Mapped[str | None]
    engine_ref: Mapped[JsonObject | None]  # how the launcher finds it again, such as {pid, started_at}
    lease_expires_at: Mapped[float | None]
    stop_wish: Mapped[str | None]  # stop (after the epoch, keeps weights), cancel (drops them)
    epoch: Mapped[int] = mapped_column(default=0)  # the last complete one
    epochs: Mapped[int | None]
    best: Mapped[JsonObject | None]
    verdict: Mapped[str | None]
    message: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    queued_at: Mapped[float]
    started_at: Mapped[float | None]
    ended_at: Mapped[float | None]
    deleted_at: Mapped[float | None]


class WebhookMessageRow(Table):
    """Something that the address of a training is to be told; gone when it was taken, or given up."""

    __tablename__ = "webhook_messages"
    id: Mapped[str] = mapped_column(primary_key=True)
    training_id: Mapped[str] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"), index=True)
    event: Mapped[str]
    told: Mapped[JsonObject]  # how the training was when it happened
    happened_at: Mapped[float]
    due_at: Mapped[float] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)


class JournalLineRow(Table):
    """One line of a run's journal, in its order; the journal of a training that a worker elsewhere writes arrives here.

    `number` counts the lines of the file from 0, so a batch that is sent twice is kept once.
    """

    __tablename__ = "journal_lines"
    training_id: Mapped[str] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    line: Mapped[str]  # JSON, without the line's end


class ModelRow(Table):
    """Weights that a training made or somebody uploaded. `files` names blobs: {"best.onnx": sha256, …}."""

    __tablename__ = "models"
    __table_args__ = (Index(None, "project_id", "created_at"), UniqueConstraint("workspace_id", "slug"))
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    version_id: Mapped[str | None] = mapped_column(ForeignKey("versions.id", ondelete="SET NULL"), index=True)
    training_id: Mapped[str | None] = mapped_column(ForeignKey("trainings.id", ondelete="SET NULL"), unique=True)
    slug: Mapped[str]  # unique in the workspace, deleted ones too
    name: Mapped[str]
    model_type: Mapped[str]
    can_run: Mapped[bool]  # False: kept and listed, of a kind that cannot be run here
    message: Mapped[str] = mapped_column(default="")
    files: Mapped[JsonObject]
    classes: Mapped[list[object]]
    image_size_px: Mapped[int | None]
    is_chosen: Mapped[bool] = mapped_column(default=False)  # answers for its version in the place of the newest
    metrics: Mapped[JsonObject]  # mAP_0.5, mAP_0.5:0.95, precision, recall, confidence
    created_at: Mapped[float]
    deleted_at: Mapped[float | None]


class ModelUploadRow(Table):
    """Leave to upload weights once; what they are for was said when it was asked for."""

    __tablename__ = "model_uploads"
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    project_ids: Mapped[list[object]]
    version_id: Mapped[str | None] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    name: Mapped[str]
    model_type: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[float]
    used_at: Mapped[float | None]
