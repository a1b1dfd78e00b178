"""The description from which the web app's types are made. Run: pytest tests/server/test_openapi.py."""

import json

import httpx

from epochal.server.openapi import openapi_text


def test_openapi_text__describes_every_route_and_the_one_error(client: httpx.Client) -> None:
    description = json.loads(openapi_text())
    assert description == client.get("/api/openapi.json").json()
    routes = {f"{method.upper()} {path}" for path, item in description["paths"].items() for method in item}
    assert routes == {
        "GET /health",
        "GET /api/runs",
        "GET /api/runs/{run_id}",
        "GET /api/runs/{run_id}/graph",
        "GET /api/runs/{run_id}/events",
        "GET /api/runs/{run_id}/files/{name}",
        "GET /api/runs/{run_id}/evaluated/{split}/confusion",
        "GET /api/runs/{run_id}/evaluated/{split}/images",
        "GET /api/runs/{run_id}/evaluated/{split}/images/{image}",
        "POST /api/runs/{run_id}/stop",
        "POST /api/runs/{run_id}/resume",
        "GET /api/compare",
        "GET /api/datasets",
        "POST /api/trainings",
    }
    for path, item in description["paths"].items():
        for method, route in item.items():
            schema = route["responses"]["4XX"]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}, (method, path)
    assert "HTTPValidationError" not in description["components"]["schemas"]
