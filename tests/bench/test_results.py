"""What benches find is kept with its machine, and the page says nothing that no bench found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import report
from bench.charts import charts, mark
from bench.record import RESULTS, Findings, Target, circumstances, most, newest, noted, result, save


def a_result(name: str = "sweep", cpu_ms: float = 3.2, at: str = "2026-11-23T01:00:00+00:00") -> dict[str, object]:
    rows = [{"database": "sqlite", "cpu_ms": cpu_ms}]
    findings = Findings(rows, [Target("a sweep, sqlite", "ms CPU", 5.0, cpu_ms)], {"postgresql": "none here"})
    return {**result(name, findings, circumstances()), "at": at}


def test_the_page_of_figures_is_what_the_script_makes_of_the_results() -> None:
    assert report.PAGE.read_text() == report.page(newest(RESULTS))


def test_every_chart_was_drawn_of_the_figures_that_the_page_tells() -> None:
    drawn = list(charts(newest(RESULTS)))
    assert drawn
    for chart in drawn:
        assert (report.IMAGES / chart.file).read_text().endswith(mark(chart) + "\n")


def test_every_bench_that_has_a_result_has_its_place_on_the_page() -> None:
    assert set(newest(RESULTS)) <= set(report.SECTIONS)


def test_a_result_says_on_what_machine_and_beside_what_load_it_was_taken() -> None:
    found = a_result()
    machine = found["machine"]
    assert isinstance(machine, dict)
    assert {"processor", "cores", "memory_gib", "python", "sqlite"} <= set(machine)
    assert {"load_average_before", "load_average_after", "pace_ms_before", "pace_ms_after"} <= set(found)


def test_the_newest_result_of_each_bench_counts(tmp_path: Path) -> None:
    older, newer = a_result(cpu_ms=9.0, at="2026-11-22T01:00:00+00:00"), a_result(cpu_ms=3.2)
    files = [save(each, tmp_path) for each in (newer, older)]
    assert files[0].name.startswith("sweep-2026-11-23-")
    assert newest(tmp_path) == {"sweep": newer}


@pytest.mark.parametrize(("found", "word"), [(4.9, "met"), (5.1, "**not met**"), (None, "not measured")])
def test_the_page_tells_what_is_met_and_what_is_not(found: float | None, word: str) -> None:
    findings = Findings([], [Target("a sweep, sqlite", "ms CPU", 5.0, found)])
    page = report.page({"sweep": result("sweep", findings, circumstances())})
    assert page.count(f"| ms CPU | {word} |") == 1


def test_what_could_not_be_measured_is_told_as_absent_and_not_as_zero() -> None:
    findings = Findings()
    with noted(findings.absent, "bpmn-engine", OSError):
        raise OSError("no registry")
    page = report.page({"compare": result("compare", findings, circumstances())})
    assert "Absent, bpmn-engine: OSError: no registry" in page
    assert most(findings.rows, "cpu_ms", engine="bpmn-engine") is None


def test_a_result_survives_its_file(tmp_path: Path) -> None:
    found = a_result()
    assert json.loads(save(found, tmp_path).read_text()) == found
