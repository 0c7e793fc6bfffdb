"""The page of supervision's figures is what the script makes of the results that were kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulation import report


def test_the_page_says_nothing_that_no_simulation_found() -> None:
    found = report.results()
    assert len({one["run"]["seed"] for one in found if not one["run"]["adaptive"]}) >= 3
    assert [one for one in found if one["run"]["adaptive"]]
    assert report.PAGE.read_text(encoding="utf-8") == report.page(found)


def test_what_misses_its_target_is_marked() -> None:
    found = json.loads(json.dumps(report.results()[:1]))
    kind = found[0]["kinds"][0]
    kind |= {"planted": 10, "found": 5, "missed": {"left_lying": 5}}
    page = report.page(found)
    line = next(line for line in page.splitlines() if line.startswith(f"| {kind['number']} "))
    assert "| 0.50 |" in line and "**not met**" in line
    assert "`left_lying` 5" in page


def test_results_are_renewed_from_a_folder_of_counties(
    year: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    report.renew(year.parent)
    (one,) = report.results()
    assert one["run"]["seed"] == 11
