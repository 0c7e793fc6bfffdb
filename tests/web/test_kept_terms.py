"""The last day of changes that older programs and older versions of an item decided: that of the earlier one."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from sqlalchemy import select

from service.catalogue.reading import ItemCache
from service.database.session import transaction
from service.database.tables import case, document, power_item, user_task
from tests.service_fixtures import Office
from tests.web.test_certificates import SG, printed, shown, text_of

CHANGED = {"application_kind": "change", "layout_changed": "no"}


def change_of(office: Office, old: dict[str, Any]) -> str:
    """A change of that certificate, filed."""
    answers = {**CHANGED, "old_cert_no": old["number"]}
    body = office.application(SG, **answers)
    body["answers"] |= {key: value for key, value in answers.items() if key in body["answers"]}
    started = office.sign_in("sg_clerk").post("/cases", body)
    assert started.status_code == 201, started.text
    return str(started.get_json()["number"])


def forget_last_day(office: Office, number: str) -> None:
    """As an older program has decided it: no last day anywhere."""
    with transaction(office.engine) as connection:
        case_id = connection.execute(select(case.c.id).where(case.c.number == number)).scalar_one()
        decided = select(user_task.c.id, user_task.c.answers).where(user_task.c.form_key == "decide")
        for task_id, answers in connection.execute(decided.where(user_task.c.case_id == case_id)).all():
            change = user_task.update().where(user_task.c.id == task_id)
            connection.execute(change.values(answers=answers | {"valid_until": None}))
        of_case = document.c.case_id == case_id, document.c.kind == "certificate"
        paper = connection.execute(select(document.c.id, document.c.content).where(*of_case)).one()
        change = document.update().where(document.c.id == paper.id)
        connection.execute(change.values(content=paper.content | {"valid_until": None}))


def without_keeps_term(office: Office) -> None:
    """The item as it was before a change kept the term: its first version."""
    with transaction(office.engine) as connection:
        _write(connection, 1, _stripped(_content(connection)))
    office.services.items = ItemCache(100)


def with_keeps_term_again(office: Office, content: dict[str, Any]) -> None:
    """The catalogue as it is today: the item's second version, in force for new cases."""
    with transaction(office.engine) as connection:
        row = dict(connection.execute(select(power_item).where(power_item.c.code == SG)).one()._mapping)
        connection.execute(power_item.update().where(power_item.c.code == SG).values(current=False))
        connection.execute(power_item.insert().values({**row, "version": 2, "current": True, "content": content}))


def _content(connection: Any) -> dict[str, Any]:
    found: dict[str, Any] = connection.execute(select(power_item.c.content).where(power_item.c.code == SG)).scalar_one()
    return found


def _write(connection: Any, version: int, content: dict[str, Any]) -> None:
    of_version = power_item.c.code == SG, power_item.c.version == version
    connection.execute(power_item.update().where(*of_version).values(content=content))


def _stripped(content: dict[str, Any]) -> dict[str, Any]:
    content = copy.deepcopy(content)
    ends = [one["ends"] for one in content["documents"] if "ends" in one]
    assert any(one.pop("keeps_term", None) for one in ends)
    return content


def print_certificate(office: Office, number: str) -> str:
    paper = office.sign_in("sg_printer").sure().post(f"/cases/{number}/documents/certificate/print")
    assert paper.status_code == 200, paper.text
    return str(text_of(paper.data))


def on_register(office: Office, number: str) -> dict[str, Any]:
    (row,) = [one for one in shown(office) if one["case_number"] == number]
    return row


def in_words(day: str) -> str:
    said = date.fromisoformat(day)
    return f"{said.year}年{said.month}月{said.day}日"


def test_a_change_that_was_decided_without_a_last_day_is_printed_with_that_of_the_earlier_certificate(
    office: Office,
) -> None:
    old = printed(office)
    number = change_of(office, old)
    office.walk(number, "print_certificate", **CHANGED, valid_until=None)
    forget_last_day(office, number)
    assert in_words(old["valid_until"]) in print_certificate(office, number)
    assert on_register(office, number)["valid_until"] == old["valid_until"]
    told = office.sign_in("auditor").get(f"/cases/{number}/history?limit=200").get_json()["items"]
    (kept,) = [one for one in told if one["kind"] == "last_day_reckoned"]
    assert kept["payload"]["until"] == old["valid_until"]


def test_a_change_gets_no_more_than_the_items_term_where_the_earlier_certificate_has_longer(office: Office) -> None:
    old = printed(office)
    number = change_of(office, old)
    begins = "2026-11-25"
    office.walk(number, "print_certificate", **CHANGED, valid_from=begins, valid_until=None)
    forget_last_day(office, number)
    print_certificate(office, number)
    assert on_register(office, number)["valid_until"] <= min(old["valid_until"], "2031-11-24")


def decided_on_an_older_version(office: Office, old: dict[str, Any]) -> str:
    """A change that began when the item did not keep terms yet, decided since it does; its number."""
    with transaction(office.engine) as connection:
        today = _content(connection)
    without_keeps_term(office)
    number = change_of(office, old)
    with_keeps_term_again(office, today)
    office.walk(number, "print_certificate", **CHANGED, valid_until=None)
    return number


def test_a_change_on_an_older_version_of_the_item_is_decided_with_the_earlier_last_day(office: Office) -> None:
    old = printed(office)
    number = decided_on_an_older_version(office, old)
    print_certificate(office, number)
    assert on_register(office, number)["valid_until"] == old["valid_until"]


def test_a_change_on_an_older_version_that_was_decided_without_a_last_day_is_printed_with_the_earlier_one(
    office: Office,
) -> None:
    old = printed(office)
    number = decided_on_an_older_version(office, old)
    forget_last_day(office, number)
    print_certificate(office, number)
    assert on_register(office, number)["valid_until"] == old["valid_until"]
