"""Whose training starts next: workspaces take turns, so that one with a hundred holds up none with a single; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A training in the queue.

    Attributes:
        id: of the training.
        workspace_id: whose turn it takes.
        queued_at: since when it waits, seconds since 1970.
        attempt: how often it has been started; one that lost its worker goes on before others begin.
    """

    id: str
    workspace_id: str
    queued_at: float
    attempt: int = 0


def fair_order(
    waiting: Sequence[Waiting], running: Mapping[str, int], last_served_at: Mapping[str, float]
) -> list[Waiting]:
    """The order in which trainings should start.

    First those that lost their worker. Then by turns: the workspace with the fewest running goes first, among equals
    the one that was served longest ago; within a workspace the oldest.

    Args:
        waiting: the queue.
        running: {workspace_id: how many of its trainings run}.
        last_served_at: {workspace_id: when one of its trainings last began}.

    Returns:
        All of `waiting`, each once.
    """
    again = sorted((one for one in waiting if one.attempt > 0), key=lambda one: (one.queued_at, one.id))
    lines: dict[str, list[Waiting]] = {}
    for one in sorted((one for one in waiting if one.attempt == 0), key=lambda one: (one.queued_at, one.id)):
        lines.setdefault(one.workspace_id, []).append(one)
    served = {workspace: (running.get(workspace, 0), last_served_at.get(workspace, 0.0)) for workspace in lines}
    order = list(again)
    turn = max((at for _, at in served.values()), default=0.0)
    while lines:
        workspace = min(lines, key=lambda name: (*served[name], lines[name][0].queued_at, name))
        order.append(lines[workspace].pop(0))
        turn += 1.0
        served[workspace] = (served[workspace][0] + 1, turn)
        if not lines[workspace]:
            del lines[workspace]
    return order
