"""A county a module, seats in it for whoever the story needs, one eye for all pages of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.web import islands_build
from tests.browser.conftest import OpenPage
from tests.browser.stories.errands import Errands
from tests.browser.stories.looking import Eye
from tests.browser.stories.seats import Seat
from tests.browser.stories.town import Town, found, running_town

# The county's calendar is known to the end of this year; its zone is eight hours ahead of UTC.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TakeSeat = Callable[..., Seat]


@pytest.fixture(scope="session")
def eye() -> Eye:
    return Eye()


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file of a county before its first case."""
    return found(tmp_path_factory.mktemp("founded"), MONDAY)


@pytest.fixture(scope="module")
def town(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server of this module's own before its first case, its clock at Monday 09:00."""
    islands_build.build()
    with running_town(founded, tmp_path_factory.mktemp("town")) as running:
        running.put(MONDAY)
        yield running
        assert "Traceback" not in (log := running.log.read_text("utf-8")), log


@pytest.fixture(scope="module")
def errands(town: Town) -> Errands:
    """Hands that bring a case to where a story begins."""
    return Errands(town)


@pytest.fixture
def seat(town: Town, eye: Eye, open_page: OpenPage, complaints: list[str]) -> TakeSeat:
    """A function of (username, width=, height=) that signs somebody in; without a name, an applicant at home."""

    def take(username: str | None = None, *, width: int = 1280, height: int = 900) -> Seat:
        page = open_page("about:blank", width=width, height=height)
        taken = Seat(page, town, eye, complaints)
        return taken.sign_in(username) if username else taken

    return take
