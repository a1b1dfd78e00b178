"""The forms of models at work, for the OpenAPI description and the types of the web app."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from epochal.deploy.asking import CONFIDENCE, MAX_DETECTIONS, MOST_DETECTIONS, OVERLAP
from epochal.jobs.answering import MAX_IMAGES
from epochal.server.answers import Form, RequestForm

Fraction = Annotated[float, Field(ge=0, le=1)]


class QuestionForm(Form):
    """Which boxes count."""

    confidence: Annotated[Fraction | None, Field(description="Null: where the model's F1 was best.")] = CONFIDENCE
    overlap: Annotated[Fraction, Field(description="IoU from which two boxes of a class are one object.")] = OVERLAP
    classes: Annotated[list[str] | None, Field(max_length=1000, description="Null: all.")] = None
    class_agnostic: Annotated[bool, Field(description="Boxes of different classes suppress each other too.")] = False
    max_detections: Annotated[int, Field(ge=1, le=MOST_DETECTIONS)] = MAX_DETECTIONS
    draw: Annotated[bool, Field(description="Give each picture back with its boxes, as a JPEG in base64.")] = False
    collect: Annotated[bool, Field(description="Let the project's rules of active learning look.")] = True


class GivenImage(RequestForm):
    """One image: exactly one of these."""

    base64: Annotated[str | None, Field(description="An image file.")] = None
    url: Annotated[str | None, Field(max_length=4000, description="Where the server fetches it.")] = None
    image: Annotated[str | None, Field(max_length=100, description="The id of an image of this workspace.")] = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "GivenImage":
        if sum(value is not None for value in (self.base64, self.url, self.image)) != 1:
            raise ValueError("expected exactly one of base64, url and image")
        return self


class InferForm(QuestionForm, RequestForm):
    """Images and a question."""

    images: Annotated[list[GivenImage], Field(min_length=1, max_length=MAX_IMAGES)]


class PredictedBox(Form):
    """One box that a model found."""

    class_name: str
    class_id: int
    confidence: float
    box_xyxy: Annotated[list[float], Field(min_length=4, max_length=4, description="Pixels of the image as displayed.")]


class ImagePredictions(Form):
    """What was found on one image."""

    image_wh: Annotated[list[int], Field(min_length=2, max_length=2)]
    predictions: list[PredictedBox]
    picture: Annotated[str | None, Field(description="With `draw`: a JPEG in base64.")]


class InferAnswer(Form):
    """What a model says, an entry for each image."""

    model: str
    confidence: float
    overlap: float
    time_s: float
    images: list[ImagePredictions]


class StatsForm(Form):
    """What models did in a span of time; null where nothing was."""

    requests: int
    errors: int
    images: int
    detections: int
    confidence: float | None
    latency_ms: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None
    classes: dict[str, int]


class ModelStats(Form):
    """The stats of one model."""

    model: str
    name: str
    stats: StatsForm


class SpanStats(Form):
    """The stats of all models together from a time on (seconds since 1970)."""

    start: int
    stats: StatsForm


class InferenceStats(Form):
    """What the models of a workspace did."""

    since: float
    until: float
    models: list[ModelStats]
    spans: list[SpanStats]


class ActiveLearningForm(RequestForm):
    """The rules of a project, in the form of docs/deploy.md."""

    config: dict[str, Any]


class ActiveLearningAnswer(Form):
    """The rules and what they have kept."""

    config: dict[str, Any]
    kept: Annotated[dict[str, dict[str, int]], Field(description="{rule: {minutely, hourly, daily: images now}}.")]
    since_start: Annotated[dict[str, int], Field(description="What became of chosen images since the server began.")]
