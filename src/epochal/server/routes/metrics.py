"""Numbers for Prometheus."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from epochal.server.callers import NEEDS_READ_UNLESS_HERE
from epochal.server.services import Served

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=PlainTextResponse, dependencies=[NEEDS_READ_UNLESS_HERE])
def get_metrics(served: Served) -> PlainTextResponse:
    """Counts for Prometheus: requests, trainings, inference. For this machine itself; others need to be readers."""
    return PlainTextResponse(served.metrics.render(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
