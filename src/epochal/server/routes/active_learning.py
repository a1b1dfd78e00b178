"""The rules by which a project keeps images of inference."""

import datetime

from fastapi import APIRouter

from epochal.datasets.projects import find_project
from epochal.deploy.sampling_store import count_kept, read_rules, save_rules
from epochal.server.callers import CanRead, CanWrite
from epochal.server.inference_forms import ActiveLearningAnswer, ActiveLearningForm
from epochal.server.services import Served

router = APIRouter(prefix="/api/workspaces/{workspace}/projects/{project}", tags=["inference"])


@router.get("/active-learning")
def get_active_learning(workspace: str, project: str, caller: CanRead, served: Served) -> ActiveLearningAnswer:
    """The rules of a project, and what they have kept."""
    with served.database.read() as session:
        found = find_project(session, caller.workspace_id, project)
        config = read_rules(session, found.id)
        kept = count_kept(session, found.id, datetime.datetime.now(datetime.UTC))
    return ActiveLearningAnswer(config=config, kept=kept, since_start=served.answering.collector.counts(found.id))


@router.put("/active-learning")
def put_active_learning(
    workspace: str, project: str, form: ActiveLearningForm, caller: CanWrite, served: Served
) -> ActiveLearningAnswer:
    """Put rules in the place of those before; docs/deploy.md has their form."""
    with served.database.write() as session:
        found = find_project(session, caller.workspace_id, project)
        save_rules(session, found.id, form.config)
    served.answering.collector.forget_rules(found.id)
    return get_active_learning(workspace, project, caller, served)
