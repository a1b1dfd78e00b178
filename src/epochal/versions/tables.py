"""The tables of versions of projects. What is in a version is never changed."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from epochal.storage.tables import JsonObject, Table


class VersionRow(Table):
    """A frozen dataset, numbered from 1 in its project; a number is never given again."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("project_id", "number"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str]
    settings: Mapped[JsonObject]  # as asked for: preprocessing, augmentation, split, seed
    state: Mapped[str]  # generating, ready, failed, cancelled
    progress: Mapped[float]  # 0–1
    message: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str | None]
    images: Mapped[int] = mapped_column(default=0)
    splits: Mapped[JsonObject]  # {split: {images, annotations}}
    classes: Mapped[list[object]]
    archive_sha256: Mapped[str | None]  # the whole version as a COCO zip: what a worker elsewhere fetches
    created_at: Mapped[float]
    deleted_at: Mapped[float | None]


class VersionExportRow(Table):
    """A version as a zip in one format."""

    __tablename__ = "version_exports"
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]  # running, ready, failed
    progress: Mapped[float]
    message: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str | None]
    size_bytes: Mapped[int | None]
    server_url: Mapped[str] = mapped_column(default="")  # of who asked first; what the zip says it is from
    created_at: Mapped[float]
