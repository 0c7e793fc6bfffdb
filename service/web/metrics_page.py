"""`/metrics`, in the text format of Prometheus: what the processes counted, and how the work stands in the database.

Not for the public: on this machine alone while the product is at a loopback address, else for the holder of the token.
"""

from __future__ import annotations

import hmac
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from service.clock import real_now
from service.database.session import reading
from service.errors import not_found
from service.gateways.transport import is_loopback
from service.metrics import counted
from service.reads.state_of_work import StateOfWork, read_state_of_work
from service.web.context import WebContext, context

# Scrapes that come faster than this, from several watchers for example, ask the database once.
CACHED_SECONDS = 5.0
Depths = Callable[[], Mapping[str, int]]


def register_metrics(app: Flask, web: WebContext, depths: Depths) -> None:
    """`depths` tells how many messages lie in each queue of the broker; it may fail."""
    collector = WorkCollector(web, depths)
    app.extensions["mingjing_metrics"] = collector
    app.add_url_rule("/metrics", "metrics", lambda: _answer(collector))


def _answer(collector: WorkCollector) -> Response:
    _require_watcher()
    registry = CollectorRegistry()
    registry.register(collector)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _require_watcher() -> None:
    """Raises Refused not_found, as for any address that is not there."""
    settings = context().services.settings
    if settings.metrics_token:
        given = request.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode()):
            return
    elif is_loopback(settings.public_url) and is_loopback(f"http://[{request.remote_addr}]" if _six() else _caller()):
        return
    raise not_found("该地址", "this address")


def _six() -> bool:
    return ":" in (request.remote_addr or "")


def _caller() -> str:
    return f"http://{request.remote_addr}"


class WorkCollector:
    """The counters of the processes, and the state of the work, asked for at most every few seconds."""

    def __init__(self, web: WebContext, depths: Depths) -> None:
        self._web = web
        self._depths = depths
        self._lock = threading.Lock()
        self._asked = -CACHED_SECONDS
        self._state: tuple[StateOfWork, Mapping[str, int]] | None = None

    def describe(self) -> Iterator[Any]:
        """Nothing is asked when this is registered."""
        return iter(())

    def collect(self) -> Iterator[Any]:
        yield from counted()
        state, depths = self._read()
        yield from work_families(state)
        yield _by("mingjing_queue_messages", "Messages in a queue of the broker", ["queue"], depths)
        usage = shutil.disk_usage(self._web.services.settings.data)
        yield Gauge("mingjing_disk_free_bytes", "Free on the disk of the data folder", usage.free)
        yield Gauge("mingjing_disk_size_bytes", "Size of the disk of the data folder", usage.total)

    def forget(self) -> None:
        """Ask anew at the next scrape."""
        self._state = None

    def _read(self) -> tuple[StateOfWork, Mapping[str, int]]:
        with self._lock:
            if self._state is None or time.monotonic() - self._asked >= CACHED_SECONDS:
                with reading(self._web.engine) as connection:
                    state = read_state_of_work(connection, self._web.services.clock.now(), real_now())
                self._state, self._asked = (state, self._depths()), time.monotonic()
            return self._state


def work_families(state: StateOfWork) -> Iterator[Any]:
    """The gauges of one state."""
    yield Gauge("mingjing_timers_due", "Timers that have fallen due and not fired", state.timers_due)
    yield Gauge("mingjing_timer_lag_seconds", "How late the oldest due timer is", state.timer_lag)
    depth = {kind: count for kind, (count, _) in state.waiting.items()}
    ages = {kind: age for kind, (_, age) in state.waiting.items()}
    yield _by("mingjing_outbox_waiting", "Messages that wait to be sent", ["kind"], depth)
    yield _by("mingjing_outbox_age_seconds", "Age of the oldest message that waits", ["kind"], ages)
    yield _by("mingjing_outbox_dead", "Messages that a person has to decide upon", ["kind"], state.dead)
    yield _by("mingjing_alarms_open", "Alarms that are not closed", ["kind", "colour"], state.alarms)
    yield Gauge("mingjing_incidents_open", "Acts and timers that failed by no fault of a person", state.incidents)
    yield Gauge("mingjing_unmatched_payments_open", "Payments that belong to no notice", state.unmatched)
    yield _by("mingjing_cases", "Cases that are not closed", ["status"], state.cases)
    silent = {} if state.worker_silent is None else {("any",): state.worker_silent}
    yield _by("mingjing_worker_silent_seconds", "Since a worker was last heard", ["worker"], silent)


def _by(name: str, words: str, labels: list[str], values: Mapping[Any, float]) -> Gauge:
    family = Gauge(name, words, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(list(key) if isinstance(key, tuple) else [key], value)
    return family
