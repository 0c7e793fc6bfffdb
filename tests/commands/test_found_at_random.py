"""What moving at random has found: each fault with the shortest way to it."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from service.commands.end_case import TerminateCase, terminate_case
from service.commands.extend_limit import extend_limit
from service.commands.print_document import PrintDocument, draw_ahead
from service.commands.suspend_case import SuspendCase, suspend_case
from service.commands.take_back import take_back
from service.database.session import transaction
from service.database.tables import document
from tests.commands.instants import at
from tests.commands.office import Office
from tests.commands.stories import MZ, YJ
from tests.commands.walking import begin, reach


def extend(office: Office, by: str) -> None:
    actor = office.actor(by)
    office.perform(
        lambda c: extend_limit(c, office.services, actor, office.number, "情况复杂", office.now), actor, office.number
    )


def test_an_extension_of_the_case_does_not_lengthen_the_delivery_that_follows_a_decision_of_the_same_day(
    office: Office,
) -> None:
    begin(office, MZ, "section_review", change_items=["name"])
    extend(office, "head")
    reach(office, "deliver")
    assert office.case().accepted_on == office.case().decided_on
    assert office.task("deliver").due_at == at(3, 23)


def test_a_step_that_is_taken_back_has_all_its_timers_in_the_table_again(office: Office) -> None:
    begin(office, YJ, "section_review")
    office.advance(minutes=30)
    task, before = office.task("section_review"), office.all_due_rows()
    office.complete("section", "section_review")
    take = lambda c, a: take_back(c, office.services, a, task.id, "漏填", office.now)  # noqa: E731
    office.act("section", take, task.id)
    assert {(row.timer_id, row.role) for row in before} == {(r.timer_id, r.role) for r in office.all_due_rows()}


@pytest.mark.parametrize("ends", [False, True], ids=["suspended", "ended while it was suspended"])
def test_a_notice_of_acceptance_can_be_printed_while_nobody_knows_when_the_case_is_due(
    office: Office, ends: bool
) -> None:
    begin(office, YJ, "section_review")
    # The paper of an older program, which did not keep on what day it said that the case is due.
    with transaction(office.engine) as connection:
        connection.execute(update(document).where(document.c.kind == "acceptance_notice").values(content={}))
    actor = office.actor("vice")
    suspend = SuspendCase(office.number, "行政许可法 第四十五条", "申请人下落不明，须待查明")
    office.perform(lambda c: suspend_case(c, office.services, actor, suspend, office.now), actor, office.number)
    if ends:
        end = TerminateCase(office.number, "行政许可法 第五十六条", "申请人死亡")
        office.perform(lambda c: terminate_case(c, office.services, actor, end, office.now), actor, office.number)
    for locale, words in (("zh-CN", "恢复办理后另行告知之日"), ("en", "whenthecasegoeson")):
        command, clerk = PrintDocument(office.number, "acceptance_notice", locale), office.actor("clerk")
        drawn = draw_ahead(office.engine, office.services, clerk, command, office.now)
        assert drawn is not None
        pages = PdfReader(io.BytesIO(drawn.content)).pages
        assert words in "".join("".join(page.extract_text().split()) for page in pages)
