"""The forms of trainings and models in the native API."""

from typing import Annotated, Any, Literal

from pydantic import Field

from epochal.errors import NotFound
from epochal.jobs.recipes import MAX_EPOCHS, MAX_IMAGE_PX, MAX_SEED, MIN_IMAGE_PX
from epochal.jobs.training_states import ACTIVE, TrainingState
from epochal.jobs.trainings import MAX_NAME, MAX_URL, Training
from epochal.server.answers import Best, Form, RequestForm
from epochal.server.services import Services


class StartForm(RequestForm):
    """Which weights a training starts from: none, a file of the server, what an earlier training made, or a model."""

    kind: Literal["random", "checkpoint", "training", "model"] = "random"
    name: Annotated[str, Field(max_length=255, description="Of a checkpoint.")] | None = None
    id: Annotated[str, Field(max_length=255, description="Of a training or a model.")] | None = None


class TrainingOrderForm(RequestForm):
    """What to train; null leaves it to the trainer, which derives it from the data and says why."""

    name: Annotated[str, Field(max_length=MAX_NAME)] = ""
    model_type: Annotated[str, Field(max_length=100, description="fast (= fast-n), fast-n, fast-s or fast-m.")] = "fast"
    epochs: Annotated[int, Field(ge=1, le=MAX_EPOCHS)] | None = None
    image_size: Annotated[int, Field(ge=MIN_IMAGE_PX, le=MAX_IMAGE_PX)] | None = None
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    start: StartForm = StartForm()
    recipe: dict[str, Any] = Field(default_factory=dict, description="Of the schema that GET …/training-recipe gives.")
    max_s: Annotated[float, Field(ge=1, le=10**8, description="Stopped after this time.")] | None = None
    max_memory_bytes: Annotated[int, Field(ge=10**8, le=2**53)] | None = None
    webhook_url: Annotated[str, Field(max_length=MAX_URL, description="Told of start, silence and end.")] | None = None


class TrainedModel(Form):
    """A model, as a training shows it."""

    id: str
    slug: str
    name: str
    model_type: str
    can_run: bool
    classes: tuple[str, ...]
    image_size_px: int | None
    metrics: dict[str, float]
    files: list[str]
    created_at: float
    answers: Annotated[bool, Field(description="It answers for its version, when PROJECT/NUMBER is asked.")]
    is_chosen: Annotated[bool, Field(description="Somebody chose it to; else the newest that can run answers.")]


class TrainingForm(Form):
    """A training of a version; its id is also that of its run."""

    id: str
    name: str
    state: TrainingState
    project: str
    version: int
    model_type: str
    request: dict[str, Any]
    limits: dict[str, Any]
    webhook_url: str | None
    attempt: int
    max_attempts: int
    epoch: Annotated[int, Field(description="The last complete one; 0: none.")]
    epochs: int | None
    best: Best | None
    verdict: str | None
    message: str
    images_per_s: float | None
    eta_s: float | None
    created_by: str
    queued_at: float
    started_at: float | None
    ended_at: float | None
    model: TrainedModel | None


class TrainingList(Form):
    """Trainings, the newest first."""

    trainings: list[TrainingForm]


class RecipeDescription(Form):
    """What may be set, and a template; which weights files of the server a training may start from."""

    model_type: str
    schema_: Annotated[dict[str, Any], Field(alias="schema")]
    template: dict[str, Any]
    checkpoints: Annotated[list[str], Field(description="Names for a start of the kind `checkpoint`.")]


def shape(training: Training, served: Services) -> TrainingForm:
    """A training as it is answered, with what its run folder says of the moment."""
    live: dict[str, Any] = {"images_per_s": None, "eta_s": None}
    best, verdict = training.best, training.verdict
    if training.state in ACTIVE:
        try:
            summary = served.index.summary(training.id)
        except NotFound:  # no word yet
            pass
        else:
            live = {"images_per_s": summary.images_per_s, "eta_s": summary.eta_s}
            best, verdict = summary.best, summary.verdict
    model = training.model
    return TrainingForm(
        id=training.id,
        name=training.name,
        state=training.state,  # type: ignore[arg-type]  # a row holds one of these words
        project=training.project_slug,
        version=training.version_number,
        model_type=training.model_type,
        request=dict(training.request),
        limits=dict(training.limits),
        webhook_url=training.webhook_url,
        attempt=training.attempt,
        max_attempts=training.max_attempts,
        epoch=training.epoch,
        epochs=training.epochs,
        best=None if best is None else Best.model_validate(best),
        verdict=verdict,
        message=training.message,
        created_by=training.created_by,
        queued_at=training.queued_at,
        started_at=training.started_at,
        ended_at=training.ended_at,
        model=None
        if model is None
        else TrainedModel(
            id=model.id,
            slug=model.slug,
            name=model.name,
            model_type=model.model_type,
            can_run=model.can_run,
            classes=model.classes,
            image_size_px=model.image_size_px,
            metrics=dict(model.metrics),
            files=sorted(model.files),
            created_at=model.created_at,
            answers=model.answers,
            is_chosen=model.is_chosen,
        ),
        **live,
    )
