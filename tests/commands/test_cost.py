"""What an ordinary act asks of the database: at most twelve statements and one commit, counted, not timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.commands.office import Office
from tests.commands.stories import HB, ITEMS, SG, YJ, ZR
from tests.commands.walking import begin, do, reach

MOST_STATEMENTS = 12
# Acts that do more than an ordinary one: an acceptance that stops two clocks and tells so in writing, a grant that
# makes a certificate and a payment notice and tells the applicant of both.
MORE = {(HB, "formal_check"): 16, (ZR, "decide"): 24}


class Count:
    """Statements as the driver is given them, begin and commit apart."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.commits = 0


@contextmanager
def counted(office: Office) -> Iterator[Count]:
    count = Count()

    def statement(*given: Any) -> None:
        if not given[2].startswith("BEGIN"):
            count.statements.append(given[2])

    def commit(_connection: Any) -> None:
        count.commits += 1

    event.listen(office.engine, "before_cursor_execute", statement)
    event.listen(office.engine, "commit", commit)
    yield count
    event.remove(office.engine, "before_cursor_execute", statement)
    event.remove(office.engine, "commit", commit)


def cost(office: Office, act: Callable[[], Any]) -> Count:
    with counted(office) as count:
        act()
    return count


def completion(office: Office, step: str, **choices: Any) -> Count:
    """The cost of completing one step in good time."""
    task = office.task(step)
    office.advance(to=max(office.now, task.earliest_at or office.now) + timedelta(minutes=1))
    if task.officers == 2:
        office.sign("officer2", step)
    actor, given = office.actor(task.post), office.answers(task.form_key, **choices)
    return cost(office, lambda: office.complete_as(actor, task.id, given))


@pytest.mark.parametrize("item", ITEMS)
def test_no_ordinary_completion_asks_more_than_twelve_times_and_each_commits_once(office: Office, item: str) -> None:
    begin(office, item, "formal_check")
    begin(office, item, "formal_check")  # The second case finds everything parsed.
    asked: dict[str, list[str]] = {}
    while office.open_steps():
        steps = [step for step in office.open_steps() if office.tasks(step)]
        if not steps:
            do(office, office.open_steps()[0])
            continue
        count = completion(office, steps[0])
        assert count.commits == 1
        asked[steps[0]] = count.statements
    over = [step for step, said in asked.items() if len(said) > MORE.get((item, step), MOST_STATEMENTS)]
    assert over == [], asked[over[0]]


def test_a_refusal_asks_little_and_commits_once(office: Office) -> None:
    begin(office, YJ, "section_review")
    actor, task = office.actor("section"), office.task("section_review")

    def refused() -> None:
        with office.refused("invalid_answers"):
            office.complete_as(actor, task.id, {})

    count = cost(office, refused)
    assert (len(count.statements) <= 6, count.commits) == (True, 1), count.statements


def test_an_idle_look_at_a_case_writes_nothing(office: Office) -> None:
    begin(office, SG, "section_review")
    before = office.everything()
    office.advance(minutes=5)
    assert office.everything() == before


@pytest.mark.parametrize("name", ["claim", "release"])
def test_claiming_and_giving_back_ask_at_most_six_times(office: Office, name: str) -> None:
    begin(office, YJ, "section_review")
    if name == "release":
        office.claim("section", "section_review")
    task, actor = office.task("section_review"), office.actor("section")
    acts = {"claim": office.claim_as, "release": office.release_as}
    count = cost(office, lambda: acts[name](actor, task.id))
    assert (len(count.statements) <= 6, count.commits) == (True, 1), count.statements


def test_the_number_of_statements_does_not_grow_with_the_history_of_a_case(office: Office) -> None:
    begin(office, YJ, "section_review")
    first = completion(office, "section_review", review_result="back")
    for _ in range(6):
        reach(office, "section_review")
        last = completion(office, "section_review", review_result="back")
    assert len(last.statements) == len(first.statements)


def test_a_payment_and_a_message_commit_once(office: Office) -> None:
    begin(office, ZR, "await_payment")
    standing = office.payment_notices()[0]
    with counted(office) as count:
        office.pay(standing.amount_fen, pay_code=standing.pay_code)
    assert count.commits == 1
    begin(office, HB, "formal_check")
    do(office, "formal_check", check_result="correction")
    with counted(office) as count:
        office.message("correction", correction_note="补齐")
    assert count.commits == 1
