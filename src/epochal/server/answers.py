"""The forms of what is asked and answered, for the OpenAPI description and the types of the web app.

What the words mean stands in ARCHITECTURE.md. Large documents are described here and sent as they are; a test holds
one against its form.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from epochal.graphs.reading.finding import Severity, Verdict
from epochal.graphs.series import Better, Group

MAX_EPOCHS, MIN_IMAGE_PX, MAX_IMAGE_PX, MAX_SEED = 10_000, 64, 2048, 2**32 - 1
Model = Literal["fast", "fast-n", "fast-s", "fast-m"]
State = Literal[
    "preparing", "training", "validating", "evaluating", "finished", "stopped", "failed", "stalled", "dead"
]  # fmt: skip
Split = Literal["train", "val", "test"]
Numbers = list[float | None]


class Form(BaseModel):
    """What all forms have in common: no field that is not named."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, populate_by_name=True)


def _refuse_quoted(value: Any) -> Any:
    if isinstance(value, str | bool):
        raise ValueError(f"expected a whole number; got {str(value)[:60]!r}, which is none in JSON")
    return value


def _take_as_written(schema: Any) -> None:
    if isinstance(schema, dict):
        if schema.get("type") in {"float", "bool"}:
            schema["strict"] = True
        elif schema.get("type") == "int":  # not strict, which refuses 5.0
            plain = dict(schema)
            schema.clear()
            schema.update(core_schema.no_info_before_validator_function(_refuse_quoted, plain))
            return
        schema = list(schema.values())
    for one in schema if isinstance(schema, list) else ():
        _take_as_written(one)


class RequestForm(Form):
    """A form that is sent to us: a number in quotes, or a 1 for true, is refused, as its schema says."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        """The usual schema, its numbers and truths taken as they are written."""
        schema = handler(source)
        _take_as_written(schema)
        return schema


class ErrorText(Form):
    """What went wrong, for programs and for people."""

    code: str
    message: str


class ErrorAnswer(Form):
    """The one shape of every error."""

    error: ErrorText


class Health(Form):
    """The server is ready."""

    status: Literal["ok"]
    version: str


class Best(Form):
    """The best epoch of a run."""

    epoch: int
    metric: str
    value: float


class RunSummary(Form):
    """One line of the list of runs."""

    id: str
    name: str
    state: State
    epoch: int | None
    epochs: int | None
    best: Best | None
    verdict: Verdict | None
    updated_at: Annotated[float, Field(description="Last sign of the run, seconds since 1970.")]
    age_s: Annotated[float, Field(description="Time since then, as the server's clock has it.")]
    images_per_s: float | None
    eta_s: float | None
    message: str
    dataset: str | None
    model: str | None
    spark: Annotated[Numbers, Field(description="mAP_0.5:0.95 by epoch, thinned to at most 60 numbers.")]


class RunTraining(Form):
    """Whose training of which version a run is; its id is the run's."""

    workspace: str
    project: str
    version: int


class RunDetail(RunSummary):
    """A run with its recipe, null before the trainer has written it."""

    recipe: dict[str, Any] | None
    training: Annotated[RunTraining | None, Field(description="Null: a run of the data folder, without a queue.")]


class RunList(Form):
    """All runs, the one begun last first."""

    runs: list[RunSummary]


class DatasetEntry(Form):
    """A dataset that can be trained on."""

    name: str
    updated_at: float


class DatasetList(Form):
    """All datasets under the data folder, by name."""

    datasets: list[DatasetEntry]


class StopRequest(RequestForm):
    """When to end: after the running epoch, or now."""

    when: Literal["epoch", "now"] = "epoch"


class DatasetTrainingForm(RequestForm):
    """What to train; null leaves it to the trainer, which derives it from the data and says why."""

    dataset: Annotated[str, Field(min_length=1, max_length=255, description="A name of GET /api/datasets.")]
    model: Model = "fast"
    epochs: Annotated[int, Field(ge=1, le=MAX_EPOCHS)] | None = None
    image_size: Annotated[int, Field(ge=MIN_IMAGE_PX, le=MAX_IMAGE_PX)] | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0


class Finding(Form):
    """One thing that a graph shows, on what evidence, and what to do."""

    id: str
    severity: Severity
    epochs: tuple[int, int]
    message: str
    remedy: str
    command: str
    confidence: float
    rule: str
    source: str
    would_change: str
    evidence: dict[str, Any]


class ReadingEvent(Form):
    """The data of a `reading` event."""

    verdict: Verdict | None
    findings: list[Finding]
    best: Best | None


class Source(Form):
    """What was read."""

    format: str
    path: str


class Mark(Form):
    """A value that was written and is no number."""

    series: str
    epoch: int
    value: Literal["NaN", "Infinity", "-Infinity"]


class Superseded(Form):
    """Points that a resume wrote anew."""

    attempt: int
    epochs: list[int]
    series: dict[str, Numbers]


class GraphEvent(Form):
    """Something that happened at an epoch."""

    epoch: int
    event: str
    label: str


class Definition(Form):
    """What a series is called, where it is drawn, what it means."""

    title: str
    group: Group
    sentence: str
    better: Better | None


class GraphDocument(Form):
    """What the web draws of a run; `cursor` is where its events go on."""

    name: str
    source: Source
    first_epoch: int
    epochs: list[int]
    epochs_planned: int | None
    series: dict[str, Numbers]
    marks: list[Mark]
    superseded: list[Superseded]
    events: list[GraphEvent]
    best: Best | None
    verdict: Verdict
    findings: list[Finding]
    definitions: dict[str, Definition]
    notes: list[str]
    recipe: dict[str, Any] | None = None
    reasons: dict[str, Any] | None = None
    dataset: dict[str, Any] | None = None
    evaluation: dict[str, Any] | None = None
    evaluation_val: dict[str, Any] | None = None
    cursor: int


class ComparedRun(Form):
    """One of the compared runs, by its index in what was asked for."""

    name: str
    epochs: int
    best: Best | None


class Band(Form):
    """Mean of repeats by epoch, and one standard deviation to each side."""

    mean: Numbers
    low: Numbers
    high: Numbers


class MeanBest(Form):
    """The best values of repeats."""

    mean: float
    sd: float
    runs: int


class RepeatGroup(Form):
    """Runs that differ in nothing but seed and name."""

    runs: list[int]
    name: str
    epochs: list[int]
    series: dict[str, Band]
    best: MeanBest | None
    sentence: str


class PairedDifference(Form):
    """A run against the first; what is None was not tested."""

    first: int
    second: int
    difference: float | None
    sentence: str
    method: Literal["paired_bootstrap", "numbers"]
    note: str | None = None
    images: int | None = None
    resamples: int | None = None
    low: float | None = None
    high: float | None = None
    chance_second_better: float | None = None
    is_real: bool | None = None


class ComparedSetting(Form):
    """A setting of every run; None where a run has none."""

    field: str
    differs: bool
    values: list[Any]


class Comparison(Form):
    """Runs beside each other; settings that differ come first."""

    metric: str
    runs: list[ComparedRun]
    groups: list[RepeatGroup]
    pairs: list[PairedDifference]
    recipes: list[ComparedSetting]


class Confusion(Form):
    """A confusion matrix at a confidence: rows truth, columns prediction, background last."""

    split: Split
    classes: list[str]
    confidence: float
    least_confidence: Annotated[float, Field(description="Below it no detection was kept.")]
    iou: float
    matrix: list[list[int]]


class ShownBox(Form):
    """A box on an image, in its pixels; `in_cell` where a cell of the confusion matrix was asked for."""

    box_xyxy: tuple[float, float, float, float]
    class_name: str
    confidence: float | None = None
    in_cell: bool | None = None


class EvaluatedImage(Form):
    """An image of an evaluation with its annotations and detections; `image` is its index."""

    image: int
    file_name: str
    image_wh: tuple[int, int]
    ground_truth: list[ShownBox]
    predictions: list[ShownBox]


class EvaluatedPage(Form):
    """Some images of an evaluation; `pairs` counts what lies in the cell, where one was asked for."""

    confidence: float
    count: Annotated[int, Field(description="Images in all.")]
    pairs: int | None = None
    offset: int
    images: list[EvaluatedImage]
