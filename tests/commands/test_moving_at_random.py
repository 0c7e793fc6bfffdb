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
# So many different moves must have been made, so that nothing holds for want of them; runs of more make nearly all.
LEAST_WAYS = 15


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


KINDS = (Licences, Extendable, Published, Paid)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
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
    assert {"complete", "claim"} <= set(Town.made) and len(Town.made) >= LEAST_WAYS, dict(Town.made)
    assert kind is not Paid or (Town.made["pay"] and Town.refused["print_granting", "fee_unpaid"])
