"""A simulated county lives through the real commands, and what was planted is written where no rule reads."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from service.clock import MovedClock
from service.database.session import create_database_engine, reading
from service.database.tables import case, event, incident, supervision_order
from service.main import build, cli
from simulation.evaluating import evaluate
from simulation.running import RUN, County, simulate
from simulation.truth import FILE, read_truth
from tests.simulation.conftest import LOOK, SEED


def test_every_case_came_through_the_commands_and_none_ended_in_an_incident(year: Path) -> None:
    engine = create_database_engine(f"sqlite:///{year / 'mingjing.db'}")
    with reading(engine) as connection:
        cases = connection.execute(select(func.count()).select_from(case).where(case.c.kind == "item")).scalar_one()
        started = connection.execute(
            select(func.count())
            .select_from(event.join(case, case.c.id == event.c.case_id))
            .where(event.c.kind == "case_started", event.c.actor.is_not(None), case.c.kind == "item")
        ).scalar_one()
        assert connection.execute(select(func.count()).select_from(incident)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(supervision_order)).scalar_one() > 0
    engine.dispose()
    assert cases == started == json.loads((year / RUN).read_text())["cases"]


def test_the_truth_tells_whom_and_what_each_breach_is_about(year: Path) -> None:
    deeds = read_truth(year)
    assert {deed.innocent for deed in deeds} == {True, False}
    assert all(deed.cases or deed.persons or deed.receipts for deed in deeds)
    assert all(deed.begun_at and deed.done_at and deed.begun_at <= deed.done_at for deed in deeds)


def test_what_must_halt_halts_in_the_transaction_of_the_act(year: Path) -> None:
    found = evaluate(year)
    assert found.halting == found.halting_in_the_act > 0
    assert 0 < found.breach_acts < found.acts


def test_alarms_are_held_against_the_truth_by_kind(year: Path) -> None:
    found = {kind.kind: kind for kind in evaluate(year).kinds}
    assert found["batch"].planted == found["batch"].found > 0
    assert found["overdue"].planted == found["overdue"].found > 0
    slowest = found["batch"].delay_seconds_most
    assert slowest is not None and slowest <= LOOK.total_seconds()


def test_an_alarm_that_tells_of_nothing_planted_is_false(year: Path, tmp_path: Path) -> None:
    for file in year.iterdir():
        if file.is_file() and file.name != FILE:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / FILE).write_text("")
    found = {kind.kind: kind for kind in evaluate(tmp_path).kinds}
    assert (found["batch"].true_alarms, found["batch"].precision) == (0, 0.0)
    assert found["batch"].recall is None
    assert sum(found["batch"].false_rules.values()) == found["batch"].alarms > 0


def test_no_act_timer_or_look_goes_back_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instants: list[datetime] = []
    move = MovedClock.move

    def noted(clock: MovedClock, at: datetime) -> None:
        instants.append(at)
        move(clock, at)

    monkeypatch.setattr(MovedClock, "move", noted)
    simulate(build, tmp_path, County(SEED, 12, 20, look=LOOK))
    assert len(instants) > 100 and instants == sorted(instants)


def test_a_simulated_year_is_never_written_over(year: Path) -> None:
    with pytest.raises(FileExistsError):
        simulate(build, year.parent, County(SEED, 1, 14))


def test_the_commands_tell_figures_as_a_table_and_as_json(year: Path) -> None:
    runner = CliRunner()
    table = runner.invoke(cli, ["evaluate-alarms", "--data", str(year.parent)])
    assert table.exit_code == 0 and "3 batch" in table.output
    told = runner.invoke(cli, ["evaluate-alarms", "--data", str(year.parent), "--seeds", str(SEED), "--format", "json"])
    assert json.loads(told.output)[0]["kinds"][0]["kind"] == "overdue"
    assert runner.invoke(cli, ["evaluate-alarms", "--data", str(year.parent), "--seeds", "99"]).exit_code == 1
    assert runner.invoke(cli, ["evaluate-alarms", "--data", str(year.parent), "--seeds", "one"]).exit_code == 2
