"""Each bench does on a small scale what it says: real acts on real databases, counted."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bench import answers, definitions, http, loop, planting, reconciliation, storm, sweep
from bench.bureau import MONDAY, bureau
from bench.cloning import clone_case
from bench.metering import latencies, percentile
from bench.record import Options, Row
from bench.rivals.talking import STEPS
from bench.run import LONG, QUICK, as_text
from service.cli.bench import BENCHES, bench
from service.clock import real_now
from service.database.session import transaction
from service.database.tables import user_task
from service.main import cli

ROOT = Path(__file__).parents[2]


def test_every_bench_can_be_named_and_the_quick_ones_run_without_a_name() -> None:
    assert set(BENCHES) == set(QUICK) | set(LONG)
    assert all((ROOT / "bench" / f"{name}.py").is_file() for name in BENCHES)


def test_the_command_prints_one_result_as_json(tmp_path: Path) -> None:
    given = ["bench", "steps", "--rounds", "2", "--database", f"sqlite:///{tmp_path / 'bench.db'}", "--format", "json"]
    answer = CliRunner().invoke(cli, given)
    assert answer.exit_code == 0, answer.output
    found: Row = json.loads(answer.stdout)
    assert [row["act"] for row in found["rows"]][:2] == ["start a case", "complete formal_check"]
    assert all(row["cpu_ms"] > 0 and row["commits"] == 1 for row in found["rows"])
    assert any("completing a task, sqlite" in line for line in as_text(found))


def test_a_bench_that_spawns_a_process_runs_by_the_command_as_it_was_set_up() -> None:
    command = [str(Path(sys.executable).with_name("mingjing")), "bench", "reconciliation", "--rounds", "600"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)
    assert found.returncode == 0, found.stderr[-2000:]


def test_an_unknown_bench_is_wrong_use() -> None:
    assert CliRunner().invoke(bench, ["speed"]).exit_code == 2


def test_a_request_costs_its_act_and_one_commit() -> None:
    found = http.measure(Options(rounds=2))
    completions = [row for row in found.rows if row["act"].startswith("complete")]
    assert {row["way"] for row in completions} == {"WSGI in process", "waitress"}
    assert all(row["commits"] == 1 and row["statements"] > 8 for row in completions)


def test_the_loop_comes_back_to_where_it_was() -> None:
    with bureau() as office:
        costs = loop.run(office, 3)
    assert [cost["commits"] for cost in costs] == [3, 3, 3]
    assert len({cost["statements"] for cost in costs}) == 1


@pytest.mark.parametrize("size_kb", answers.SIZES_KB)
def test_answers_are_as_long_as_they_are_said_to_be(size_kb: int) -> None:
    with bureau() as office:
        given = answers.enlarged(office.application(0).answers, size_kb)
    assert len(json.dumps(given, ensure_ascii=False).encode()) == pytest.approx(size_kb * 1000, rel=0.11)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_every_planted_difference_is_found_and_nothing_beside(database: str, request: pytest.FixtureRequest) -> None:
    """Of 5,000 receipts one in 500 has something planted, of each class in turn."""
    server = request.getfixturevalue("postgresql_server") if database == "postgresql" else None
    url = None if server is None else server.create_database("reconciliation")
    with bureau(url, durable=False) as office:
        plan, file = reconciliation.plan_of(5_000, office), office.folder / "treasury.csv"
        planted = planting.expected(plan)
        assert all(planted.values()), "each class is planted at least once"
        reconciliation.prepare(office, plan, file)
        costs = reconciliation.run(office.engine, office.services, plan, file)
        assert set(reconciliation.COUNTED) < set(costs)
        with office.engine.connect() as connection:
            kept = connection.exec_driver_sql("SELECT kind, pay_code, receipt_no, amount_fen FROM treasury_difference")
            found = {(row[0], *row[1:]) for row in kept}
    assert found == {(kind, *one) for kind, ones in planted.items() for one in ones}


def test_a_difference_that_nobody_planted_is_told() -> None:
    with bureau(durable=False) as office:
        plan, file = reconciliation.plan_of(600, office), office.folder / "treasury.csv"
        reconciliation.prepare(office, plan, file)
        file.write_text(file.read_text("utf-8") + "X1,,YJ,1,甲,500,2026-11-20,,,,\n", "utf-8")
        with pytest.raises(AssertionError, match=r"found beside .*X1"):
            reconciliation.run(office.engine, office.services, plan, file)


def test_a_sweep_looks_at_as_many_timers_as_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "TIMERS", 2000)
    monkeypatch.setattr(sweep, "CASES", 100)
    with bureau(durable=False) as office:
        sweep.arm(office)
        with office.engine.connect() as connection:
            armed = connection.exec_driver_sql("SELECT count(*) FROM due_row WHERE state = 0").scalar_one()
        cost = sweep.look(office, 3)
    assert armed >= 2000
    assert cost["statements"] == 1


def test_definitions_beyond_the_cache_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "DEFINITIONS", 12)
    found = definitions.measure(Options(rounds=9))
    assert found.rows[0]["opened"] == 9
    assert found.rows[0]["mb"] > found.rows[0]["mb_before"]


@pytest.mark.parametrize("diagram", ["bare", "ours"])
def test_the_library_alone_walks_the_steps(diagram: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.rivals.spiff", str(tmp_path), diagram]
    with bureau() as office:
        given: dict[str, Any] = {step: office.answers(0, step) for step in STEPS}
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(given) + "\n", capture_output=True, text=True, check=True)
    costs = json.loads(done.stdout.splitlines()[1])
    assert [cost["act"] for cost in costs] == ["start a case", *(f"complete {step}" for step in STEPS[1:])]


def test_percentiles_are_of_what_was_seen() -> None:
    seconds = [number / 1000 for number in range(1, 101)]
    assert latencies(seconds) == {"p50_ms": 51.0, "p95_ms": 96.0, "p99_ms": 100.0}
    assert percentile([], 0.95) == 0


def test_a_copied_case_can_be_acted_on_as_the_first() -> None:
    with bureau() as office, transaction(office.engine) as connection:
        task_id = office.case_at(connection, 0, "formal_check", MONDAY)
        case_id = connection.execute(select(user_task.c.case_id).where(user_task.c.id == task_id)).scalar_one()
        cases = clone_case(connection, case_id, 3)
        found = select(user_task.c.id, user_task.c.case_id).where(
            user_task.c.element_id == "formal_check", user_task.c.case_id.in_(cases)
        )
        tasks = {row.case_id: row.id for row in connection.execute(found)}
        assert len({task_id, *tasks.values()}) == 4
        for each in tasks.values():
            office.complete(connection, each, "clerk", office.answers(0, "formal_check"), MONDAY + timedelta(minutes=9))
        entered = select(user_task.c.case_id).where(user_task.c.element_id == "site_survey")
        assert set(connection.execute(entered).scalars()) == set(cases)


@pytest.mark.slow
def test_a_small_storm_fires_each_timer_once_beside_people_who_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storm, "MOST_SECONDS", 60.0)
    monkeypatch.setattr(storm, "WEB", 1)
    with bureau(founded=real_now() - timedelta(hours=4)) as office:
        row = storm.run(office, 40, 2)
    assert (row["fired_once"], row["fired_twice"], row["not_fired"], row["errors"]) == (40, 0, 0, 0)
    assert row["quiet_completions"] > 0
