"""The forms of models, for the OpenAPI description and the types of the web app."""

from typing import Annotated

from pydantic import Field

from epochal.jobs.model_exports import ExportFormat
from epochal.jobs.models import Model
from epochal.server.answers import Form, RequestForm


class ModelForm(Form):
    """A model: what a training made or somebody uploaded."""

    id: str
    slug: Annotated[str, Field(description="Its name in addresses, unique in its workspace.")]
    name: str
    model_type: str
    can_run: bool
    message: Annotated[str, Field(description="Why it cannot be run here; else empty.")]
    files: Annotated[list[str], Field(description="Names to download.")]
    classes: list[str]
    image_size_px: int | None
    metrics: dict[str, float]
    project_id: str | None
    version_id: str | None
    training_id: str | None
    created_at: float
    answers: Annotated[bool, Field(description="It answers for its version, when PROJECT/NUMBER is asked.")]
    is_chosen: Annotated[bool, Field(description="Somebody chose it to; else the newest that can run answers.")]


class ModelList(Form):
    """Models, the newest first."""

    models: list[ModelForm]


class RenameModel(RequestForm):
    """Another name in addresses."""

    slug: Annotated[str, Field(min_length=1, max_length=60)]


class ExportRequest(RequestForm):
    """Which form to make: `runtime` is a zip that runs with onnxruntime, pillow and numpy alone."""

    format: ExportFormat


def describe_model(model: Model) -> ModelForm:
    """A model as an answer."""
    return ModelForm(
        id=model.id,
        slug=model.slug,
        name=model.name,
        model_type=model.model_type,
        can_run=model.can_run,
        message=model.message,
        files=sorted(model.files),
        classes=list(model.classes),
        image_size_px=model.image_size_px,
        metrics=dict(model.metrics),
        project_id=model.project_id,
        version_id=model.version_id,
        training_id=model.training_id,
        created_at=model.created_at,
        answers=model.answers,
        is_chosen=model.is_chosen,
    )
