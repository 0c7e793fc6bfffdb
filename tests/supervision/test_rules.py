"""What holds of every rule: a test of its own, bounds around its figures, words in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from supervision.rules import registry
from supervision.rules.registry import PASS_RULES, RULES, findings
from supervision.rules.rule import Rule, chooser
from supervision.rules_docs import page
from tests.supervision.facts import HERE, act, chosen, facts

RULES_FOLDER = Path(registry.__file__).parent


def test_each_rule_is_one_file_and_has_one_test() -> None:
    rules = {path.stem for path in RULES_FOLDER.glob("*.py")} - {"__init__", "rule", "registry"}
    assert len(rules) == len(PASS_RULES)
    assert rules == {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")} & rules


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_says_what_it_is_and_its_figures_lie_within_their_bounds(rule: Rule) -> None:
    assert rule.zh and rule.en and rule.source and rule.version >= 1
    for figure in rule.figures.values():
        assert figure.least <= figure.default <= figure.most and figure.zh and figure.en


@pytest.mark.parametrize("rule", PASS_RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_finds_nothing_where_nothing_happens_or_where_it_is_switched_off(rule: Rule) -> None:
    assert list(rule.find(facts(), chooser(rule, ()))) == []
    assert chooser(rule, chosen(rule, enabled=False))(HERE) is None


def test_what_is_chosen_for_an_item_goes_before_its_department_and_that_before_the_county() -> None:
    rule = RULES["batch.burst"]
    wide, near, nearest = (
        chosen(rule, cases=9, minutes=1),
        chosen(rule, "department", "YJ", cases=8),
        chosen(rule, "item", "LJ-YJ-XK-001", cases=7),
    )
    assert chooser(rule, [*nearest, *wide, *near])(HERE) == {"cases": 7, "minutes": 1}
    assert chooser(rule, [*wide, *near])(HERE) == {"cases": 8, "minutes": 1}


def test_the_document_of_the_rules_is_current() -> None:
    document = Path(__file__).parents[2] / "docs" / "alarm-rules.md"
    assert document.read_text(encoding="utf-8") == page(), "python -m supervision.rules_docs > docs/alarm-rules.md"


def test_alarms_of_one_persons_one_burst_have_one_cause() -> None:
    acts = [act(n, n * 0.5, person=7, step=f"s{n % 3}") for n in range(1, 16)]
    causes = {one.cause for one in findings(facts(acts=acts), ()) if one.person_id == 7}
    assert causes == {"person/7/20260309"}
