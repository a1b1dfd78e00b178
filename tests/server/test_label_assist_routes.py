"""Label assist over the native API. Run: pytest tests/server/test_label_assist_routes.py."""

import time
from collections.abc import Callable

import httpx
import pytest

from epochal.datasets.labels import read_annotations
from epochal.datasets.uploads import add_image
from epochal.server.services import Services
from epochal.workspaces.workspaces import ensure_first_workspace
from server.at_work import AtWork, add_working_model, picture

MakeKey = Callable[..., str]


@pytest.fixture
def at_work(served: Services, make_key: MakeKey) -> AtWork:
    with served.database.write() as session:
        workspace = ensure_first_workspace(session)
    return add_working_model(served.database, served.blobs, workspace.id, f"assist {time.time_ns()}")


@pytest.fixture
def image_ids(served: Services, at_work: AtWork) -> list[str]:
    with served.database.write() as session:
        return [add_image(session, served.blobs, at_work.project_id, picture(n), name=f"{n}.png").id for n in range(20)]


def _wait(keyed: httpx.Client, url: str) -> dict[str, object]:
    end = time.monotonic() + 30
    while (told := keyed.get(url).json())["state"] == "running":
        assert time.monotonic() < end
        time.sleep(0.02)
    return told  # type: ignore[no-any-return]


def test_label_assist__drafts_by_class_and_threshold_then_review(
    keyed: httpx.Client, served: Services, at_work: AtWork, image_ids: list[str]
) -> None:
    base = f"/api/workspaces/my-workspace/projects/{at_work.slug}"
    body = {
        "model": at_work.model_slug,
        "confidence": 0.3,
        "thresholds": {"ä b": 0.99},
        "classes": {"dog": "hound", "cat": None},
    }
    begun = keyed.post(f"{base}/label-assists", json=body)
    assert begun.status_code == 201, begun.text
    told = _wait(keyed, f"{base}/label-assists/{begun.json()['id']}")
    assert (told["state"], told["images"], told["done"]) == ("finished", 20, 20)
    with served.database.read() as session:
        boxes = read_annotations(session, at_work.project_id, image_ids)
    drafts = [one for some in boxes.values() for one in some]
    assert len(drafts) == told["boxes"] > 10
    assert {(one.class_name, one.is_draft) for one in drafts} == {("hound", True)}
    accepted = keyed.post(f"{base}/drafts/review", json={"decision": "accept", "images": image_ids[:3]}).json()
    assert accepted["accepted"] == sum(len(boxes[one]) for one in image_ids[:3])
    rejected = keyed.post(f"{base}/drafts/review", json={"decision": "reject"}).json()
    assert accepted["accepted"] + rejected["rejected"] == len(drafts)
    assert len(keyed.get(f"{base}/label-assists").json()["assists"]) == 1


def test_label_assist__cancel_and_errors(
    keyed: httpx.Client, at_work: AtWork, image_ids: list[str], make_key: MakeKey
) -> None:
    base = f"/api/workspaces/my-workspace/projects/{at_work.slug}"
    assert keyed.post(f"{base}/label-assists", json={"model": "none"}).status_code == 404
    bad = keyed.post(f"{base}/label-assists", json={"model": at_work.model_slug, "classes": {"horse": "x"}})
    assert (bad.status_code, "no class 'horse'" in bad.text) == (400, True)
    reader = {"Authorization": f"Bearer {make_key('read')}"}
    assert keyed.post(f"{base}/label-assists", json={"model": at_work.model_slug}, headers=reader).status_code == 403
    begun = keyed.post(f"{base}/label-assists", json={"model": at_work.model_slug}).json()
    keyed.post(f"{base}/label-assists/{begun['id']}/cancel")
    assert _wait(keyed, f"{base}/label-assists/{begun['id']}")["state"] in {"cancelled", "finished"}
    assert keyed.get(f"{base}/label-assists/none").status_code == 404


def test_label_assist__a_server_that_starts_goes_on(
    keyed: httpx.Client, served: Services, at_work: AtWork, image_ids: list[str]
) -> None:
    from epochal.jobs.models import find_model
    from epochal.labeling.assists import begin_assist
    from epochal.labeling.proposals import Choice

    with served.database.write() as session:
        workspace = ensure_first_workspace(session)
        model = find_model(session, workspace.id, at_work.model_slug)
        left = begin_assist(session, at_work.project_id, model.id, Choice(), batch_id=None, created_by="key:x")
    served.label_assist.go_on()
    url = f"/api/workspaces/my-workspace/projects/{at_work.slug}/label-assists/{left.id}"
    assert _wait(keyed, url)["state"] == "finished"
