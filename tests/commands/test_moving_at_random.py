"""Whatever an office does, in whatever order: roles stay separated, money and files are kept, clocks are right."""

from __future__ import annotations

import os
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from service.clock import MovedClock
from service.commands.services import build_services
from tests.commands.conftest import CountyBundles, Desk
from tests.commands.conftest import _settings as settings_of
from tests.commands.office import CST, MONDAY, Office
from tests.commands.random_circumstances import Circumstances
from tests.commands.random_moves import CaseMoves, TaskMoves
from tests.commands.stories import HB, LEVY, MZ, SG, WJ, YJ, ZR
from tests.commands.town import ROVERS, Town, pick
from tests.commands.variants import Variant

# More runs, each time others: MINGJING_CASE_RUNS=2000 pytest tests/commands/test_moving_at_random.py
RUNS = int(os.environ.get("MINGJING_CASE_RUNS", "0"))
# So many different moves must have been made, so that nothing holds for want of them; runs of more make nearly all.
LEAST_WAYS = 15


class Moving(TaskMoves, CaseMoves, Circumstances):
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


@cache
def joint_review() -> bytes:
    """The technical review by two departments side by side, each with its own people and clock."""
    diagram = Variant("environmental_impact_approval")
    diagram.double("technical_review", "second_review")
    diagram.set("second_review", "department", "YJ")
    return diagram.xml


class Joint(Moving):
    """并联审批"""

    items = (HB,)
    partners = ("YJ",)

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        office.deploy(joint_review())

    @rule(choice=pick, beside=st.sampled_from(("technical_review", "second_review")))
    def one_hand_for_two_departments(self, choice: int, beside: str) -> None:
        """Who has done one department's share tries whatever comes after both."""
        number, rover = self.case(choice), self.one(ROVERS, choice)
        share = self.task(choice, number, lambda one: one.element_id == beside)
        if share is None or share.element_id != beside or not self._complete(rover, share, number, {}):
            return
        self.made["a share of the joint review"] += 1
        for _ in range(3):
            for task in self.tasks(number):
                if task.separation_group != "investigate":
                    self._complete(rover, task, number, {})
            self._go_on(number)


class YearEnd(Moving):
    """Limits reach into a year whose notice is not in."""

    items = (YJ, HB, SG)
    last_day = date(2027, 3, 1)

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        office.now = datetime(2026, 12, 14, 9, 0, tzinfo=CST)


class Everything(Moving):
    items = (ZR, MZ, YJ, SG)


KINDS = (Licences, Extendable, Published, Paid, Joint, YearEnd)
# What each kind is there for: these moves must have been made, whatever else was drawn.
OWN: dict[type[Moving], set[str]] = {
    Paid: {"pay", "reverse", "reverse_early", "propose_reduction", "propose_refund", "decide_on_a_fee"},
    Joint: {"a share of the joint review"},
    YearEnd: {"next_years_notice", "change_days"},
}
ALL = {"complete", "claim", "change_days", "declare_outage", "enter_from_paper", "upload"}


def run(desk: Desk, folder: Path, kind: type[Moving], *, runs: int, steps: int) -> None:
    services = build_services(settings_of(desk.county.url, folder), MovedClock(MONDAY))
    services.bundles = CountyBundles(desk.county)

    def begin() -> Moving:
        desk.engine.dispose()
        desk.clear()
        services.subscribers.clear()
        return kind(Office(desk.engine, services))

    Town.made.clear()
    Town.refused.clear()
    options = settings(
        max_examples=RUNS or runs,
        stateful_step_count=steps,
        deadline=None,
        derandomize=not RUNS,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(begin, settings=options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_sequence_of_moves_breaks_what_must_hold(sqlite_desk: Desk, tmp_path: Path, kind: type[Moving]) -> None:
    wanted = ALL | OWN.get(kind, set())
    for runs in (17, 51):
        # What a few runs happened not to draw, more of them do.
        run(sqlite_desk, tmp_path, kind, runs=runs, steps=40)
        if wanted <= set(Town.made):
            break
    assert wanted <= set(Town.made) and len(Town.made) >= LEAST_WAYS, (wanted - set(Town.made), Town.made, Town.refused)
    assert kind is not Paid or Town.refused["print_granting", "fee_unpaid"]


@pytest.mark.slow
@pytest.mark.postgresql
def test_nor_does_any_sequence_on_postgresql(postgresql_desk: Desk, tmp_path: Path) -> None:
    run(postgresql_desk, tmp_path, Everything, runs=10, steps=20)
    assert {"complete", "claim", "change_days"} <= set(Town.made) and len(Town.made) >= LEAST_WAYS, dict(Town.made)
