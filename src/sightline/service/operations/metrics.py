"""What Prometheus reads of this process: counted here, and sampled when it asks.

Every process tells of itself. Numbers that come from the database (jobs by state) are the same in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import ExceptionContext, event
from sqlalchemy.exc import InterfaceError, OperationalError

from sightline.library.cache import CacheStats
from sightline.library.database import Database
from sightline.service.operations.machine import MachineSample
from sightline.service.operations.queue_state import QueueState
from sightline.version import VERSION

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
DISPATCH_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300)
JOB_S = (0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600)


class Metrics:
    """Counters of this process. Safe for threads.

    ``cache``, ``sample`` and ``queue`` are asked whenever the metrics are read; None: nothing to tell at the moment.
    """

    def __init__(
        self,
        *,
        cache: Callable[[], CacheStats | None] = lambda: None,
        sample: Callable[[], MachineSample | None] = lambda: None,
        queue: Callable[[], QueueState | None] = lambda: None,
    ) -> None:
        # A second series beside every counter, which says when it began, is of no use to anybody here.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        Gauge("sightline_build_info", "Version of the program", ["version"], registry=registry).labels(VERSION).set(1)
        self._requests = Histogram(
            "sightline_http_request_seconds", "Time taken by requests, by route, method and status",
            ["route", "method", "status"], buckets=REQUEST_S, registry=registry,
        )  # fmt: skip
        self._running_requests = Gauge("sightline_http_requests_running", "Requests being answered", registry=registry)
        self._streams = Gauge("sightline_event_streams", "Open streams of events", registry=registry)
        self._finished = Counter(
            "sightline_jobs_finished", "Jobs that this process saw end", ["kind", "state"], registry=registry
        )
        self._job_time = Histogram("sightline_job_seconds", "Time jobs ran", ["kind"], buckets=JOB_S, registry=registry)
        self._dispatch = Histogram(
            "sightline_dispatch_seconds", "From the moment a job could begin to its beginning",
            buckets=DISPATCH_S, registry=registry,
        )  # fmt: skip
        self._media = Counter("sightline_media_seconds", "Seconds of media analysed", registry=registry)
        self._uploaded = Counter("sightline_upload_bytes", "Bytes taken in", ["source"], registry=registry)
        self._database_errors = Counter("sightline_database_errors", "The database could not be reached or refused",
                                        registry=registry)  # fmt: skip
        self._alert_failures = Counter(
            "sightline_webhook_failures", "Alerts the webhook did not take", registry=registry
        )
        self._sign_ins = Counter("sightline_sign_in_attempts", "Attempts to sign in", ["outcome"], registry=registry)
        registry.register(_Sampled(cache, sample, queue))
        ProcessCollector(registry=registry)

    def request_answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """``route`` is the template (``/api/v1/videos/{id}``), never the path: else every id were a series."""
        shown = method if method in METHODS else "other"
        self._requests.labels(route or "(none)", shown, str(status)).observe(seconds)

    def request_began(self) -> None:
        self._running_requests.inc()

    def request_ended(self) -> None:
        self._running_requests.dec()

    def stream_opened(self) -> None:
        self._streams.inc()

    def stream_closed(self) -> None:
        self._streams.dec()

    def job_began(self, waited_s: float) -> None:
        self._dispatch.observe(max(0.0, waited_s))

    def job_ended(self, kind: str, state: str, seconds: float, media_s: float = 0) -> None:
        self._finished.labels(kind, state).inc()
        self._job_time.labels(kind).observe(max(0.0, seconds))
        self._media.inc(max(0.0, media_s))

    def bytes_taken_in(self, source: str, size_bytes: int) -> None:
        self._uploaded.labels(source).inc(size_bytes)

    def database_failed(self) -> None:
        self._database_errors.inc()

    def watch(self, database: Database) -> None:
        """Counts from now on whenever the database cannot be reached, or gives up on a statement."""

        @event.listens_for(database.engine, "handle_error")
        def _count(context: ExceptionContext) -> None:
            if isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError):
                self.database_failed()

    def webhook_failed(self) -> None:
        self._alert_failures.inc()

    def sign_in_tried(self, outcome: str) -> None:
        self._sign_ins.labels(outcome).inc()

    def render(self) -> bytes:
        """The text format of Prometheus; its media type is `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def names(self) -> frozenset[str]:
        """Every series' name, whether it has a value yet or not: what rules and dashboards may ask for."""
        names: set[str] = set()
        for family in self._registry.collect():
            names |= _names_of(family)
        return frozenset(names)


def _names_of(family: Metric) -> set[str]:
    match family.type:
        case "counter":
            return {f"{family.name}_total"}
        case "histogram":
            return {f"{family.name}_{part}" for part in ("bucket", "count", "sum")}
        case _:
            return {family.name}


class _Sampled(Collector):
    def __init__(
        self,
        cache: Callable[[], CacheStats | None],
        sample: Callable[[], MachineSample | None],
        queue: Callable[[], QueueState | None],
    ) -> None:
        self._cache, self._sample, self._queue = cache, sample, queue

    def collect(self) -> Iterator[Metric]:
        yield from _of_cache(self._cache())
        yield from _of_machine(self._sample())
        yield from _of_queue(self._queue())


def _of_cache(stats: CacheStats | None) -> Iterator[Metric]:
    hits = CounterMetricFamily("sightline_cache_hits", "Results found in the cache", labels=["tier"])
    misses = CounterMetricFamily("sightline_cache_misses", "Results made anew")
    errors = CounterMetricFamily("sightline_cache_errors", "Redis was asked and did not answer")
    size = GaugeMetricFamily("sightline_cache_memory_bytes", "Memory tier in use")
    if stats is not None:
        hits.add_metric(["memory"], stats.hits_memory)
        hits.add_metric(["redis"], stats.hits_redis)
        misses.add_metric([], stats.misses)
        errors.add_metric([], stats.errors)
        size.add_metric([], stats.bytes)
    yield from (hits, misses, errors, size)


def _of_machine(sample: MachineSample | None) -> Iterator[Metric]:
    core = GaugeMetricFamily("sightline_cpu_core_percent", "Load of every core", labels=["core"])
    others = GaugeMetricFamily("sightline_cpu_others_percent", "Load by programs other than this one, of all cores")
    own = GaugeMetricFamily("sightline_cpu_own_percent", "Load by this process and its children, of all cores")
    memory = GaugeMetricFamily("sightline_memory_percent", "Memory in use")
    own_memory = GaugeMetricFamily("sightline_memory_own_bytes", "Memory of this process and its children")
    free = GaugeMetricFamily("sightline_disk_free_bytes", "Room left", labels=["folder"])
    total = GaugeMetricFamily("sightline_disk_total_bytes", "Size of the file system", labels=["folder"])
    gpu_labels = ["gpu", "name"]
    gpu_load = GaugeMetricFamily("sightline_gpu_percent", "Load of a GPU", labels=gpu_labels)
    gpu_memory = GaugeMetricFamily("sightline_gpu_memory_used_bytes", "Memory of a GPU in use", labels=gpu_labels)
    gpu_total = GaugeMetricFamily("sightline_gpu_memory_total_bytes", "Memory of a GPU", labels=gpu_labels)
    gpu_heat = GaugeMetricFamily("sightline_gpu_temperature_celsius", "Temperature of a GPU", labels=gpu_labels)
    if sample is not None:
        for number, percent in enumerate(sample.core_percents):
            core.add_metric([str(number)], percent)
        others.add_metric([], sample.others_cpu_percent)
        own.add_metric([], sample.own_cpu_percent)
        memory.add_metric([], sample.memory_percent)
        own_memory.add_metric([], sample.own_memory_bytes)
        for disk in sample.disks:
            free.add_metric([disk.name], disk.free_bytes)
            total.add_metric([disk.name], disk.total_bytes)
        for number, gpu in enumerate(sample.gpus):
            labels = [str(number), gpu.name]
            for family, value in (
                (gpu_load, gpu.load_percent), (gpu_memory, gpu.memory_used_bytes),
                (gpu_total, gpu.memory_total_bytes), (gpu_heat, gpu.temperature_c),
            ):  # fmt: skip
                if value is not None:
                    family.add_metric(labels, value)
    yield from (core, others, own, memory, own_memory, free, total, gpu_load, gpu_memory, gpu_total, gpu_heat)


def _of_queue(queue: QueueState | None) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("sightline_jobs", "Jobs by state", labels=["state"])
    waiting = GaugeMetricFamily(
        "sightline_queue_oldest_seconds", "How long the job that waits longest could have begun"
    )
    dispatcher = GaugeMetricFamily("sightline_dispatcher_age_seconds", "Since the dispatcher was last heard of")
    alerts = GaugeMetricFamily("sightline_alerts_open", "Limits passed at the moment", labels=["kind"])
    if queue is not None:
        for state, count in queue.jobs.items():
            jobs.add_metric([state], count)
        waiting.add_metric([], queue.oldest_due_s)
        if queue.dispatcher_age_s is not None:
            dispatcher.add_metric([], queue.dispatcher_age_s)
        for kind, count in queue.open_alerts.items():
            alerts.add_metric([kind], count)
    yield from (jobs, waiting, dispatcher, alerts)
