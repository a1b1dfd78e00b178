"""The states of a training in the queue, and which may follow which; pure.

queued ─► starting ─► running ─► finished
  ▲          │           │  └──► stopping ─► stopped (its weights are a model) · cancelled (they are dropped)
  │          └───────────┴──► stalled (its worker lives and is silent) ─► goes on, or as below
  └── the worker is dead and there are attempts left; else failed
  └── a person asks for another try of one that is stopped, failed or cancelled
"""

from typing import Literal, get_args

from epochal.errors import Conflict

TrainingState = Literal[
    "queued", "starting", "running", "stopping", "finished", "stopped", "failed", "cancelled", "stalled"
]
STATES: tuple[TrainingState, ...] = get_args(TrainingState)
ACTIVE: frozenset[str] = frozenset({"starting", "running", "stopping", "stalled"})  # has a worker, or should
_ENDS: frozenset[TrainingState] = frozenset({"finished", "stopped", "failed", "cancelled"})
ENDED: frozenset[str] = frozenset(_ENDS)
TRANSITIONS: dict[TrainingState, frozenset[TrainingState]] = {
    "queued": frozenset({"starting", "cancelled", "failed"}),
    "starting": frozenset({"running", "stopping", "stalled", "queued", *_ENDS}),
    "running": frozenset({"stopping", "stalled", "queued", *_ENDS}),
    # A worker that dies while it stops is started again, so that the weights become a model.
    "stopping": frozenset({"stalled", "queued", *_ENDS}),
    "stalled": frozenset({"running", "stopping", "queued", *_ENDS}),
    "stopped": frozenset({"queued"}),
    "failed": frozenset({"queued"}),
    "cancelled": frozenset({"queued"}),
    "finished": frozenset(),
}


def may_follow(before: str, after: str) -> bool:
    """Whether a training may go from one state to another; False for words that are no states."""
    return any(before == state and after in allowed for state, allowed in TRANSITIONS.items())


def require_transition(training_id: str, before: str, after: str) -> None:
    """Refuse a step that the table does not have. Raises Conflict."""
    if not may_follow(before, after):
        allowed = ", ".join(sorted(next((a for s, a in TRANSITIONS.items() if s == before), ()))) or "nothing"
        raise Conflict(f"Training {training_id} is {before}, after which {allowed} may come, not {after}.")
