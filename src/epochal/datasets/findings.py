"""Collect findings while a dataset is read: counted all, remembered a few."""

from collections.abc import Iterable

from epochal.datasets.advice import ADVICE
from epochal.datasets.dataset import Finding

EXAMPLES_MAX = 5


class FindingLog:
    """Counts what is found, by id and action, in the order of first sight."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._examples: dict[tuple[str, str], list[str]] = {}

    def add(self, finding_id: str, action: str, example: str, count: int = 1) -> None:
        """Count something once (or `count` times), with a sentence that shows it."""
        self.add_many(finding_id, action, count, (example,))

    def add_many(self, finding_id: str, action: str, count: int, examples: Iterable[str]) -> None:
        """Count something; `examples` may be lazy, no more of it is drawn than is kept."""
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

    def merge(self, other: "FindingLog") -> None:
        """Take over what another log holds."""
        for (finding_id, action), count in other._counts.items():
            self.add_many(finding_id, action, count, other._examples[finding_id, action])

    def findings(self) -> tuple[Finding, ...]:
        """All of it."""
        return tuple(
            Finding(finding_id, count, tuple(self._examples[finding_id, action]), action)
            for (finding_id, action), count in self._counts.items()
        )
