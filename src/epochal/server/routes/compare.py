"""Several runs beside each other."""

from typing import Annotated

from fastapi import APIRouter, Query

from epochal.graphs.comparison import compare
from epochal.server.answers import Comparison
from epochal.server.callers import KeyOrPerson, caller_of_run
from epochal.server.services import Served

router = APIRouter(prefix="/api", tags=["runs"])
RUNS_MAX = 20  # each pair with matches takes up to a second


@router.get("/compare")
def compare_runs(
    run: Annotated[list[str], Query(min_length=2, max_length=RUNS_MAX, description="An id; once for each run.")],
    served: Served,
    asker: KeyOrPerson,
) -> Comparison:
    """Repeats, differences and recipes of 2 to 20 runs; each is set against the first."""
    for run_id in run:
        caller_of_run(asker, served, run_id).require("read")
    graphs = [served.index.graph(run_id) for run_id in run]
    return Comparison.model_validate(compare(graphs))
