"""Images come into a project: looked at, kept once for the same bytes, safe to send again and from many at once.

    inspect_image(data)            what it is, or why it is refused; no pixel is decoded where the header tells enough
    keep_image(blobs, inspected)   the bytes, under their hash
    record_image(session, …)       its row; within a transaction

`add_image` does the three. A kill between them leaves a blob without a row, which nobody sees and `purge` removes.
"""

import json
import posixpath
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from epochal.config import read_settings
from epochal.datasets.batches import DEFAULT_BATCH, claim_batch, delete_batch
from epochal.datasets.dataset import SPLITS
from epochal.datasets.pictures import media_type_of, read_header
from epochal.datasets.projects import touch_project
from epochal.datasets.tables import AnnotationRow, ImageRow, ImageTagRow
from epochal.errors import BadInput, DatasetError
from epochal.storage.blobs import BlobStore, hash_bytes
from epochal.storage.ids import new_id
from epochal.storage.inserting import insert_new

NAME_LENGTH, TAG_LENGTH, TAGS_MAX, METADATA_BYTES = 400, 100, 100, 20_000
_SPLIT_WORDS = {"valid": "val", "validation": "val", "training": "train", "testing": "test"}


@dataclass(frozen=True)
class InspectedImage:
    """What the bytes of an upload say.

    Attributes:
        sha256: of the bytes.
        image_wh: pixels as displayed.
        orientation: EXIF's, 1–8.
        media_type: by the bytes, such as "image/jpeg".
    """

    data: bytes
    sha256: str
    image_wh: tuple[int, int]
    orientation: int
    media_type: str


@dataclass(frozen=True)
class AddedImage:
    """An image that is in the project now; `is_duplicate`: it was before, and was left as it is."""

    id: str
    is_duplicate: bool


def add_image(
    session: Session,
    blobs: BlobStore,
    project_id: str,
    data: bytes,
    *,
    name: str,
    split: str | None = "train",
    batch_name: str = DEFAULT_BATCH,
    tags: Sequence[str] = (),
    source: str = "upload",
    metadata: Mapping[str, Any] | None = None,
) -> AddedImage:
    """Add an image to a project; as `inspect_image`, `keep_image` and `record_image`, which say the rest."""
    inspected = inspect_image(data, name)
    keep_image(blobs, inspected)
    return record_image(
        session,
        project_id,
        inspected,
        name=name,
        split=split,
        batch_name=batch_name,
        tags=tags,
        source=source,
        metadata=metadata,
    )


def inspect_image(data: bytes, name: str) -> InspectedImage:
    """Look at the bytes of an image.

    Args:
        data: the whole file.
        name: for messages.

    Raises:
        DatasetError: it is no picture, is damaged, or is too large (settings max_image_bytes, max_image_pixels).
    """
    settings = read_settings()
    limit = int(settings["max_image_bytes"])
    shown = shown_name(name)
    if len(data) > limit:
        raise DatasetError(f"{shown} has {len(data):,} bytes, more than {limit:,}; shrink the image.")
    header = read_header(data, shown, int(settings["max_image_pixels"]))
    return InspectedImage(data, hash_bytes(data), header.image_wh, header.orientation, media_type_of(data))


def keep_image(blobs: BlobStore, inspected: InspectedImage) -> bool:
    """Put the bytes into the store; those that are there already cost nothing. Raises StorageFull, Failed.

    Returns:
        Whether they were new. If not, keep them once more when their row is committed: until then the trash may go
        that held them.
    """
    return blobs.put_new(inspected.data, inspected.sha256)


def record_image(
    session: Session,
    project_id: str,
    inspected: InspectedImage,
    *,
    name: str,
    split: str | None = "train",
    batch_name: str = DEFAULT_BATCH,
    tags: Sequence[str] = (),
    source: str = "upload",
    metadata: Mapping[str, Any] | None = None,
) -> AddedImage:
    """Give an image its row in a project, once for the same bytes.

    Args:
        session: that writes.
        project_id: of a project that is there.
        inspected: of `inspect_image`, and kept.
        name: as uploaded; display text.
        split: "train", "val" (or "valid"), "test", or None: not said.
        batch_name: the batch that it comes in, made when there is none of that name.
        tags: words to find it by.
        source: "upload", "url", "active_learning" or "clone".
        metadata: what the uploader says of it, {key: text, number or truth value}.

    Returns:
        The image; when its bytes are in the project already, that one, left as it is. One from the trash comes back
        as if it were new.

    Raises:
        BadInput: an unknown split, or tags or metadata that are too large.
    """
    source_of_batch = "upload" if source == "url" else source
    batch_id, is_new_batch = claim_batch(session, project_id, batch_name, source=source_of_batch)
    now = time.time()
    values: dict[str, Any] = {
        "name": shown_name(name),
        "split": parse_split(split),
        "in_dataset": False,
        "is_labelled": False,
        "review": "unannotated",
        "batch_id": batch_id,
        "job_id": None,
        "user_metadata": check_metadata(metadata or {}),
        "source": source,
        "created_at": now,
        "updated_at": now,
        "deleted_at": None,
    }
    words = check_tags(tags)
    row = {
        **values,
        "id": new_id(),
        "project_id": project_id,
        "sha256": inspected.sha256,
        "media_type": inspected.media_type,
        "width_px": inspected.image_wh[0],
        "height_px": inspected.image_wh[1],
        "size_bytes": len(inspected.data),
    }
    image_id = row["id"]
    if not insert_new(session, ImageRow, [row]):
        same = select(ImageRow).where(ImageRow.project_id == project_id, ImageRow.sha256 == inspected.sha256)
        found = session.scalars(same).one()
        if found.deleted_at is None:
            if is_new_batch:  # nothing came in it
                delete_batch(session, project_id, batch_id)
            return AddedImage(found.id, True)
        image_id = found.id
        session.execute(delete(AnnotationRow).where(AnnotationRow.image_id == image_id))
        session.execute(delete(ImageTagRow).where(ImageTagRow.image_id == image_id))
        for column, value in values.items():
            setattr(found, column, value)
        session.flush()
    insert_new(session, ImageTagRow, [{"image_id": image_id, "tag": tag} for tag in words])
    touch_project(session, project_id)
    return AddedImage(image_id, False)


def parse_split(split: str | None) -> str | None:
    """The inner word for a split. Raises BadInput for one that is none."""
    if split is None:
        return None
    word = split.strip().lower()
    word = _SPLIT_WORDS.get(word, word)
    if word not in SPLITS:
        raise BadInput(f"{split[:40]!r} is no split; expected train, valid or test.")
    return word


def check_tags(tags: Sequence[str]) -> list[str]:
    """Tags without blanks around them and repeats. Raises BadInput when they are too many or too long."""
    words = list(dict.fromkeys(word for tag in tags if (word := " ".join(str(tag).split()))))
    if len(words) > TAGS_MAX:
        raise BadInput(f"Expected at most {TAGS_MAX} tags on an image; got {len(words)}.")
    for word in words:
        if len(word) > TAG_LENGTH or not word.isprintable():
            raise BadInput(
                f"The tag {word[:60]!r} has {len(word)} letters; expected {TAG_LENGTH} printable ones at most."
            )
    return words


def check_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What an uploader says of an image: {key: text, number, truth value or null}. Raises BadInput."""
    for key, value in metadata.items():
        if not isinstance(key, str) or not isinstance(value, str | int | float | bool | None):
            raise BadInput(
                f"The metadata {str(key)[:60]!r} is {type(value).__name__}; expected text, numbers or booleans."
            )
    try:
        size = len(json.dumps(dict(metadata), allow_nan=False))
    except ValueError:
        raise BadInput("The metadata holds a number that is not finite; expected text, numbers or booleans.") from None
    if size > METADATA_BYTES:
        raise BadInput(f"The metadata has {size:,} bytes as JSON; expected at most {METADATA_BYTES:,}.")
    return dict(metadata)


def shown_name(name: str) -> str:
    """A file name as display text: without folders and letters that cannot be shown."""
    plain = "".join(letter for letter in posixpath.basename(name.replace("\\", "/")) if letter.isprintable()).strip()
    if len(plain) > NAME_LENGTH:
        stem, suffix = posixpath.splitext(plain)
        plain = stem[: NAME_LENGTH - len(suffix[:20])] + suffix[:20]
    return plain if plain.strip(". ") else "image"  # `..` would be a folder wherever it is unpacked
