"""The house style where a machine can check it; each rule is first shown something that it must catch."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.architecture import rules
from tests.architecture.reading import EVERYTHING, PRODUCT, Source, sources

Rule = Callable[[Source], Iterator[str]]


def a_source(text: str, name: str = "service/cases/rules.py") -> Source:
    return Source(name, text, ast.parse(text))


def breaches(rule: Rule, *folders: str) -> list[str]:
    return [breach for source in sources(*folders) for breach in rule(source)]


def test_no_module_and_no_function_is_too_long() -> None:
    assert list(rules.too_long(a_source("x = 1\n" * 401)))
    assert list(rules.too_long(a_source("def f():\n" + "    x = 1\n" * 45)))
    assert not list(rules.too_long(a_source("def f():\n" + "    x = 1\n" * 44)))
    assert breaches(rules.too_long, *PRODUCT, "deploy", "bench") == []


def test_names_say_what_lives_there() -> None:
    assert list(rules.empty_names(a_source("", "service/utils.py")))
    assert list(rules.empty_names(a_source("class CaseManager: ...")))
    assert breaches(rules.empty_names, *EVERYTHING) == []


def test_no_work_is_put_off() -> None:
    assert list(rules.left_overs(a_source("x = 1  # TO" + "DO later")))
    assert list(rules.left_overs(a_source("def f():\n    raise NotImplementedError")))
    assert breaches(rules.left_overs, *EVERYTHING) == []


def test_only_the_session_module_commits() -> None:
    assert list(rules.commits(a_source("def f(session):\n    session.commit()")))
    assert list(rules.commits(a_source("def f(session):\n    return session.connection().commit")))
    assert breaches(rules.commits, *PRODUCT) == []


def test_only_the_clock_asks_for_the_time() -> None:
    assert list(rules.own_clocks(a_source("import datetime\nx = datetime.datetime.now(datetime.UTC)")))
    assert list(rules.own_clocks(a_source("from datetime import date\nx = date.today()")))
    assert breaches(rules.own_clocks, *PRODUCT) == []


def test_every_module_says_what_lives_there() -> None:
    assert list(rules.silent_modules(a_source("x = 1")))
    assert breaches(rules.silent_modules, *PRODUCT, "deploy", "bench") == []


@pytest.mark.parametrize("folder", [*PRODUCT, "tests", "deploy"])
def test_the_rules_see_the_sources_of_every_folder(folder: str) -> None:
    assert sources(folder)
