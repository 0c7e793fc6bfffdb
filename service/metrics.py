"""What each process counts as it works: how long requests and steps take, what became of messages.

Several processes of one machine share a folder of counters (`share`); whoever answers /metrics adds them up.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from prometheus_client.registry import CollectorRegistry

Act = Literal["completion", "start", "timer"]
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_STEP_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def share(folder: Path, name: str) -> None:
    """Let this process and those it forks count in `folder`; what processes that are gone have left is removed.

    To be called before anything is counted: the library decides once where its numbers live.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if not _lives(old.name.rpartition("-")[2]):
            shutil.rmtree(old, ignore_errors=True)
    own = folder / f"{name}-{os.getpid()}"
    own.mkdir(exist_ok=True)
    os.environ[_FOLDER] = str(own)


def request_took(seconds: float, method: str, route: str, status: int) -> None:
    """`route` is the rule, never the address: its numbers would make a series each."""
    _labelled("requests", method, route, f"{status // 100}xx").observe(seconds)


def step_took(seconds: float, act: Act) -> None:
    """One step of a case, as long as whoever asked for it waited."""
    _labelled("steps", act).observe(seconds)


def message_done(kind: str, result: Literal["sent", "failed", "dead"]) -> None:
    _labelled("messages", kind, result).inc()


@lru_cache(maxsize=1024)
def _labelled(instrument: str, *labels: str) -> Any:
    """One series; the library would look it up under its lock at every request."""
    return _instruments()[instrument].labels(*labels)


@cache
def registry() -> CollectorRegistry:
    """Where this process' own instruments stand."""
    from prometheus_client import CollectorRegistry

    return CollectorRegistry()


@cache
def _instruments() -> dict[str, Any]:
    from prometheus_client import Counter, Histogram

    place: dict[str, Any] = {"registry": registry()}
    return {
        "requests": Histogram(
            "mingjing_http_request_seconds",
            "Requests by their route",
            ["method", "route", "status"],
            buckets=_REQUEST_BUCKETS,
            **place,
        ),
        "steps": Histogram("mingjing_step_seconds", "Steps of cases", ["act"], buckets=_STEP_BUCKETS, **place),
        "messages": Counter("mingjing_outbox_messages", "Attempts to send a message", ["kind", "result"], **place),
    }


def counted() -> Iterator[Any]:
    """The metric families that this machine's processes have counted; those of this process alone if none is shared."""
    own = os.environ.get(_FOLDER)
    if own is None:
        _instruments()
        yield from registry().collect()
        return
    from prometheus_client.multiprocess import MultiProcessCollector

    files = [str(path) for path in Path(own).parent.glob("*/*.db")]
    yield from MultiProcessCollector.merge(files, accumulate=True)  # type: ignore[no-untyped-call]


def _lives(pid: str) -> bool:
    return pid.isdigit() and Path(f"/proc/{pid}").exists()
