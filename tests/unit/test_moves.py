"""The table of ways to move a case: who stands where, and the handbook page made from it."""

from __future__ import annotations

import pytest

from service.errors import Refused
from service.people.actor import Actor, Holding
from service.user_tasks.moves import MOVES, Subject, may_move, require_move, require_reason
from service.user_tasks.moves_docs import PAGE, page


def someone(person_id: int, *posts: str, department: str = "YJ") -> Actor:
    return Actor(person_id, f"u{person_id}", f"人{person_id}", department, tuple(Holding(p, department) for p in posts))


SURVEY = Subject("YJ", "item", "officer", "investigate", assignee=7)


def test_the_handbook_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_nobody_jumps() -> None:
    everything = someone(7, "clerk", "officer", "section", "vice", "head", "sup2", "centre", "sysadmin")
    assert not may_move(everything, MOVES["jump"], SURVEY)


def test_a_task_is_given_back_by_whoever_has_it_alone() -> None:
    assert may_move(someone(7, "officer"), MOVES["release"], SURVEY)
    with pytest.raises(Refused) as refused:
        require_move(someone(8, "officer"), "release", SURVEY)
    assert refused.value.code == "not_permitted"


def test_a_way_that_takes_no_reason_may_have_one() -> None:
    assert require_reason(MOVES["claim"], " 急件 ") == "急件"
