"""Collect findings while a dataset is read: counted all, remembered a few."""

from collections.abc import Iterable

from epochal.datasets.advice import ADVICE
from epochal.datasets.dataset import Finding, Place

EXAMPLES_MAX, PLACES_MAX = 5, 200


class FindingLog:
    """Counts what is found, by id and action, in the order of first sight."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._examples: dict[tuple[str, str], list[str]] = {}
        self._places: dict[tuple[str, str], dict[Place, None]] = {}

    def add(self, finding_id: str, action: str, example: str, count: int = 1, *, image: str = "") -> None:
        """Count something once (or `count` times), with a sentence that shows it, on an image where it is on one."""
        self.add_many(finding_id, action, count, (example,), ((image, None),) if image else ())

    def add_many(
        self, finding_id: str, action: str, count: int, examples: Iterable[str], places: Iterable[Place] = ()
    ) -> None:
        """Count something; `examples` and `places` may be lazy, no more of them is drawn than is kept."""
        if not count:
            return
        assert finding_id in ADVICE, f"{finding_id} has no row in ADVICE"
        key = (finding_id, action)
        self._counts[key] = self._counts.get(key, 0) + count
        kept = self._examples.setdefault(key, [])
        for example in examples:
            if len(kept) == EXAMPLES_MAX:
                break
            kept.append(example)
        seen = self._places.setdefault(key, {})
        for place in places:
            if len(seen) == PLACES_MAX:
                break
            seen[place] = None

    def merge(self, other: "FindingLog") -> None:
        """Take over what another log holds."""
        for key, count in other._counts.items():
            self.add_many(*key, count, other._examples[key], other._places[key])

    def findings(self) -> tuple[Finding, ...]:
        """All of it."""
        return tuple(
            Finding(finding_id, count, tuple(self._examples[key]), action, tuple(self._places[key]))
            for key, count in self._counts.items()
            for finding_id, action in (key,)
        )
