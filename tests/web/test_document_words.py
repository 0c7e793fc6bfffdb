"""Words of documents: seen as PDF, proposed by one, released by another, drawn for what is made from then on."""

from __future__ import annotations

from typing import Any

from tests.service_fixtures import Office
from tests.web.test_api_papers import words
from tests.web.visiting import told, visit

KIND, SG = "acceptance_notice", "LJ-SG-XK-001"
PHRASE = "本机关已收到你的申请并予以受理，请放心等候"


def sections(office: Office) -> dict[str, list[str]]:
    found = office.sign_in("designer").get(f"/document-words/{KIND}").get_json()
    assert found["version"] is None
    return {**found["sections"], "opening": [f"{PHRASE}。事项：{{item}}，自{{accepted_on}}起，依据{{basis}}。"]}


def proposed(office: Office, given: Any, item: str = "", by: str = "designer") -> Any:
    body = {"sections": given, "reason": "语句更通俗", "power_item": item or None}
    return (
        office.sign_in(by)
        .sure()
        .post(f"/document-words/{KIND}/proposals", {k: v for k, v in body.items() if v or k == "sections"})
    )


def released(office: Office, given: Any, item: str = "") -> None:
    proposal = proposed(office, given, item)
    assert proposal.status_code == 201, proposal.text
    approved = office.sign_in("sysadmin").sure().post(f"/proposals/{proposal.get_json()['id']}/approve", {})
    assert approved.status_code == 200, approved.text


def accepted(office: Office, item: str = SG) -> str:
    number: str = office.start(item)["number"]
    office.work(number, "formal_check")
    return number


def printed(office: Office, number: str, by: str) -> str:
    return words(office.sign_in(by).post(f"/cases/{number}/documents/{KIND}/print"))


def test_a_document_keeps_the_words_that_were_in_force_when_it_was_made(office: Office) -> None:
    before = accepted(office)
    office.wait(minutes=1)
    released(office, sections(office))
    office.wait(minutes=1)
    after = accepted(office)
    assert PHRASE in printed(office, after, "sg_clerk") and "食品经营许可" in printed(office, after, "sg_clerk")
    assert PHRASE not in printed(office, before, "sg_clerk")
    found = office.sign_in("sysadmin").get(f"/document-words/{KIND}").get_json()
    assert (found["version"], found["versions"][0]["reason"]) == (1, "语句更通俗")
    office.wait(minutes=1)
    released(office, None)
    office.wait(minutes=1)
    assert PHRASE not in printed(office, accepted(office), "sg_clerk"), "back to the built-in words"
    assert PHRASE in printed(office, after, "sg_clerk")


def test_the_words_of_one_item_are_no_other_items(office: Office) -> None:
    released(office, sections(office), SG)
    office.wait(minutes=1)
    assert PHRASE in printed(office, accepted(office), "sg_clerk")
    assert PHRASE not in printed(office, accepted(office, "LJ-YJ-XK-001"), "yj_clerk")


def test_two_people_release_words_and_only_lawful_ones(office: Office) -> None:
    good = sections(office)
    for wrong, code in (
        ({**good, "opening": ["受理。{secret}"]}, "invalid_request"),
        ({**good, "opening": ["受理，没有依据。自{accepted_on}起"]}, "invalid_request"),
        ({"opening": ["x"]}, "invalid_request"),
        ("text", "invalid_request"),
    ):
        assert proposed(office, wrong).get_json()["code"] == code
    assert proposed(office, good, "NO-SUCH-ITEM").get_json()["code"] == "not_found"
    assert proposed(office, good, by="yj_head").status_code == 403
    proposal = proposed(office, good).get_json()
    alone = office.sign_in("designer").sure().post(f"/proposals/{proposal['id']}/approve", {})
    assert (alone.status_code, alone.get_json()["code"]) == (409, "separation_of_duty")
    assert proposed(office, good, by="sysadmin").get_json()["code"] == "move_refused"
    other = office.sign_in("secadmin").sure().post(f"/proposals/{proposal['id']}/approve", {})
    assert other.status_code in (403, 404)
    assert office.sign_in("designer").get(f"/document-words/{KIND}").get_json()["version"] is None


def test_the_page_shows_a_sample_and_takes_a_proposal(office: Office) -> None:
    designer = visit(office, "designer").sure()
    assert "受理通知书" in told(designer.page("/document-words"))
    page = designer.page(f"/document-words/{KIND}?item={SG}")
    assert "{accepted_on}" in page
    given = {f"section-{name}": "\n".join(texts) for name, texts in sections(office).items()}
    sample = designer.send(f"/document-words/{KIND}/preview", item=SG, **given)
    assert sample.mimetype == "application/pdf" and PHRASE in words(sample) and "样张" in words(sample)
    wrong = designer.send(f"/document-words/{KIND}", item=SG, reason="试", **{**given, "section-closing": "{no_such}"})
    assert wrong.status_code == 422 and "没有占位符 {no_such}" in told(wrong.text) and PHRASE in wrong.text
    assert "须另一人发布" in designer.sent(f"/document-words/{KIND}", item=SG, reason="更通俗", **given)
    sysadmin = visit(office, "sysadmin").sure()
    waiting = sysadmin.page("/document-words")
    assert PHRASE in waiting, "who releases reads what is released"
    proposal = waiting.split("/proposals/")[1].split("/")[0]
    sysadmin.sent(f"/proposals/{proposal}/approve", next="/document-words")
    assert "第 1 版" in told(sysadmin.page(f"/document-words/{KIND}?item={SG}"))
    assert PHRASE in sysadmin.page("/office-changes?kind=document_words_released")
