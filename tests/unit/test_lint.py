"""The linter's rules: each finds what breaks it, names the element and lets alone what does not break it."""

from __future__ import annotations

import pytest

from service.modelling.lint import RULES, lint
from service.modelling.lint_docs import PAGE, page
from service.modelling.xml_reading import READING_RULES
from tests.unit.lint.bpmn_cases import BPMN_CASES
from tests.unit.lint.contract_cases import CONTRACT_CASES
from tests.unit.lint.drawing import problems
from tests.unit.lint.timer_cases import TIMER_CASES

CASES = {**BPMN_CASES, **TIMER_CASES, **CONTRACT_CASES}


@pytest.mark.parametrize("code", CASES)
def test_a_rule_names_the_element_that_breaks_it(code: str) -> None:
    case = CASES[code]
    found = problems(case.breaks, code, **case.beside)
    assert case.element in [problem.element_id for problem in found]
    assert {problem.severity for problem in found} == {RULES[code].rule.severity}


@pytest.mark.parametrize("code", CASES)
def test_a_rule_lets_alone_what_keeps_to_it(code: str) -> None:
    case = CASES[code]
    assert problems(case.holds, code, **(case.beside_holds or case.beside)) == []


@pytest.mark.parametrize("code", CASES)
def test_a_problem_speaks_both_languages_and_leaves_no_gap(code: str) -> None:
    for problem in problems(CASES[code].breaks, code, **CASES[code].beside):
        assert problem.message("zh_CN").startswith("期望")
        assert problem.message("en").startswith("Expected ")
        assert not {"{", "}"} & {*problem.message_zh, *problem.message_en}


def test_every_rule_has_a_diagram_that_breaks_it() -> None:
    assert set(RULES) == set(CASES)


def test_every_code_is_used_once() -> None:
    assert not {rule.code for rule in READING_RULES} & set(RULES)


def test_the_handbook_page_is_the_one_that_the_rules_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_errors_come_first_and_then_the_order_of_the_file() -> None:
    found = lint(CASES["dead_end"].breaks)
    order = [(problem.severity, problem.line or 0) for problem in found]
    assert order == sorted(order)
    assert found[0].severity == "error"
