"""Which command of ours does what a finding advises.

Words in capitals are the reader's to fill in; RUN is the run folder.
"""

import shlex
from typing import NamedTuple

from epochal.graphs.graph import Graph

_CHECK = "epochal check DATASET"
_NEAR = "epochal check DATASET --near-duplicates"
_SPLIT = "epochal version create DATASET --settings SPLIT.json"
_SHORT = "epochal train DATASET --epochs 20"
_AGAIN = "epochal train DATASET"
_TEST = "epochal evaluate RUN/weights/best.pt DATASET --split test"
_VAL = "epochal evaluate RUN/weights/best.pt DATASET --split val"
_LONGER = "epochal train DATASET --epochs {longer}"
_LARGER = "epochal train DATASET --model fast-s"
_VARIED = "epochal version create DATASET --outputs 3"


class Command(NamedTuple):
    """What to type.

    Attributes:
        any: after reading the log of any trainer; empty where nothing of ours helps.
        own: after reading a run of ours; None: the same.
    """

    any: str
    own: str | None = None


COMMANDS: dict[str, Command] = {
    "cannot_tell": Command("", _VAL),
    "diverged_or_nan": Command(_CHECK),
    "not_learning": Command(_CHECK),
    "too_short_to_tell": Command("epochal train DATASET --epochs 100"),
    "overfitting": Command(_VARIED),
    "unstable_noisy": Command(_SPLIT),
    "improving_still": Command(_LONGER),
    "plateaued": Command(_LARGER),
    "healthy_converged": Command("", _TEST),
    "val_box_loss_rising": Command(_VARIED),
    "val_cls_loss_rising": Command(_VARIED, _VAL),
    "val_loss_up_map_up": Command("", _VAL),
    "map_declining": Command(_VARIED, _TEST),
    "train_val_gap": Command(_NEAR),
    "val_below_train": Command(_NEAR),
    "nan": Command(_CHECK),
    "spike": Command(_CHECK),
    "diverging": Command(_SHORT),
    "lr_too_high": Command(_SHORT),
    "lr_beyond_use": Command(_SHORT),
    "lr_too_low": Command(_SHORT),
    "map_zero": Command(_CHECK),
    "sure_of_nothing": Command(_CHECK),
    "frozen_metrics": Command(_AGAIN),
    "noisy_validation": Command(_SPLIT),
    "small_validation": Command(_SPLIT),
    "few_train_images": Command(_CHECK),
    "few_val_images": Command(_SPLIT),
    "plateau": Command(_LARGER),
    "still_improving": Command(_LONGER),
    "too_good": Command(_NEAR),
    "val_in_train": Command("epochal convert DATASET OUT --to coco --mend-leaks"),
    "best_epoch": Command("", _TEST),
    "precision_recall_imbalance": Command("", _VAL),
    "loose_boxes": Command(_CHECK),
    "class_dragging": Command(_CHECK, _VAL),
    "class_never_found": Command(_CHECK),
    "class_driven": Command(_CHECK, _VAL),
    "jump_at_event": Command(""),  # nothing is to be done
    "jump_at_resume": Command(_AGAIN),
    "resume_discontinuity": Command(_AGAIN),
    "stopped_early": Command(_LONGER, "epochal train --resume RUN"),
}


def command_for(finding_id: str, graph: Graph) -> str:
    """The command for a finding on a graph; empty where none of ours helps.

    A run of ours is named by its folder, in quotes when a shell would take it apart.
    """
    found = COMMANDS[finding_id]
    is_own = graph.format == "epochal"
    command = found.any if found.own is None or not is_own else found.own
    done = int(graph.epochs[-1]) - graph.first_epoch + 1 if len(graph.epochs) else 0
    command = command.replace("{longer}", str(2 * max(done, graph.epochs_planned or 0)))
    return command.replace("RUN", shlex.quote(graph.path.removesuffix("/metrics.jsonl"))) if is_own else command
