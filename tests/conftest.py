"""What every test may ask for: private servers, the browser, and a bound on its time.

Servers start with the first test that asks and serve the whole run, all workers of pytest-xdist included.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from service.garbage import collect_rarely
from tests.servers.postgresql import Postgresql
from tests.servers.programs import NEEDED_BY_MARK, installed, missing_packages
from tests.servers.rabbitmq import Rabbitmq
from tests.servers.sharing import Run, shared_server

# Seconds for one test, its fixtures counted apart; a test that hangs fails, and the run goes on.
LIMITS = {"slow": 300, "browser": 180}
LIMIT = 60
FIXTURES_LIMIT = 240


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = Run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if run := config.stash.get(_RUN, None):
        run.end()


_RUN = pytest.StashKey[Run]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests share one worker, since two Chromiums slow each other down, and begin first, since they last."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_collection_finish() -> None:
    """As the product does: what was loaded, thousands of tests among it, is not looked through again and again."""
    collect_rarely()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    for mark in NEEDED_BY_MARK:
        if item.get_closest_marker(mark):
            require(mark)
    with time_limit(FIXTURES_LIMIT):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with time_limit(max((LIMITS[mark.name] for mark in item.iter_markers() if mark.name in LIMITS), default=LIMIT)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None]:
    with time_limit(FIXTURES_LIMIT):
        return (yield)


@contextmanager
def time_limit(seconds: int) -> Generator[None]:
    """Raises TimeoutError in the main thread when the time is up."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"Expected to end within {seconds} seconds, but it did not")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def require(mark: str) -> None:
    """Skips the test when a package that tests of this mark need is absent; where CI says so, fails it.

    The words are the same for every such test, so that pytest folds them into one line.
    """
    if not missing_packages(NEEDED_BY_MARK[mark]):
        return
    words = f"not installed, and installing takes root or sudo: {', '.join(missing_packages())}"
    if os.environ.get("CI") == "true":
        pytest.fail(words, pytrace=False)
    pytest.skip(words)


@pytest.fixture(scope="session")
def postgresql_server() -> Postgresql:
    """A server of this run. Make databases of your own on it, their names unlike those of other workers."""
    require("postgresql")
    return Postgresql(**shared_server("postgresql"))


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """For Celery: a virtual host of this worker's own on a node of this run."""
    require("broker")
    return Rabbitmq(**shared_server("rabbitmq")).url(os.environ.get("PYTEST_XDIST_WORKER", "master"))


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Debian's Chromium, for Playwright's `executable_path`."""
    require("browser")
    return installed("browser")
