"""The rules of a project as a row, and an image that they chose as an image of the project: once, and within limits."""

import datetime
import io
import time
from dataclasses import dataclass
from typing import Any, Literal, cast

from PIL import Image
from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from epochal.boxes import Detections
from epochal.datasets.labels import LabelledBox, set_annotations
from epochal.datasets.pictures import decode_bytes
from epochal.datasets.tables import BatchRow, ImageRow
from epochal.datasets.uploads import InspectedImage, inspect_image, keep_image, record_image
from epochal.deploy.sampling import batch_name, span_of
from epochal.deploy.sampling_config import Limit, Rule, SamplingConfig, parse_sampling_config
from epochal.deploy.tables import ActiveLearningCountRow, ActiveLearningRow
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database
from epochal.storage.inserting import insert_new
from epochal.storage.tables import JsonObject

Outcome = Literal["kept", "duplicate", "batch_full", "over_limit"]
QUALITY = 95  # of a JPEG that had to be made smaller, when the rules name none


@dataclass(frozen=True)
class Sample:
    """An image of inference that rules have chosen.

    Attributes:
        project_id: that it goes to.
        data: the image file.
        image_wh: pixels as displayed.
        detections: what the model found.
        class_names: of the model.
        rules: that chose it; the first that is within its limits keeps it.
        model_id: that was asked.
    """

    project_id: str
    data: bytes
    image_wh: tuple[int, int]
    detections: Detections
    class_names: tuple[str, ...]
    rules: tuple[Rule, ...]
    model_id: str


def read_rules(session: Session, project_id: str) -> JsonObject:
    """The configuration of a project as it was given; `{"enabled": false}` where there is none."""
    row = session.get(ActiveLearningRow, project_id)
    return dict(row.config) if row is not None else {"enabled": False}


def save_rules(session: Session, project_id: str, given: JsonObject) -> SamplingConfig:
    """Keep a configuration in the place of the one before. Raises BadInput."""
    config = parse_sampling_config(given)
    row = session.get(ActiveLearningRow, project_id)
    if row is None:
        row = ActiveLearningRow(project_id=project_id)
        session.add(row)
    row.config, row.updated_at = dict(given), time.time()
    session.flush()
    return config


def count_kept(session: Session, project_id: str, now: datetime.datetime) -> dict[str, dict[str, int]]:
    """How many images each rule with limits has kept in this minute, hour and day: {rule: {limit type: count}}."""
    rows = select(ActiveLearningCountRow).where(ActiveLearningCountRow.project_id == project_id)
    current = {span_of(kind, now) for kind in ("minutely", "hourly", "daily")}
    counts: dict[str, dict[str, int]] = {}
    for row in session.scalars(rows):
        if row.span in current:
            counts.setdefault(row.rule, {})[row.span.partition(":")[0]] = row.kept
    return counts


def keep_sample(
    database: Database, blobs: BlobStore, sample: Sample, config: SamplingConfig, now: datetime.datetime
) -> Outcome:
    """Make a chosen image one of its project, in its batch and with the model's boxes as drafts, unless it is there.

    Raises:
        DatasetError: the image cannot be decoded or is too large.
        NotFound, Failed: the project is gone, or the database or the blob store does not answer.
    """
    data, scale = _prepare(sample, config)
    inspected = inspect_image(data, "image")
    name = batch_name(config.batch_prefix, config.recreation_interval, now.date())
    boxes = _drafts(sample, scale) if config.persist_predictions else []
    is_new = keep_image(blobs, inspected)
    with database.write() as session:
        if _is_there(session, sample.project_id, inspected):
            return "duplicate"
        if config.max_batch_images is not None and _batch_size(session, sample.project_id, name) >= (
            config.max_batch_images
        ):
            return "batch_full"
        rule = next((rule for rule in sample.rules if _take_place(session, sample.project_id, rule, now)), None)
        if rule is None:
            return "over_limit"
        added = record_image(
            session,
            sample.project_id,
            inspected,
            name=f"{now:%Y%m%d-%H%M%S}-{inspected.sha256[:8]}{_suffix(inspected)}",
            split="train",
            batch_name=name,
            tags=[*config.tags, *rule.tags],
            source="active_learning",
            metadata={"rule": rule.name, "model_id": sample.model_id},
        )
        if boxes:
            set_annotations(
                session, sample.project_id, added.id, boxes, source="model", is_draft=True, joins_dataset=False
            )
    if not is_new:
        keep_image(blobs, inspected)
    return "kept"


def _prepare(sample: Sample, config: SamplingConfig) -> tuple[bytes, float]:
    """The bytes to keep, and how much smaller they are than what was seen (1: as large)."""
    scale = 1.0
    if config.max_image_wh is not None:
        scale = min(1.0, *(most / side for most, side in zip(config.max_image_wh, sample.image_wh, strict=True)))
    if scale == 1.0 and config.jpeg_quality is None:
        return sample.data, 1.0
    picture = decode_bytes(sample.data, "image")
    if scale < 1:
        wh = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(wh, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=config.jpeg_quality or QUALITY)
    return out.getvalue(), scale


def _drafts(sample: Sample, scale: float) -> list[LabelledBox]:
    found = sample.detections
    return [
        LabelledBox(
            sample.class_names[class_id],
            cast(tuple[float, float, float, float], tuple(float(value) * scale for value in box)),
            float(confidence),
        )
        for box, confidence, class_id in zip(found.boxes_xyxy, found.confidence, found.class_id, strict=True)
    ]


def _is_there(session: Session, project_id: str, inspected: InspectedImage) -> bool:
    """Also one in the trash: somebody did not want it."""
    same = select(ImageRow.id).where(ImageRow.project_id == project_id, ImageRow.sha256 == inspected.sha256)
    return session.scalar(same) is not None


def _batch_size(session: Session, project_id: str, name: str) -> int:
    query = (
        select(func.count())
        .select_from(ImageRow)
        .join(BatchRow, BatchRow.id == ImageRow.batch_id)
        .where(BatchRow.project_id == project_id, BatchRow.name == name, ImageRow.deleted_at.is_(None))
    )
    return int(session.scalar(query) or 0)


def _take_place(session: Session, project_id: str, rule: Rule, now: datetime.datetime) -> bool:
    """Count an image in every limit of a rule, or in none of them when one is reached."""
    nested = session.begin_nested()
    for limit in rule.limits:
        if not _count_one(session, project_id, rule.name, limit, now):
            nested.rollback()
            return False
    nested.commit()
    return True


def _count_one(session: Session, project_id: str, rule: str, limit: Limit, now: datetime.datetime) -> bool:
    key = {"project_id": project_id, "rule": rule, "span": span_of(limit.type, now)}
    table = ActiveLearningCountRow
    if insert_new(session, table, [{**key, "kept": 0}]):  # a new span: those before it are over
        session.execute(
            delete(table).where(
                table.project_id == project_id,
                table.rule == rule,
                table.span.startswith(f"{limit.type}:"),
                table.span < key["span"],
            )
        )
    at_most = update(table).where(
        table.project_id == project_id, table.rule == rule, table.span == key["span"], table.kept < limit.value
    )
    done = cast(CursorResult[Any], session.execute(at_most.values(kept=table.kept + 1)))
    return done.rowcount == 1


def _suffix(inspected: InspectedImage) -> str:
    return "." + inspected.media_type.rpartition("/")[2].replace("jpeg", "jpg")
