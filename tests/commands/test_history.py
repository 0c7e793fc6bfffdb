"""The history of a case: complete, in order, bound by its hashes, and no word in it can be changed unseen."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from service.database.session import transaction
from service.database.tables import case, event
from service.history.chain import NewEvent, chained
from tests.commands.office import Office
from tests.commands.record import unsound
from tests.commands.stories import HB, YJ, ZR
from tests.commands.walking import begin, do, finish


def test_a_granted_licence_tells_its_whole_life(office: Office) -> None:
    number = begin(office, YJ, "formal_check")
    finish(office)
    told = [(row["kind"], row["element_id"]) for row in office.history(number)]
    assert told == [
        ("case_started", "apply"),
        ("step_entered", "formal_check"),
        ("task_completed", "formal_check"),
        ("case_accepted", "issue_acceptance"),
        ("step_entered", "site_survey"),
        ("document_made", "issue_acceptance"),
        ("second_officer_signed", "site_survey"),
        ("task_completed", "site_survey"),
        ("step_entered", "section_review"),
        ("task_completed", "section_review"),
        ("step_entered", "decide"),
        ("task_completed", "decide"),
        ("step_entered", "print_certificate"),
        ("document_made", "print_certificate"),
        ("decision_published", "publish"),
        ("task_completed", "print_certificate"),
        ("step_entered", "deliver"),
        ("task_completed", "deliver"),
        ("end_reached", "end_granted"),
        ("case_closed", None),
        ("document_made", "deliver"),
    ]


def test_every_act_names_who_did_it_in_which_post_and_what_the_engine_did_names_nobody(office: Office) -> None:
    begin(office, ZR, "formal_check")
    finish(office)
    by_people = {"case_started", "task_completed", "second_officer_signed"}
    for row in office.history():
        if row["kind"] in by_people:
            assert row["actor"] and row["actor_name"] and row["post"], row
        else:
            assert (row["actor"], row["actor_name"], row["post"]) == (None, None, None), row


def test_answers_stand_in_the_history_as_a_digest_and_never_in_clear(office: Office) -> None:
    begin(office, ZR, "formal_check")
    finish(office)
    answers = office.task("apply", status="completed").answers
    text = json.dumps([row["payload"] for row in office.history()], ensure_ascii=False)
    for secret in ("seller_id", "buyer_id", "contact_mobile", "price"):
        assert str(answers[secret]) not in text
    assert all(len(row["payload"]["answers"]) == 64 for row in office.history(kind="task_completed"))


def test_sequence_numbers_and_instants_only_rise(office: Office) -> None:
    begin(office, HB, "formal_check")
    finish(office)
    rows = office.history()
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def tamper(office: Office, seq: int, **values: Any) -> list[str]:
    """Change one event in the database; what then no longer holds. Afterwards it is as it was."""
    case_id = office.case().id
    one = (event.c.case_id == case_id, event.c.seq == seq)
    before = office.rows(select(event).where(*one))[0]
    with transaction(office.engine) as connection:
        connection.execute(update(event).where(*one).values(**values))
        found = unsound(connection, office.services)
        connection.execute(update(event).where(*one).values(**{name: getattr(before, name) for name in values}))
    return found


CHANGES: dict[str, Any] = {
    "kind": "task_released",
    "actor": 99,
    "actor_name": "张三",
    "principal": 7,
    "post": "head",
    "element_id": "decide",
    "payload": '{"answers":"' + "0" * 64 + '"}',
    "previous_hash": "0" * 64,
    "hash": "f" * 64,
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_column_breaks_the_chain_at_its_event(office: Office, column: str) -> None:
    begin(office, YJ, "decide")
    found = tamper(office, 3, **{column: CHANGES[column]})
    assert f"{office.number}: the chain breaks at event 3" in found


def test_an_event_moved_by_a_microsecond_breaks_the_chain(office: Office) -> None:
    begin(office, YJ, "decide")
    at = office.history()[4]["at"]
    assert f"{office.number}: the chain breaks at event 5" in tamper(office, 5, at=at + timedelta(microseconds=1))


@pytest.mark.parametrize("which", ["first", "middle", "last"])
def test_an_event_taken_out_is_missed(office: Office, which: str) -> None:
    begin(office, YJ, "decide")
    rows = office.history()
    seq = {"first": 1, "middle": len(rows) // 2, "last": len(rows)}[which]
    case_id = office.case().id
    with transaction(office.engine) as connection:
        savepoint = connection.begin_nested()
        connection.execute(delete(event).where(event.c.case_id == case_id, event.c.seq == seq))
        found = unsound(connection, office.services)
        savepoint.rollback()
    assert any("the chain breaks" in words or "the chain ends" in words for words in found)


def test_a_chain_written_anew_by_somebody_who_knows_how_no_longer_ends_where_the_case_says(office: Office) -> None:
    begin(office, YJ, "decide")
    row, rows = office.case(), office.history()
    last = rows[-1]
    forged = NewEvent(
        last["kind"], last["element_id"], {"x": 1}, last["actor"], last["actor_name"], last["principal"], last["post"]
    )
    after = (last["seq"] - 1, rows[-2]["hash"])
    (written,) = chained([forged], case_id=row.id, number=row.number, at=last["at"], last=after)
    found = tamper(office, last["seq"], payload=written["payload"], hash=written["hash"])
    assert found == [f"{row.number}: the chain ends at {last['seq']}, the case says {row.event_seq}"]


def test_who_did_what_for_separation_is_told_by_the_history_alone(office: Office) -> None:
    begin(office, YJ, "decide")
    do(office, "decide")
    with transaction(office.engine) as connection:
        connection.execute(update(case).values(actors={"accept": [1]}))
        found = unsound(connection, office.services)
        connection.rollback()
    assert any("actors are" in words for words in found)


def test_an_unpermitted_try_leaves_no_trace_but_a_refused_one_of_the_office_does(office: Office) -> None:
    begin(office, YJ, "section_review")
    before = office.everything()
    with office.refused("not_permitted"):
        office.complete("mz_section", "section_review")
    assert office.everything() == before
    with office.refused("invalid_answers"):
        office.complete("section", "section_review", review_opinion=None)
    row = office.history()[-1]
    assert (row["kind"], row["actor"], row["payload"]["missing"]) == (
        "act_refused",
        office.ids["yj_section"],
        ["/answers/review_opinion"],
    )
