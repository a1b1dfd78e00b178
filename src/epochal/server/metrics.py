"""Numbers about the server for Prometheus.

Labels come from closed lists: names, ids and paths tell too much, and there is no end of them.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from epochal.deploy.monitoring import Monitor
from epochal.jobs.tables import TrainingRow
from epochal.jobs.training_states import STATES
from epochal.storage.database import Database

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What this server counts, and what the database says of trainings when it is asked."""

    def __init__(self, database: Database, monitor: Monitor) -> None:
        """Count nothing yet.

        Args:
            database: of the trainings.
            monitor: counts what models are asked.
        """
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "epochal_http_requests", "Requests that ended.", ["method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "epochal_http_request_seconds",
            "From a request's first byte to the first of its answer.",
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(_Stored(database, monitor))

    def count(self, method: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            method: of HTTP; one that is not known counts as `other`.
            status: of HTTP; 0 when there was no answer.
            seconds: until its answer began.
        """
        known = method if method in _METHODS else "other"
        self._requests.labels(known, f"{status // 100}xx" if status else "none").inc()
        self._seconds.observe(seconds)

    def render(self) -> bytes:
        """All of it in Prometheus' text form. Raises Failed when the database does not answer."""
        return generate_latest(self._registry)


class _Stored(Collector):
    """What is asked for at each look."""

    def __init__(self, database: Database, monitor: Monitor) -> None:
        self._database, self._monitor = database, monitor

    def describe(self) -> Iterator[Metric]:
        """Nothing: to register must not ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        by_state: dict[str, int] = dict.fromkeys(STATES, 0)
        counted = select(TrainingRow.state, func.count()).where(TrainingRow.deleted_at.is_(None))
        with self._database.read() as session:
            for state, count in session.execute(counted.group_by(TrainingRow.state)):
                by_state[state] = count
        trainings = GaugeMetricFamily("epochal_trainings", "Trainings of versions by state.", labels=["state"])
        for state, count in by_state.items():
            trainings.add_metric([state], count)
        yield trainings
        yield GaugeMetricFamily("epochal_training_queue_length", "Trainings that wait.", by_state["queued"])
        requests, errors = self._monitor.requests, self._monitor.errors
        yield CounterMetricFamily("epochal_inference_requests", "Requests to models that were counted.", requests)
        yield CounterMetricFamily("epochal_inference_errors", "Requests to models that failed.", errors)
