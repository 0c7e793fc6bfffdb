"""docs/clauses-and-tests.md names tests; each of them has to be there, and each promise needs one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/clauses-and-tests.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
NAMED = sorted(set(_NAMED.findall(PAGE)))
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| Promise")]


def functions_of(file: str) -> frozenset[str]:
    path = ROOT / "tests" / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


def test_every_test_that_the_page_names_exists() -> None:
    there = {file: functions_of(file) for file, _ in NAMED}
    assert [f"{file}::{test}" for file, test in NAMED if test not in there[file]] == []


def test_no_place_is_left_to_be_filled_in() -> None:
    assert re.findall(r"@[A-Z]+@", PAGE) == []


def test_every_promise_has_a_test_of_the_server_and_says_where_the_browser_shows_it() -> None:
    assert len(ROWS) > 60
    for row in ROWS:
        promise, browser, server, note = (cell.strip() for cell in row.strip("|").split("|"))
        assert _NAMED.search(server), promise
        assert _NAMED.search(browser) or (browser == "—" and note), f"{promise}: what does the browser show?"
