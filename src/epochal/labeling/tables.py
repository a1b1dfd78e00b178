"""The tables of labelling with a model's help."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from epochal.storage.tables import JsonObject, Table


class AssistRow(Table):
    """A model that proposes boxes for unlabelled images of a project."""

    __tablename__ = "assists"
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))  # None: all batches
    choice: Mapped[JsonObject]  # confidence, overlap, thresholds, classes: as asked for
    state: Mapped[str]  # running, finished, failed, cancelled
    message: Mapped[str] = mapped_column(default="")
    images: Mapped[int]  # to be looked at
    done: Mapped[int] = mapped_column(default=0)
    boxes: Mapped[int] = mapped_column(default=0)
    after_image_id: Mapped[str] = mapped_column(default="")  # up to here all is done
    created_by: Mapped[str]
    created_at: Mapped[float]
    ended_at: Mapped[float | None]
