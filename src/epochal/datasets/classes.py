"""The classes of a project and their colours. A class comes into being when it is first used; ids are never reused."""

import colorsys
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from epochal.datasets.tables import AnnotationRow, ClassRow, ImageRow
from epochal.errors import BadInput, Conflict, NotFound
from epochal.storage.inserting import insert_new

CLASS_NAME_LENGTH = 200
CLASSES_MAX = 10_000
# Bright and far from each other on both light and dark; later classes go round the wheel by the golden angle.
_PALETTE = (
    "#c7fc00", "#8622ff", "#fe0056", "#00ffce", "#ff8000", "#00b7eb", "#ffff00", "#0e7afe", "#ffabab", "#cccccc",
    "#ff00ff", "#30d158", "#a52a2a", "#5856d6", "#ffd60a", "#64d2ff",
)  # fmt: skip
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class ProjectClass:
    """A class of a project; `color` is #rrggbb."""

    class_id: int
    name: str
    color: str


def list_classes(session: Session, project_id: str) -> list[ProjectClass]:
    """All classes, by id; ids are dense from 0."""
    rows = session.scalars(select(ClassRow).where(ClassRow.project_id == project_id).order_by(ClassRow.class_id))
    return [ProjectClass(row.class_id, row.name, row.color) for row in rows]


def ensure_classes(session: Session, project_id: str, names: Iterable[str]) -> dict[str, int]:
    """The id of each class by its name; those that are not there yet are made, in the order given.

    Raises:
        BadInput: a name is empty, longer than 200 letters, or there are too many classes.
    """
    wanted = list(dict.fromkeys(_checked_name(name) for name in names))
    while True:
        found = {one.name: one.class_id for one in list_classes(session, project_id)}
        missing = [name for name in wanted if name not in found]
        if not missing:
            return {name: found[name] for name in wanted}
        first = max(found.values(), default=-1) + 1
        if first + len(missing) > CLASSES_MAX:
            raise BadInput(f"The project would have more than {CLASSES_MAX:,} classes; is a column read as the class?")
        # Another transaction may take the ids first: its rows are seen in the next round.
        insert_new(
            session,
            ClassRow,
            [
                {"project_id": project_id, "class_id": i, "name": name, "color": color_of(i)}
                for i, name in enumerate(missing, first)
            ],
        )


def color_of(class_id: int) -> str:
    """The colour that a class gets when it is made."""
    if class_id < len(_PALETTE):
        return _PALETTE[class_id]
    red, green, blue = colorsys.hls_to_rgb(class_id * 0.381966 % 1, 0.55, 0.85)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def change_class(
    session: Session, project_id: str, class_id: int, *, name: str | None = None, color: str | None = None
) -> ProjectClass:
    """Rename or recolour a class; its boxes stay its own.

    Raises:
        NotFound: no such class.
        BadInput: no colour or name.
        Conflict: another class has that name.
    """
    row = session.get(ClassRow, (project_id, class_id))
    if row is None:
        raise NotFound(f"The project has no class {class_id}; ask for its classes to see which it has.")
    if color is not None:
        if not _COLOR.fullmatch(color):
            raise BadInput(f"{color[:40]!r} is no colour; expected # and six digits 0–9, a–f, such as #ff8000.")
        row.color = color.lower()
    if name is not None and (checked := _checked_name(name)) != row.name:
        taken = select(ClassRow.class_id).where(ClassRow.project_id == project_id, ClassRow.name == checked)
        if session.scalar(taken) is not None:
            raise Conflict(
                f"The project has a class {checked!r} already; a version's `remap` makes one class of the two."
            )
        row.name = checked
    session.flush()
    return ProjectClass(row.class_id, row.name, row.color)


def count_boxes_by_class(session: Session, project_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """{project id: {class name: boxes}}, with classes that have none; drafts and images in the trash do not count."""
    counted = (
        select(AnnotationRow.project_id, AnnotationRow.class_id, func.count())
        .join(ImageRow, ImageRow.id == AnnotationRow.image_id)
        .where(
            AnnotationRow.project_id.in_(project_ids), ImageRow.deleted_at.is_(None), AnnotationRow.is_draft.is_(False)
        )
        .group_by(AnnotationRow.project_id, AnnotationRow.class_id)
    )
    boxes = {(project, class_id): count for project, class_id, count in session.execute(counted)}
    rows = select(ClassRow).where(ClassRow.project_id.in_(project_ids)).order_by(ClassRow.class_id)
    counts: dict[str, dict[str, int]] = {project_id: {} for project_id in project_ids}
    for row in session.scalars(rows):
        counts[row.project_id][row.name] = boxes.get((row.project_id, row.class_id), 0)
    return counts


def copy_classes(session: Session, source_id: str, target_id: str) -> None:
    """Give an empty project the classes of another, with their ids and colours."""
    rows = [
        {"project_id": target_id, "class_id": one.class_id, "name": one.name, "color": one.color}
        for one in list_classes(session, source_id)
    ]
    insert_new(session, ClassRow, rows)


def _checked_name(name: str) -> str:
    plain = " ".join(str(name).split())
    if not plain or len(plain) > CLASS_NAME_LENGTH or not plain.isprintable():
        raise BadInput(
            f"{plain[:60]!r} cannot be the name of a class; expected 1 to {CLASS_NAME_LENGTH} printable letters."
        )
    return plain
