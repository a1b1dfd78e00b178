"""Label assist in the background: a model looks at unlabelled images, its boxes become drafts; a restart goes on."""

from collections.abc import Callable
from dataclasses import dataclass

from epochal.datasets.labels import LabelledBox
from epochal.deploy.asking import Question
from epochal.errors import DatasetError, EpochalError, NotFound
from epochal.jobs.answering import Answering
from epochal.jobs.background import Background
from epochal.jobs.models import Model, model_by_id
from epochal.labeling.assists import Assist, Unlabelled, end_assist, keep_drafts, next_images, unfinished_assists
from epochal.labeling.proposals import propose
from epochal.storage.blobs import BlobStore
from epochal.storage.database import Database

GROUP = 16  # images whose drafts are committed together


@dataclass(frozen=True)
class LabelAssist:
    """What proposes, for one server.

    Attributes:
        database, blobs: of the server.
        answering: its models.
        background: where it runs.
    """

    database: Database
    blobs: BlobStore
    answering: Answering
    background: Background

    def submit(self, assist: Assist) -> None:
        """Run an assist whose row is there and committed."""
        self.background.submit(_name(assist.id), lambda is_cancelled: self._run(assist, is_cancelled))

    def cancel(self, assist_id: str) -> None:
        """Ask an assist to stop; the drafts that it has made stay."""
        if not self.background.cancel(_name(assist_id)):
            with self.database.write() as session:
                end_assist(session, assist_id, "cancelled")

    def go_on(self) -> None:
        """Submit what an earlier server left unfinished."""
        with self.database.read() as session:
            left = unfinished_assists(session)
        for assist in left:
            self.submit(assist)

    def _run(self, assist: Assist, is_cancelled: Callable[[], bool]) -> None:
        try:
            model = self._model(assist)
            while not is_cancelled():
                with self.database.read() as session:
                    images = next_images(session, assist, GROUP)
                if not images:
                    break
                drafts = [(image.id, self._propose(assist, model, image)) for image in images]
                with self.database.write() as session:
                    assist = keep_drafts(session, assist, drafts)
        except EpochalError as error:
            with self.database.write() as session:
                end_assist(session, assist.id, "failed", str(error))
            return
        if self.background.is_closed:
            return  # the next server goes on
        with self.database.write() as session:
            end_assist(session, assist.id, "cancelled" if is_cancelled() else "finished")

    def _model(self, assist: Assist) -> Model:
        with self.database.read() as session:
            return model_by_id(session, assist.model_id)

    def _propose(self, assist: Assist, model: Model, image: Unlabelled) -> list[LabelledBox]:
        try:
            data = self.blobs.get(image.sha256)
        except NotFound:
            return []
        question = Question(confidence=assist.choice.lowest, overlap=assist.choice.overlap)
        try:
            answer = self.answering.answer(model, [data], question)
        except DatasetError:
            return []
        return propose(answer.found[0].detections, answer.class_names, assist.choice)


def _name(assist_id: str) -> str:
    return f"assist:{assist_id}"
