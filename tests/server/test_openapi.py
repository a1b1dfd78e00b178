"""The description from which the web app's types are made. Run: pytest tests/server/test_openapi.py."""

import json

import httpx

from epochal.server.openapi import openapi_text


def test_openapi_text__describes_every_route_and_the_one_error(client: httpx.Client) -> None:
    description = json.loads(openapi_text())
    assert description == client.get("/api/openapi.json").json()
    routes = {f"{method.upper()} {path}" for path, item in description["paths"].items() for method in item}
    assert routes >= {
        "GET /health",
        "GET /api/runs/{run_id}/events",
        "POST /api/workspaces/{workspace}/models/{model}/infer",
    }
    assert all(
        path == "/health" or path.startswith("/api/") for path in description["paths"]
    )  # the surface at the root is not described
    for path, item in description["paths"].items():
        for method, route in item.items():
            schema = route["responses"]["4XX"]["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}, (method, path)
    assert "HTTPValidationError" not in description["components"]["schemas"]
