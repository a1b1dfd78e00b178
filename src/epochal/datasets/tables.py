"""The tables of projects: a project is a dataset with its classes, in a workspace."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from epochal.storage.tables import JsonObject, Table


class ProjectRow(Table):
    """A dataset that grows, with its classes; its slug is unique in its workspace."""

    __tablename__ = "projects"
    __table_args__ = (UniqueConstraint("workspace_id", "slug"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    slug: Mapped[str]
    name: Mapped[str]
    annotation_group: Mapped[str]  # what is being annotated, such as "cells"
    license: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(index=True)
    is_featured: Mapped[bool] = mapped_column(default=False)
    cloned_from: Mapped[JsonObject | None]  # {workspace, project, license}: provenance of a clone
    created_at: Mapped[float]
    updated_at: Mapped[float]
    deleted_at: Mapped[float | None]  # in the trash since then; gone after 30 days


class ClassRow(Table):
    """A class of a project; ids are dense from 0 and never given again."""

    __tablename__ = "classes"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    class_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    color: Mapped[str]  # #rrggbb


class BatchRow(Table):
    """Images that arrived together; its name is unique in its project."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("project_id", "name"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    source: Mapped[str]  # upload, active_learning, clone
    created_at: Mapped[float]


class ImageRow(Table):
    """A picture in a project, once for the same bytes."""

    __tablename__ = "images"
    __table_args__ = (
        UniqueConstraint("project_id", "sha256"),
        Index(None, "project_id", "deleted_at", "created_at"),
        Index(None, "batch_id"),
        Index(None, "job_id"),
        Index(None, "sha256"),
        Index(None, "thumbnail_sha256"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    sha256: Mapped[str]  # of the file's bytes: its blob
    thumbnail_sha256: Mapped[str | None]
    name: Mapped[str]  # as uploaded; display text, never a path
    media_type: Mapped[str]
    width_px: Mapped[int]  # as displayed (EXIF orientation applied)
    height_px: Mapped[int]
    size_bytes: Mapped[int]
    perceptual_hash: Mapped[str | None]
    split: Mapped[str | None]  # train, val, test; None: not said
    in_dataset: Mapped[bool]  # False: still in its batch
    is_labelled: Mapped[bool]  # True without boxes: background (null)
    review: Mapped[str] = mapped_column(default="unannotated")  # unannotated, annotated, approved, rejected
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id", ondelete="SET NULL"))
    job_id: Mapped[str | None] = mapped_column(ForeignKey("annotation_jobs.id", ondelete="SET NULL"))
    user_metadata: Mapped[JsonObject]
    source: Mapped[str]  # upload, url, active_learning, clone
    created_at: Mapped[float]
    updated_at: Mapped[float]
    deleted_at: Mapped[float | None]


class ImageTagRow(Table):
    """A tag on an image."""

    __tablename__ = "image_tags"
    image_id: Mapped[str] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True, index=True)


class AnnotationRow(Table):
    """A box on an image, in pixels of the displayed image."""

    __tablename__ = "annotations"
    __table_args__ = (Index(None, "project_id", "class_id"),)
    image_id: Mapped[str] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # order on its image, from 0
    project_id: Mapped[str]
    class_id: Mapped[int]
    x_min: Mapped[float]
    y_min: Mapped[float]
    x_max: Mapped[float]
    y_max: Mapped[float]
    is_crowd: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str]  # person, model
    is_draft: Mapped[bool] = mapped_column(default=False)  # a model's proposal that nobody has looked at
    confidence: Mapped[float | None]


class AnnotationJobRow(Table):
    """A part of a batch that is given to somebody to label."""

    __tablename__ = "annotation_jobs"
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id", ondelete="SET NULL"))
    name: Mapped[str]
    status: Mapped[str]  # unassigned, assigned, review, complete
    labeler: Mapped[str]
    reviewer: Mapped[str]
    instructions: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[float]


class TaskRow(Table):
    """Work on a project or workspace that outlives its request: a zip unpacked, many images changed, a clone made."""

    __tablename__ = "tasks"
    id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    kind: Mapped[str]  # zip, metadata, search_export, clone, model_export
    state: Mapped[str] = mapped_column(index=True)  # waiting (for a file), pending, running, completed, failed
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    request: Mapped[JsonObject]
    result: Mapped[JsonObject | None]
    message: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str]
    created_at: Mapped[float]
    updated_at: Mapped[float]
