"""Find images of a project or of a whole workspace, a page at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from epochal.datasets.images import ProjectImage, read_images
from epochal.datasets.query_language import Condition, has_class, has_tag, in_split, parse_query
from epochal.datasets.tables import ImageRow, ProjectRow
from epochal.errors import BadInput

PAGE_MAX = 10_000


@dataclass(frozen=True)
class ImageFilter:
    """What images must be; None: as they are.

    Attributes:
        query: in the language of `query_language.py`.
        in_batch: whether it waits in a batch, outside the dataset.
        in_job: whether it is in an annotation job.
    """

    query: str | None = None
    tag: str | None = None
    class_name: str | None = None
    split: str | None = None
    in_dataset: bool | None = None
    is_labelled: bool | None = None
    batch_id: str | None = None
    in_batch: bool | None = None
    job_id: str | None = None
    in_job: bool | None = None

    def condition(self) -> Condition:
        """As a condition on `ImageRow`, joined with its `ProjectRow`. Raises BadInput."""
        said: tuple[tuple[object, Callable[[Any], Condition]], ...] = (
            (self.query or None, parse_query),
            (self.tag, has_tag),
            (self.class_name, has_class),
            (self.split, in_split),
            (self.in_dataset, ImageRow.in_dataset.is_),
            (self.is_labelled, ImageRow.is_labelled.is_),
            (self.batch_id, lambda value: ImageRow.batch_id == value),
            (self.in_batch, lambda value: ImageRow.in_dataset.is_(not value)),
            (self.job_id, lambda value: ImageRow.job_id == value),
            (self.in_job, lambda value: ImageRow.job_id.is_not(None) if value else ImageRow.job_id.is_(None)),
        )
        return and_(true(), *(make(value) for value, make in said if value is not None))


@dataclass(frozen=True)
class FoundImages:
    """A page of images, the newest first; `total` is of all pages, `cursor` where the next begins (None: no more)."""

    images: list[ProjectImage]
    total: int
    cursor: str | None


def search_project(
    session: Session,
    project_id: str,
    wanted: ImageFilter,
    *,
    limit: int = 100,
    offset: int = 0,
    cursor: str | None = None,
) -> FoundImages:
    """Images of a project, a page.

    Raises:
        BadInput: the query or cursor cannot be read.
    """
    return _page(session, (ImageRow.project_id == project_id) & wanted.condition(), limit, offset, cursor)


def find_neighbours(
    session: Session, project_id: str, image: ProjectImage, wanted: ImageFilter
) -> tuple[str | None, str | None]:
    """The ids of the images before and behind one in the order of `search_project`; None at its ends.

    The image itself need not fulfil the filter: one that was labelled just now stays between those that were not.
    """
    live = (ImageRow.project_id == project_id) & wanted.condition() & ImageRow.deleted_at.is_(None)
    joined = select(ImageRow.id).join(ProjectRow, ProjectRow.id == ImageRow.project_id).where(live).limit(1)
    newer = joined.where(_is_before(image.created_at, image.id)).order_by(ImageRow.created_at, ImageRow.id.desc())
    older = joined.where(_is_behind(image.created_at, image.id)).order_by(ImageRow.created_at.desc(), ImageRow.id)
    return session.scalar(newer), session.scalar(older)


def find_covers(session: Session, project_ids: Sequence[str]) -> dict[str, str]:
    """{project: an image of its dataset, always the same one}; projects whose dataset is empty are left out."""
    live = ImageRow.project_id.in_(project_ids) & ImageRow.deleted_at.is_(None) & ImageRow.in_dataset
    query = select(ImageRow.project_id, func.min(ImageRow.id)).where(live).group_by(ImageRow.project_id)
    return {row[0]: row[1] for row in session.execute(query)}


def search_workspace(
    session: Session, workspace_id: str, query: str, *, limit: int = 100, cursor: str | None = None
) -> FoundImages:
    """Images of all projects of a workspace, a page. Raises BadInput."""
    return _page(session, (ProjectRow.workspace_id == workspace_id) & parse_query(query), limit, 0, cursor)


def _page(session: Session, condition: Condition, limit: int, offset: int, cursor: str | None) -> FoundImages:
    if not 0 <= limit <= PAGE_MAX or offset < 0:
        raise BadInput(
            f"Expected a page of 0 to {PAGE_MAX:,} images from an offset of 0 on; got {limit} from {offset}."
        )
    live = condition & ImageRow.deleted_at.is_(None) & ProjectRow.deleted_at.is_(None)
    joined = select(ImageRow).join(ProjectRow, ProjectRow.id == ImageRow.project_id).where(live)
    total = session.scalar(
        select(func.count()).select_from(ImageRow).join(ProjectRow, ProjectRow.id == ImageRow.project_id).where(live)
    )
    query = joined.order_by(ImageRow.created_at.desc(), ImageRow.id).offset(offset).limit(limit + 1)
    if cursor:
        created_at, image_id = _parse_cursor(cursor)
        query = query.where(_is_behind(created_at, image_id))
    rows = session.scalars(query).all()
    last = rows[limit - 1] if len(rows) > limit > 0 else None
    following = f"{last.created_at!r}_{last.id}" if last is not None else None
    return FoundImages(read_images(session, rows[:limit]), total or 0, following)


def _is_behind(created_at: float, image_id: str) -> Condition:
    return or_(ImageRow.created_at < created_at, and_(ImageRow.created_at == created_at, ImageRow.id > image_id))


def _is_before(created_at: float, image_id: str) -> Condition:
    return or_(ImageRow.created_at > created_at, and_(ImageRow.created_at == created_at, ImageRow.id < image_id))


def _parse_cursor(cursor: str) -> tuple[float, str]:
    created_at, _, image_id = cursor.partition("_")
    try:
        return float(created_at), image_id
    except ValueError:
        raise BadInput(f"{cursor[:60]!r} is no cursor; send the one that the page before gave, or none.") from None
