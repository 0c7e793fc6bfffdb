"""What a wait asks for: the papers of who is waited for, and none that his own later step or the office brings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from service.reads.asked_at_wait import asked_at_wait

ITEMS = Path(__file__).parents[2] / "processes" / "catalogue" / "items.yaml"
ROWS = {row["code"]: row for row in yaml.safe_load(ITEMS.read_text("utf-8"))["items"]}


def asked(code: str, wait_id: str) -> set[str]:
    row = ROWS[code]
    missing = [SimpleNamespace(**{name: m[name] for name in _NAMES}) for m in row["materials"]]
    item: Any = SimpleNamespace(content=row)
    return {one.key for one in asked_at_wait(item, wait_id, missing)}


_NAMES = ("key", "provided_by", "needed_before_step")


def test_a_project_units_report_asks_for_none_of_what_the_next_step_or_the_end_needs() -> None:
    assert asked("LJ-FG-EX-002", "await_report") == set()


@pytest.mark.parametrize("code", ["LJ-YJ-XK-001", "LJ-SG-XK-001"])
def test_a_correction_asks_for_all_of_the_applicants_papers_and_none_of_the_offices(code: str) -> None:
    own = {m["key"] for m in ROWS[code]["materials"] if m["provided_by"] == "applicant"}
    others = {m["key"] for m in ROWS[code]["materials"]} - own
    assert asked(code, "await_correction") == own and own and others


def test_what_the_applicant_reports_asks_for_no_receipt_of_the_treasury() -> None:
    assert "payment_receipt" not in asked("LJ-ZJ-ZS-001", "await_completion")


def test_a_wait_that_no_row_knows_asks_for_all_that_is_missing() -> None:
    assert asked_at_wait(None, "await_correction", [SimpleNamespace(provided_by="x", needed_before_step="y")])
