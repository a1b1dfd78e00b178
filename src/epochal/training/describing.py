"""What a training says in words: what was understood of the data, the recipe with its reasons, the line of an epoch."""

from collections.abc import Iterator, Mapping

from epochal.datasets import Dataset
from epochal.training.session import Session

# Short, so that the line of an epoch fits into 80 columns; val's two are in the order of train's.
EPOCH_NUMBERS = (
    ("train box ", "train/box_loss", 2), ("cls ", "train/cls_loss", 2), (" val ", "val/box_loss", 2),
    ("", "val/cls_loss", 2), (" mAP_0.5 ", "metrics/mAP_0.5", 3), (":0.95 ", "metrics/mAP_0.5:0.95", 3),
)  # fmt: skip


def say_dataset(dataset: Dataset) -> str:
    """One sentence on a dataset: its name, format, images, boxes, classes."""
    return (
        f"{dataset.name}: {dataset.format}, {len(dataset.images)} images, {dataset.annotation_count} boxes, "
        f"{len(dataset.class_names)} classes ({', '.join(dataset.class_names[:12])}"
        f"{', …' if len(dataset.class_names) > 12 else ''})"
    )


def count_splits(dataset: Dataset) -> list[tuple[str, int, int]]:
    """(split, images, boxes) of train, val and test."""
    splits = {split: dataset.of_split(split) for split in ("train", "val", "test")}
    return [(split, len(images), sum(len(i.boxes_xyxy) for i in images)) for split, images in splits.items()]


def say_all(session: Session) -> Iterator[str]:
    """All that is to be said before the first epoch."""
    yield say_dataset(session.dataset)
    for split, images, boxes in count_splits(session.dataset):
        yield f"  {split}: {images} images, {boxes} boxes"
    yield from say_rest(session)


def say_rest(session: Session) -> Iterator[str]:
    """Notes and findings on the data, the recipe with its reasons, the run folder, remarks on this attempt."""
    for note in session.dataset.notes:
        yield f"  {note}"
    for finding in session.dataset.findings:
        example = f", such as {finding.examples[0]}" if finding.examples else ""
        yield f"  {finding.action}: {finding.id} × {finding.count}{example}"
    yield f"Recipe ({session.recipe.model}, seed {session.recipe.seed}):"
    for name, reason in session.reasons.items():
        yield f"  {name} = {reason}"
    yield f"Run folder: {session.run.path}"
    yield from session.remarks


def say_epoch(epoch: int, epochs: int, series: Mapping[str, float]) -> str:
    """The line of an epoch, at most 80 columns."""
    parts = [f"{title}{series[key]:.{digits}f}" for title, key, digits in EPOCH_NUMBERS if key in series]
    return f"{epoch:>{len(str(epochs))}}/{epochs}  {' '.join(parts)}  {format_duration(series['time/epoch_s'])}"


def format_duration(seconds: float) -> str:
    """`0.4 s`, `42 s`, `3 min 05 s`, `1 h 20 min`."""
    whole = int(seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
