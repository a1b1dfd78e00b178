"""Numbers for Prometheus, and who may see them. Run: pytest tests/server/test_metrics.py."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from epochal.deploy.monitoring import Counts
from epochal.jobs.training_states import STATES
from epochal.server.serving import ServerThread

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
NO_LABELS: tuple[tuple[str, str], ...] = ()


def _samples(answer: httpx.Response) -> Samples:
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def _count(samples: Samples, method: str, status: str) -> float:
    return samples.get(("epochal_http_requests_total", (("method", method), ("status", status))), 0.0)


def test_requests_are_counted_by_method_and_class_of_status(
    client: httpx.Client, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    before = _samples(client.get("/metrics"))
    client.get("/api/me")  # 401
    client.request("PROPFIND", "/api/me")  # 405: a method of HTTP, and none of ours
    wait_until(lambda: _count(_samples(client.get("/metrics")), "other", "4xx") == _count(before, "other", "4xx") + 1)
    after = _samples(client.get("/metrics"))
    assert _count(after, "GET", "4xx") == _count(before, "GET", "4xx") + 1
    assert _count(after, "GET", "2xx") > _count(before, "GET", "2xx")
    total = sum(value for (name, _), value in after.items() if name == "epochal_http_requests_total")
    assert after["epochal_http_request_seconds_count", NO_LABELS] == total


def test_trainings_queue_and_inference_are_told(client: httpx.Client, server: ServerThread) -> None:
    before = _samples(client.get("/metrics"))
    states = {dict(labels)["state"] for name, labels in before if name == "epochal_trainings"}
    assert states == set(STATES)
    queued = before["epochal_trainings", (("state", "queued"),)]
    assert before["epochal_training_queue_length", NO_LABELS] == queued
    monitor = server.app.state.services.answering.monitor
    monitor.add("no-model", Counts(requests=3, errors=1))
    after = _samples(client.get("/metrics"))
    for name, more in (("requests", 3), ("errors", 1)):
        key = (f"epochal_inference_{name}_total", NO_LABELS)
        assert after[key] == before[key] + more


def test_no_label_tells_a_name(keyed: httpx.Client) -> None:
    keyed.get("/api/workspaces/my-workspace/projects/secret-project")
    answer = keyed.get("/metrics")
    assert "secret-project" not in answer.text
    assert "my-workspace" not in answer.text
    labels = {name for _, labels in _samples(answer) for name, _ in labels}
    assert labels == {"method", "status", "state", "le"}


def _ask_from(server: ServerThread, peer: str, headers: dict[str, str]) -> int:
    async def ask() -> int:
        transport = httpx.ASGITransport(server.app, client=(peer, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.get("/metrics", headers=headers)).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("peer", "headers"), [("192.0.2.7", {}), ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}), ("::1", {"Via": "1.1 a"})]
)
def test_from_elsewhere_a_key_of_the_first_workspace_is_needed(
    server: ServerThread, make_key: Callable[..., str], peer: str, headers: dict[str, str]
) -> None:
    def status(key: str | None) -> int:
        return _ask_from(server, peer, headers | ({"Authorization": f"Bearer {key}"} if key else {}))

    assert status(None) == 401
    assert status("ep_" + "0" * 38) == 401
    assert status(make_key("infer")) == 403
    assert status(make_key(workspace="another")) == 404
    assert status(make_key("read")) == 200


def test_this_machine_needs_none(server: ServerThread) -> None:
    assert [_ask_from(server, peer, {}) for peer in ("127.0.0.1", "::1")] == [200, 200]
