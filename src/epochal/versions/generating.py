"""Freeze a dataset into a version: plan, render every image, publish the folder under the next free number.

What is rendered goes into a store of files by hash and a record for each image, both beside the versions; the folder
of the version is made last, by one rename. So a kill at any instant leaves no half-written version, and the next call
with the same dataset and settings goes on where the last one was.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import numpy as np
import PIL

from epochal import __version__
from epochal.config import count_threads
from epochal.datasets import SPLITS, Dataset, Image, require_trainable
from epochal.datasets.formats.coco import CocoImage, format_coco
from epochal.datasets.ready_zip import export_name
from epochal.datasets.scanning import Progress
from epochal.errors import BadInput, Failed
from epochal.storage.whole_files import disk_error, write_whole
from epochal.versions.library import MANIFEST, Version, dataset_folder, list_versions, read_version
from epochal.versions.objects import GOES_ON, ObjectStore
from epochal.versions.opencv import load_opencv
from epochal.versions.rendering import Output, Renderer
from epochal.versions.settings import VersionSettings
from epochal.versions.splitting import split_version

GENERATOR = 2  # raised when the same settings would give other pixels or boxes
_FOLDERS = {"train": "train", "val": "valid", "test": "test"}


@dataclass(frozen=True)
class Plan:
    """What a version will be made of.

    Attributes:
        dataset: split, its classes renamed; labelled images alone.
        settings: of the version.
        key: hexadecimal; equal for equal images, boxes, splits, settings and programs.
    """

    dataset: Dataset
    settings: VersionSettings
    key: str


def plan_version(dataset: Dataset, settings: VersionSettings, progress: Progress | None = None) -> Plan:
    """Choose and split the images of a version.

    Raises:
        BadInput: the settings speak of classes or tags that the dataset does not have.
        DatasetError: nothing is left to train on.
    """
    if tags := settings.preprocessing.get("filter-tag"):
        dataset = filter_tags(dataset, tags)
    if remap := settings.preprocessing.get("remap"):
        dataset = remap_classes(dataset, remap)
    dataset = split_version(dataset, settings.split, settings.seed, progress)
    require_trainable(dataset)
    content = {**_programs(settings), "settings": settings.to_json()}
    digest = hashlib.sha256(json.dumps([content, dataset.class_names]).encode())
    for image in dataset.images:
        digest.update(json.dumps([image.name, image.sha256, image.split]).encode())
        digest.update(image.boxes_xyxy.tobytes() + image.class_id.tobytes() + image.is_crowd.tobytes())
    return Plan(dataset, settings, digest.hexdigest())


def filter_tags(dataset: Dataset, wanted: Mapping[str, Sequence[str]]) -> Dataset:
    """Keep the images that have every tag of `require`, one of `any` at least and none of `exclude`.

    Raises:
        BadInput: no image of the dataset has a tag that is named.
    """
    known = {tag for image in dataset.images for tag in image.tags}
    for tag in sorted({tag for tags in wanted.values() for tag in tags} - known):
        have = f"its tags are {', '.join(sorted(known))}" if known else "its images have no tags"
        raise BadInput(f"preprocessing: filter-tag: no image of {dataset.name} has the tag {tag!r}; {have}.")
    every, some, none = (set(wanted.get(key, ())) for key in ("require", "any", "exclude"))
    kept = tuple(
        image
        for image in dataset.images
        if every <= set(image.tags) and not none & set(image.tags) and (not some or some & set(image.tags))
    )
    left = len(dataset.images) - len(kept)
    notes = (*dataset.notes, f"{left} images were left out by their tags.") if left else dataset.notes
    return replace(dataset, images=kept, notes=notes)


def _programs(settings: VersionSettings) -> dict[str, object]:
    """What pixels are made with; OpenCV is asked for at once, so that its absence shows before any work."""
    programs: dict[str, object] = {"generator": GENERATOR, "pillow": PIL.__version__}
    return programs | ({"opencv": load_opencv().__version__} if settings.varies else {})


def remap_classes(dataset: Dataset, remap: Mapping[str, str]) -> Dataset:
    """Rename, merge (two old names, one new) and drop (an empty new name) classes.

    Raises:
        BadInput: an old name is no class of the dataset.
    """
    for old in remap:
        if old not in dataset.class_names:
            known = ", ".join(dataset.class_names)
            raise BadInput(f"preprocessing: remap: {old!r} is no class of {dataset.name}; classes are {known}.")
    wanted = [remap.get(name, name) for name in dataset.class_names]
    names = tuple(dict.fromkeys(name for name in wanted if name))
    new_id = np.array([names.index(name) if name else -1 for name in wanted], np.int64)
    images = []
    for image in dataset.images:
        ids = new_id[image.class_id]
        kept = ids >= 0
        images.append(
            image.changed(boxes_xyxy=image.boxes_xyxy[kept], class_id=ids[kept], is_crowd=image.is_crowd[kept])
        )
    return replace(dataset, class_names=names, images=tuple(images))


def generate_version(
    plan: Plan,
    versions_root: Path,
    *,
    name: str | None = None,
    place: tuple[str, int] | None = None,
    progress: Progress | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    workers: int | None = None,
) -> Version:
    """Make a version, or give the one that was made of the same plan before.

    Args:
        plan: of `plan_version`.
        versions_root: the folder `versions` of the data folder.
        name: for people.
        place: the folder's name under `versions_root` and the number that was given to this version already; when None,
            the dataset's name and the next free number, or that of the version made of the same plan.
        progress: called with (images done, images in all).
        is_cancelled: asked between images; work that is done is kept for the next call.
        workers: threads; the physical cores when None.

    Raises:
        BadInput: another process makes the same version, or the steps leave no image.
        DatasetError, NotFound: an image cannot be decoded any more.
        Failed: it was cancelled, or cannot be written; StorageFull where the disk is full.
    """
    parent = dataset_folder(versions_root, place[0] if place else plan.dataset.name)
    wanted = place[1] if place else None
    for version in list_versions(versions_root, parent.name):
        if version.number == wanted if wanted else version.plan == plan.key:
            return version
    store, work = ObjectStore(versions_root / ".objects"), parent / f".making-{plan.key[:32]}"
    with _only_one(work), store.in_use():
        outputs = _render_all(plan, store, work / "records", progress, is_cancelled, workers or count_threads())
        kept = _filter_null(plan, outputs)
        if not kept:
            raise BadInput(
                f"No image is left: after these steps none of the {len(plan.dataset.images):,} images has a box, and "
                "filter-null or isolate keeps none without. Cut less away, or leave that step out."
            )
        folder = work / "folder"
        shutil.rmtree(folder, ignore_errors=True)
        manifest = _write_folder(plan, kept, store, folder) | {"name": name}
        number = _publish(folder, manifest, parent, wanted)
        shutil.rmtree(work, ignore_errors=True)
    return read_version(parent / str(number))


@contextlib.contextmanager
def _only_one(work: Path) -> Iterator[None]:
    """Keep others from making the same version; the lock ends with the process."""
    try:
        (work / "records").mkdir(parents=True, exist_ok=True)
        held = os.open(work / "lock", os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise disk_error(work, error, GOES_ON) from None
    try:
        with contextlib.suppress(ImportError):  # Windows has no flock; two makers only do work twice there
            import fcntl

            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BadInput(
                    f"Another process makes this version already, in {work}; wait for it, then run this again."
                ) from None
        yield
    finally:
        os.close(held)


def _render_all(
    plan: Plan,
    store: ObjectStore,
    records: Path,
    progress: Progress | None,
    is_cancelled: Callable[[], bool],
    workers: int,
) -> list[list[Output]]:
    images = plan.dataset.images
    renderer = Renderer(plan.settings, store, plan.dataset.of_split("train"))
    done: dict[int, list[Output]] = {}
    waiting: dict[Future[list[Output]], int] = {}
    rows = iter(range(len(images)))
    with ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                for row in rows:
                    waiting[pool.submit(_render_once, renderer, images[row], records / f"{row}.json")] = row
                    if len(waiting) >= 2 * workers:
                        break
                if not waiting:
                    break
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    done[waiting.pop(future)] = future.result()
                if progress is not None:
                    progress(len(done), len(images))
                if is_cancelled():
                    raise Failed(
                        f"Cancelled after {len(done)} of {len(images)} images; the same call again goes on from there."
                    )
        finally:
            pool.shutdown(cancel_futures=True)
    return [done[row] for row in range(len(images))]


def _render_once(renderer: Renderer, image: Image, record: Path) -> list[Output]:
    """The outputs by the record of an earlier call, else rendered and recorded."""
    try:
        outputs = [
            Output(o["sha256"], o["suffix"], tuple(o["wh"]), tuple(tuple(b) for b in o["boxes"]))
            for o in json.loads(record.read_text("utf-8"))
        ]
        if all(renderer.store.path(output.sha256).exists() for output in outputs):
            return outputs
    except (OSError, ValueError, KeyError, TypeError):
        pass  # none yet, or torn by a power cut: made again
    outputs = renderer.render(image)
    write_whole(record, json.dumps([asdict(output) for output in outputs]), flushes=False, remedy=GOES_ON)
    return outputs


def _filter_null(plan: Plan, outputs: Sequence[Sequence[Output]]) -> list[tuple[Image, int, Output]]:
    """Leave out as many images without boxes as it takes for `filter-null` percent of each split to have some."""
    rows = [
        (image, n, out) for image, outs in zip(plan.dataset.images, outputs, strict=True) for n, out in enumerate(outs)
    ]
    wanted = plan.settings.preprocessing.get("filter-null", {}).get("percent", 0) / 100
    if not wanted:
        return rows
    kept = [row for row in rows if row[2].boxes]
    for split in SPLITS:
        annotated = sum(row[0].split == split for row in kept)
        nulls = sorted((row for row in rows if row[0].split == split and not row[2].boxes), key=lambda r: r[2].sha256)
        kept += nulls[: int(annotated * (1 - wanted) / wanted + 1e-9)]
    return sorted(kept, key=lambda row: (row[0].name, row[1]))


def _write_folder(
    plan: Plan, rows: Sequence[tuple[Image, int, Output]], store: ObjectStore, folder: Path
) -> dict[str, object]:
    """Write the images and annotations; gives what version.json says, but for number and name."""
    counts, digest = {}, hashlib.sha256(json.dumps(plan.dataset.class_names).encode())
    for split, folder_name in _FOLDERS.items():
        mine = [row for row in rows if row[0].split == split]
        if not mine:
            continue
        (folder / folder_name).mkdir(parents=True)
        listed, boxes = [], []
        for image, number, output in mine:
            file_name = _file_name(image, number, output)
            store.link(output.sha256, folder / folder_name / file_name)
            listed.append(CocoImage(0, file_name, output.wh, image.tags))
            boxes.append([(c, (x, y, right - x, low - y), crowd) for c, x, y, right, low, crowd in output.boxes])
            digest.update(json.dumps([split, file_name, output.sha256, output.boxes]).encode())
        text = format_coco(listed, plan.dataset.class_names, boxes)
        (folder / folder_name / "_annotations.coco.json").write_text(text, "utf-8")
        counts[split] = {"images": len(mine), "annotations": sum(len(row[2].boxes) for row in mine)}
    return {
        "content_hash": digest.hexdigest(),
        "dataset": {"name": plan.dataset.name, "path": str(plan.dataset.root), "images": len(plan.dataset.images)},
        "settings": plan.settings.to_json(),
        "classes": list(plan.dataset.class_names),
        "splits": counts,
        "notes": list(plan.dataset.notes),
        "plan": plan.key,
        "made_with": {"epochal": __version__, **_programs(plan.settings)},
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _file_name(image: Image, number: int, output: Output) -> str:
    """As ready zips name images: the stem and ending that it had, for people, and a hash that keeps images apart."""
    path = PurePosixPath(image.name)
    return export_name(path.stem, path.suffix, f"{image.name}:{number}", output.suffix)


def _publish(folder: Path, manifest: Mapping[str, object], parent: Path, wanted: int | None) -> int:
    """Give the finished folder its number, by one rename: the wanted one, else the next that nobody takes first."""
    taken = [int(path.name) for path in parent.iterdir() if path.name.isdigit()]
    number = wanted or max(taken, default=0) + 1
    try:
        while True:
            text = json.dumps({"schema": 1, "number": number, **manifest}, indent=1, ensure_ascii=False)
            (folder / MANIFEST).write_text(text, "utf-8")
            if not (parent / str(number)).exists():
                with contextlib.suppress(FileExistsError):
                    try:
                        folder.rename(parent / str(number))
                    except OSError as error:
                        if not (parent / str(number)).exists():
                            raise error
                    else:
                        return number
            if wanted:
                return wanted  # another process has made the same one meanwhile
            number += 1
    except OSError as error:
        raise disk_error(parent / str(number), error, GOES_ON) from None
