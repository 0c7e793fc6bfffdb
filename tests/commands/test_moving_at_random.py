"""Whatever an office does, in whatever order: roles stay separated, money and files are kept, clocks are right."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from service.clock import MovedClock
from service.commands.services import build_services
from tests.commands.conftest import CountyBundles, Desk
from tests.commands.conftest import _settings as settings_of
from tests.commands.office import MONDAY, Office
from tests.commands.random_moves import CaseMoves, TaskMoves
from tests.commands.stories import HB, LEVY, MZ, SG, WJ, YJ, ZR
from tests.commands.town import Town

# More runs, each time others: MINGJING_CASE_RUNS=2000 pytest tests/commands/test_moving_at_random.py
RUNS = int(os.environ.get("MINGJING_CASE_RUNS", "0"))
_EVERYWHERE = ("claim", "sign", "complete", "upload", "copy", "read")


class Moving(TaskMoves, CaseMoves):
    """All ways together."""

    def teardown(self) -> None:
        self.office.close()


class Licences(Moving):
    items = (YJ, WJ)


class Extendable(Moving):
    items = (MZ, SG)


class Published(Moving):
    items = (HB, MZ)


class Paid(Moving):
    items = (ZR, LEVY)


# What some runs of a kind must have done at least once, so that none of this holds for want of moves.
WAYS = {
    Licences: "release complete_at_once rule special_step withdraw transfer send_back",
    Extendable: "extend answer link unlink lend urge transfer send_back",
    Published: "special_step print suspend resume lend",
    Paid: "pay pay_twice notice print_granting",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", WAYS, ids=lambda kind: kind.__name__)
def test_no_sequence_of_moves_breaks_what_must_hold(sqlite_desk: Desk, tmp_path: Path, kind: type[Moving]) -> None:
    services = build_services(settings_of(sqlite_desk.county.url, tmp_path), MovedClock(MONDAY))
    services.bundles = CountyBundles(sqlite_desk.county)

    def begin() -> Moving:
        sqlite_desk.engine.dispose()
        sqlite_desk.clear()
        services.subscribers.clear()
        return kind(Office(sqlite_desk.engine, services))

    Town.made.clear()
    Town.refused.clear()
    options = settings(
        max_examples=RUNS or 25,
        stateful_step_count=40,
        deadline=None,
        derandomize=not RUNS,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(begin, settings=options)
    assert [way for way in (*_EVERYWHERE, *WAYS[kind].split()) if not Town.made[way]] == []
