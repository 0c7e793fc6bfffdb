"""Signers before, beside and after a step, countersigning and consulting, over the interface and on the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.service_fixtures import Office
from tests.web.test_task_moves import at, id_of, kinds, told
from tests.web.visiting import visit


def ask(office: Office, task: Any, by: str, door: str, people: list[str], **more: Any) -> Any:
    body = {"people": [id_of(office, one) for one in people], **more}
    if door != "countersign":
        body.setdefault("reason", "请核对安全距离")
    return office.sign_in(by).post(f"/user-tasks/{task['id']}/{door}", body)


def asked(office: Office, username: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = office.sign_in(username).get("/opinions").get_json()["items"]
    return items


def give(office: Office, username: str, answer: str = "agree", text: str = "", *, sure: bool = True) -> Any:
    person = office.sign_in(username)
    body = {"answer": answer, **({"text": text} if text else {})}
    return (person.sure() if sure else person).post(f"/opinions/{asked(office, username)[0]['id']}", body)


def rounds(office: Office, number: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = office.sign_in("auditor").get(f"/cases/{number}/opinions").get_json()["items"]
    return items


def ready(office: Office, step: str, by: str) -> tuple[str, dict[str, Any]]:
    """A case at a step, claimed, that could be completed at once."""
    number, task = at(office, step)
    assert office.sign_in(by).post(f"/user-tasks/{task['id']}/claim").status_code == 200
    office.wait(hours=1)
    office.upload_all(number, step, "yj_clerk")
    return number, task


def test_a_step_waits_for_whoever_signs_before_it(office: Office) -> None:
    number, task = ready(office, "section_review", "yj_section")
    before = office.task(number, "section_review")
    assert ask(office, task, "yj_section", "signers", ["yj_head"], way="before").status_code == 200
    assert office.task(number, "section_review")["due_at"] == before["due_at"]
    assert told(office, "opinion_asked")[0][1] == "sms"
    refused = office.complete(number, "section_review", "yj_section")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "control_node_missing")
    assert give(office, "yj_head", "disagree", sure=False).get_json()["code"] == "invalid_request"
    assert give(office, "yj_head", sure=False).get_json()["code"] == "second_factor_required"
    assert give(office, "yj_head", "disagree", "距离不足").status_code == 200
    assert rounds(office, number)[0]["result"] == "failed"
    assert office.complete(number, "section_review", "yj_section").status_code == 200
    assert {"opinion_asked", "opinion_given"} <= set(kinds(office, number))
    assert told(office, "opinion_given")


def test_a_signature_counts_as_review(office: Office) -> None:
    number, task = ready(office, "section_review", "yj_section")
    ask(office, task, "yj_section", "signers", ["yj_vice"], way="beside")
    assert give(office, "yj_vice").status_code == 200
    office.complete(number, "section_review", "yj_section")
    office.walk(number, "decide")
    decide = office.task(number, "decide")
    answer = office.sign_in("yj_vice").post(f"/user-tasks/{decide['id']}/claim")
    assert answer.get_json()["code"] == "separation_of_duty"


def test_who_is_excluded_from_review_neither_is_asked_nor_signs(office: Office) -> None:
    number, task = ready(office, "section_review", "yj_section")
    refused = ask(office, task, "yj_section", "signers", ["yj_clerk"], way="before")
    assert refused.get_json()["code"] == "separation_of_duty"
    elsewhere = ask(office, task, "yj_section", "signers", ["mz_section"], way="before")
    assert elsewhere.get_json()["code"] == "not_permitted"
    assert ask(office, task, "yj_section", "signers", ["yj_section"], way="before").status_code == 422
    assert rounds(office, number) == []


def test_signers_after_a_step_hold_the_next_one(office: Office) -> None:
    number, task = ready(office, "section_review", "yj_section")
    assert ask(office, task, "yj_section", "signers", ["yj_head"], way="after").status_code == 200
    assert asked(office, "yj_head") == []
    assert office.complete(number, "section_review", "yj_section").status_code == 200
    office.wait(hours=1)
    following = office.case(number)["user_tasks"][0]
    office.upload_all(number, following["element_id"], "yj_clerk")
    by = f"yj_{following['post']}"
    refused = office.complete(number, following["element_id"], by)
    assert refused.get_json()["code"] == "control_node_missing"
    assert give(office, "yj_head").status_code == 200
    assert office.complete(number, following["element_id"], by).status_code == 200


@pytest.mark.parametrize(
    ("rule", "answers", "result"),
    [
        ("all", ["disagree"], "failed"),
        ("majority", ["agree", "agree"], "passed"),
        ("veto", ["agree", "abstain", "agree"], "passed"),
    ],
)
def test_a_decision_waits_for_the_result_of_its_countersigners(
    office: Office, rule: str, answers: list[str], result: str
) -> None:
    number, task = ready(office, "decide", "yj_vice")
    people = ["yj_section", "yj_head", "yj_printer"]
    assert ask(office, task, "yj_section", "countersign", people[:2], rule=rule).status_code == 403
    assert ask(office, task, "yj_vice", "countersign", people, rule=rule).status_code == 200
    for one, answer in zip(people, answers, strict=False):
        assert office.complete(number, "decide", "yj_vice").get_json()["code"] == "control_node_missing"
        assert give(office, one, answer, "另有意见").status_code == 200
    (found,) = rounds(office, number)
    assert (found["result"], found["rule"]) == (result, rule)
    assert office.complete(number, "decide", "yj_vice").status_code == 200


def test_who_is_consulted_holds_nothing_up_and_does_not_count(office: Office) -> None:
    number, task = ready(office, "section_review", "yj_section")
    assert ask(office, task, "yj_section", "consult", ["mz_section", "yj_vice"]).status_code == 200
    (question,) = asked(office, "mz_section")
    assert (question["case_number"], question["readable"]) == (number, False)
    assert office.sign_in("mz_section").get(f"/cases/{number}").status_code == 404
    assert give(office, "mz_section", sure=False).status_code == 422
    assert give(office, "mz_section", "agree", "无不同意见", sure=False).status_code == 200
    assert give(office, "yj_vice", "agree", "同意", sure=False).status_code == 200
    assert office.complete(number, "section_review", "yj_section").status_code == 200
    office.walk(number, "decide")
    office.work(number, "decide")


def test_what_was_given_stands_and_nobody_answers_for_another(office: Office) -> None:
    _, task = ready(office, "section_review", "yj_section")
    ask(office, task, "yj_section", "signers", ["yj_head"], way="before")
    (one,) = asked(office, "yj_head")
    body = {"answer": "agree"}
    assert office.sign_in("yj_section").sure().post(f"/opinions/{one['id']}", body).status_code == 404
    legal = office.sign_in("yj_head").sure()
    assert legal.post(f"/opinions/{one['id']}", body).status_code == 200
    assert legal.post(f"/opinions/{one['id']}", body).get_json()["code"] == "move_refused"


def test_an_opinion_lapses_with_its_step(office: Office) -> None:
    number, task = ready(office, "decide", "yj_vice")
    ask(office, task, "yj_vice", "countersign", ["yj_head"], rule="all")
    (one,) = asked(office, "yj_head")
    back = office.sign_in("yj_vice").sure().post(f"/user-tasks/{task['id']}/send-back", {"reason": "补充"})
    assert back.status_code == 200
    assert asked(office, "yj_head") == []
    late = office.sign_in("yj_head").sure().post(f"/opinions/{one['id']}", {"answer": "agree"})
    assert late.get_json()["code"] == "move_refused"
    assert rounds(office, number)[0]["opinions"][0]["lapsed"]


def test_the_pages_ask_show_and_take_an_opinion(office: Office) -> None:
    number, task = ready(office, "section_review", "yj_section")
    section = visit(office, "yj_section")
    page = section.page(f"/cases/{number}")
    assert f"/tasks/{task['id']}/moves/add_signer" in page and "/moves/countersign" not in page
    form = {"way": "before", "people": str(id_of(office, "yj_head")), "reason": "请核对"}
    after = section.sent(f"/tasks/{task['id']}/moves/add_signer", next=f"/cases/{number}", **form)
    assert "前加签" in after and "等待签署" in after
    assert re.search(r'<li class="no">.*加签、会签的人签署.*未签署', after), "it stands among the control nodes too"
    assert section.send(f"/tasks/{task['id']}/moves/add_signer", reason="x").status_code == 422
    legal = visit(office, "yj_head")
    assert "签署与意见 1" in legal.page("/work")
    (one,) = asked(office, "yj_head")
    assert f'action="/opinions/{one["id"]}"' in legal.page("/opinions")
    assert legal.send(f"/opinions/{one['id']}", answer="agree").status_code == 403, "a signature asks for a code"
    assert "没有要签署" in legal.sure().sent(f"/opinions/{one['id']}", answer="agree", next="/opinions")
    assert "请核对" in legal.page("/opinions?state=given")
    after = section.page(f"/cases/{number}")
    assert "通过" in after and re.search(r'<li class="ok">.*加签、会签的人签署.*已签署', after)
    assert "Signs before the step" in visit(office, "yj_section", "en").page(f"/cases/{number}")


def test_the_page_offers_the_heads_of_sections_elsewhere_to_consult_and_nobody_elsewhere_to_sign(
    office: Office,
) -> None:
    number, task = ready(office, "section_review", "yj_section")
    page = visit(office, "yj_section").page(f"/cases/{number}")
    ways = {name: page.split(f'/moves/{name}"')[1].split("</form>")[0] for name in ("consult", "add_signer")}
    box = f'value="{id_of(office, "mz_section")}"'
    assert box in ways["consult"] and box not in ways["add_signer"] and "民政局" in ways["consult"]
    form = {"people": str(id_of(office, "mz_section")), "reason": "请提出意见"}
    path = f"/tasks/{task['id']}/moves/consult"
    assert "已征求意见" in visit(office, "yj_section").sent(path, next=f"/cases/{number}", **form)
    assert "请提出意见" in visit(office, "mz_section").page("/opinions")
