"""Every page opens for who may, in both languages, and for nobody else; no page is left out of the table."""

from __future__ import annotations

import gzip
import io
from collections import Counter

import pytest
from sqlalchemy import insert, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from service.database.session import reading, transaction
from service.database.tables import alarm, attachment, case, document, payment_notice, person, treasury_difference
from tests.service_fixtures import PDF, Office
from tests.web.test_api_treasury import imported
from tests.web.test_outages import block, declare
from tests.web.test_tickets import taken
from tests.web.visiting import Page, Visitor, han_in_english, told, visit

# endpoint -> (path, who may open it, who may not and with which answer)
OPEN_TO = {
    "work_list": ("/work?view=claimable", "yj_clerk", None),
    "cases": ("/cases", "yj_officer", ("designer", 403)),
    "case": ("/cases/{number}", "yj_section", ("sg_clerk", 404)),
    "case_checks": ("/cases/{number}/checks", "yj_officer", ("sg_officer", 404)),
    "case_diagram": ("/cases/{number}/diagram.bpmn", "yj_officer", ("mz_officer", 404)),
    "case_state": ("/cases/{number}/diagram.json", "sup2", ("designer", 404)),
    "case_file": ("/cases/{number}/attachments/{file}", "yj_officer", ("sg_officer", 404)),
    "case_archive_index": ("/cases/{finished}/archive/index.pdf", "sg_clerk", ("yj_clerk", 404)),
    "case_archive": ("/cases/{finished}/archive", "sg_clerk", ("yj_clerk", 404)),
    "document_words": ("/document-words", "designer", ("secadmin", 403)),
    "words_of_document": ("/document-words/acceptance_notice?item=LJ-SG-XK-001", "sysadmin", ("yj_head", 403)),
    "printing": ("/printing", "sg_printer", ("designer", 403)),
    "print_job": ("/printing/{job}", "sg_printer", ("sg_clerk", 404)),
    "print_job_pages": ("/printing/{job}/pages", "sg_printer", ("yj_printer", 404)),
    "certificates": ("/certificates", "sg_officer", ("designer", 403)),
    "certificate": ("/certificates/{certificate_id}", "sg_clerk", ("yj_clerk", 404)),
    "choose_item": ("/cases/new", "yj_clerk", ("yj_head", 403)),
    "new_case": ("/cases/new/LJ-YJ-XK-001", "yj_clerk", ("sg_clerk", 404)),
    "alarms": ("/alarms", "yj_sup1", ("yj_clerk", 403)),
    "alarm": ("/alarms/{alarm}", "yj_sup1", ("sg_sup1", 404)),
    "alarm_state": ("/alarms/{alarm}/diagram.json", "yj_sup1", ("sg_sup1", 404)),
    "orders": ("/orders", "sup2", ("yj_officer", 403)),
    "order": ("/orders/{order}", "yj_sup1", ("sg_sup1", 404)),
    "order_pdf": ("/orders/{order}/paper.pdf", "yj_sup1", ("sg_sup1", 404)),
    "centre": ("/centre", "centre", ("yj_sup1", 403)),
    "order_statistics": ("/orders/statistics", "sup2", ("yj_officer", 403)),
    "overdue_causes": ("/overdue-causes", "yj_section", ("yj_clerk", 403)),
    "feedback": ("/feedback", "yj_section", ("yj_clerk", 403)),
    "alarm_rules": ("/rules", "yj_sup1", None),
    "alarm_rule": ("/rules/batch.burst", "sup2", None),
    "processes": ("/processes", "designer", None),
    "process": ("/processes/hazardous_chemicals_licence", "yj_clerk", None),
    "process_version": ("/processes/hazardous_chemicals_licence/versions/1", "auditor", None),
    "process_drawing": ("/processes/hazardous_chemicals_licence/versions/1/drawing.bpmn", "auditor", None),
    "edit_process": ("/processes/hazardous_chemicals_licence/edit", "designer", ("sysadmin", 403)),
    "new_process": ("/processes/new", "designer", ("yj_clerk", 403)),
    "people": ("/people", "secadmin", ("yj_head", 403)),
    "person": ("/people/1", "auditor", ("sup2", 403)),
    "departments": ("/departments", "auditor", ("yj_head", 403)),
    "settings": ("/settings", "sysadmin", ("centre", 403)),
    "permissions": ("/permissions", "auditor", ("yj_head", 403)),
    "office_changes": ("/office-changes", "auditor", ("sup2", 403)),
    "stand_ins": ("/stand-ins", "secadmin", ("yj_head", 403)),
    "second_step": ("/second-step", "yj_clerk", None),
    "my_password": ("/my-password", "yj_clerk", None),
    "hand_overs": ("/hand-over", "yj_head", ("yj_clerk", 403)),
    "hand_over": ("/hand-over/1", "yj_head", ("sg_head", 403)),
    "delegations": ("/delegations", "yj_head", None),
    "calendar_page": ("/calendar", "yj_clerk", None),
    "attendance": ("/attendance", "yj_clerk", None),
    "leaves": ("/leaves", "yj_clerk", None),
    "hotline_figures": ("/hotline/figures", "rx_hotline_dispatcher", ("yj_clerk", 403)),
    "hotline_figures_file": ("/hotline/figures.csv", "sg_head", ("yj_clerk", 403)),
    "lookups": ("/lookups", "auditor", ("yj_head", 403)),
    "inspection_objects": ("/inspection-pools", "sg_officer", ("designer", 403)),
    "inspection_object": ("/inspection-pools/objects/1", "sg_section", ("yj_section", 404)),
    "inspection_officers": ("/inspection-pools/officers?department=SG", "auditor", ("yj_section", 404)),
    "officer_interests": ("/inspection-pools/interests", "sg_vice", ("yj_clerk", 403)),
    "office_hours": ("/office-hours", "yj_clerk", None),
    "preview_office_hours_change": (
        "/office-hours/preview?effective_on=2026-12-02&hours=09:00-17:00&reason=%E6%94%BE%E5%81%87",
        "sysadmin",
        ("yj_clerk", 403),
    ),
    "calendar_changes": ("/calendar/changes", "yj_clerk", None),
    "calendar_notice": ("/calendar/notice?notice=2027", "sysadmin", ("yj_clerk", 403)),
    "preview_calendar_change": (
        "/calendar/preview?day=2026-12-02&kind=rest&name=%E5%8E%BF%E5%BA%86&reason=%E6%94%BE%E5%81%87",
        "sysadmin",
        ("yj_clerk", 403),
    ),
    "incidents": ("/incidents", "sysadmin", ("secadmin", 403)),
    "thresholds": ("/thresholds", "centre", ("yj_sup1", 403)),
    "dead_letters": ("/dead-letters", "sysadmin", ("yj_clerk", 403)),
    "unmatched_payments": ("/unmatched-payments", "zr_cashier", ("yj_clerk", 403)),
    "fee_standards": ("/fee-standards", "zr_cashier", ("designer", 403)),
    "export_fee_tables": ("/fee-standards/LJ-ZR-QR-001/versions/1.dmn", "cz_section", ("designer", 403)),
    "fee_standard": ("/fee-standards/LJ-ZR-QR-001", "cz_section", ("designer", 403)),
    "treasury": ("/treasury", "cz_cashier", ("zr_cashier", 403)),
    "treasury_file": ("/treasury/{receipts}", "sup2", ("zr_cashier", 403)),
    "treasury_preview": ("/treasury/previews/{preview}", "cz_cashier", ("sup2", 404)),
    "reconciliation": ("/reconciliation", "yj_section", ("yj_clerk", 403)),
    "differences": ("/reconciliation/differences", "sup2", ("yj_officer", 403)),
    "difference": ("/reconciliation/differences/{difference}", "centre", ("yj_section", 404)),
    "difference_paper": ("/reconciliation/differences/{difference}/papers/{paper}", "centre", ("yj_section", 404)),
    "volumes": ("/reconciliation/volumes", "centre", ("yj_section", 403)),
    "opinions": ("/opinions", "yj_section", None),
    "copies": ("/copies", "yj_clerk", None),
    "outages": ("/outages", "secadmin", ("designer", 403)),
    "one_outage": ("/outages/{outage}", "yj_sup1", ("designer", 403)),
    "paper_receipts": ("/paper-receipts", "yj_clerk", ("designer", 403)),
    "paper_block": ("/paper-receipts/{block}", "yj_section", ("sg_section", 404)),
    "cash": ("/cash", "cg_officer", ("designer", 403)),
    "ticket_books": ("/ticket-books", "cz_cashier", ("designer", 403)),
    "ticket_book": ("/ticket-books/{book}", "cg_officer", ("sg_section", 404)),
    "my_notices": ("/notices", "yj_clerk", None),
    "sign_in": ("/sign-in", "", None),
    "public_home": ("/public", "", None),
    "public_items": ("/public/items", "", None),
    "public_item": ("/public/items/LJ-ZR-QR-001", "", None),
    "public_drawing": ("/public/items/LJ-ZR-QR-001/drawing.bpmn", "", None),
    "public_blank_form": ("/public/items/LJ-ZR-QR-001/blank/application_form.pdf", "", None),
    "public_paper_receipt": ("/public/paper-receipts/{receipt}", "", None),
    "public_inspections": ("/public/inspections", "", None),
    "public_attendance": ("/public/attendance", "", None),
    "public_penalties": ("/public/penalties", "", None),
    "public_verify": ("/public/verify?number={certificate}", "", None),
    "public_pay": ("/public/pay/{pay_code}", "", None),
    "public_case": ("/public/cases/{number}?secret={secret}", "", None),
}
# These answer with another page.
ELSEWHERE = {"home", "language", "elder"}
HTML = {
    name: row
    for name, row in OPEN_TO.items()
    if not row[0].endswith((".bpmn", ".dmn", ".json", "{file}", "{paper}", "/archive", ".pdf", ".csv", "/pages"))
}


@pytest.fixture
def places(office: Office) -> dict[str, str]:
    """A case that was surveyed in 58 seconds, with its alarm, its order and its file; another that is finished."""
    finished = office.start("LJ-SG-XK-001")["number"]
    office.walk(finished, "the end")
    printer = visit(office, "sg_printer").sure()
    assert printer.send(f"/cases/{finished}/documents/certificate/print").mimetype == "application/pdf"
    started = office.start()
    office.walk(started["number"], "site_survey")
    office.upload_all(started["number"], "section_review", "yj_officer")
    office.wait(seconds=58)
    early = office.complete(started["number"], "site_survey", "yj_officer")
    assert early.get_json()["outcome"] == "halted", early.text
    office.stepping.look()
    job = {"documents": [1], "key": "the first job"}
    bound = office.sign_in("sg_printer").sure().post("/print-jobs", job).get_json()
    papers = block(office)
    office.wait(minutes=1)
    out = declare(office)
    receipts = imported(office, "receipt_no,amount_fen,paid_on\nR-1,100,2026-11-20\n")
    preview = imported(office, "receipt_no,amount_fen,paid_on\nR-2,100,2026-11-20\n", to="previews")
    office.stepping.look()
    with transaction(office.engine) as connection:
        owed = {"case_id": 1, "pay_code": "3" * 20, "item_code": "1", "name_zh": "不动产登记费", "payer": "李四"}
        owed |= {"amount_fen": 8000, "lines": [], "status": "unpaid", "made_at": office.now}
        connection.execute(insert(payment_notice), owed)
    with reading(office.engine) as connection:
        one = connection.execute
        found = {
            "job": str(bound["id"]),
            "block": str(papers["id"]),
            "receipt": papers["numbers"][0]["number"],
            "outage": str(out.get_json()["id"]),
            "receipts": str(receipts.get_json()["id"]),
            "preview": str(preview.get_json()["id"]),
            "difference": str(one(select(treasury_difference.c.id)).scalar_one()),
            "number": started["number"],
            "pay_code": "3" * 20,
            "finished": finished,
            "secret": started["secret"],
            "file": str(one(select(attachment.c.id).order_by(attachment.c.id.desc())).scalars().first()),
            "alarm": str(one(select(alarm.c.id).where(alarm.c.kind == "too_early")).scalar_one()),
            "order": one(select(case.c.number).where(case.c.kind == "order", case.c.department == "YJ")).scalar_one(),
            "certificate_id": str(one(select(document.c.id).where(document.c.kind == "certificate")).scalars().first()),
            "certificate": one(select(document.c.number).where(document.c.kind == "certificate")).scalars().first()
            or "",
        }
    return found | {"book": ticket_book(office), "paper": paper_of(office, found["difference"])}


def paper_of(office: Office, difference: str) -> str:
    """A paper that shows what was decided on a difference."""
    form = {"decision": "explained", "reason": "系代收省级费用", "file": FileStorage(io.BytesIO(PDF), "批复.pdf")}
    stream, _, boundary = stream_encode_multipart(form, use_tempfile=False)
    kind = f'multipart/form-data; boundary="{boundary}"'
    where = f"/reconciliation/differences/{difference}/decision/paper"
    decided = office.sign_in("sup2").post(where, data=stream.read(), content_type=kind)
    assert decided.status_code == 200, decided.text
    return str(decided.get_json()["trail"][-1]["id"])


def ticket_book(office: Office) -> str:
    """A book whose first leaf was used."""
    taken(office)
    return "1"


class Visitors:
    """Everybody signs in once."""

    def __init__(self, office: Office, language: str = "zh-CN") -> None:
        self._office, self._language = office, language
        self._known: dict[str, Visitor] = {}

    def __call__(self, who: str) -> Visitor:
        if who not in self._known:
            self._known[who] = visit(self._office, who, self._language)
        return self._known[who]


def opened(visitor: Visitor, path: str) -> tuple[str, str]:
    """The address in the end, and the page there; nothing for what is no text."""
    answer = visitor.client.get(path, follow_redirects=True, buffered=True)
    assert answer.status_code == 200, (path, answer.status)
    return answer.request.path, answer.text if (answer.mimetype or "").startswith("text/") else ""


def test_every_page_stands_in_the_table(office: Office) -> None:
    known = {
        rule.endpoint.removeprefix("pages.")
        for rule in office.app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.") and "GET" in (rule.methods or ())
    }
    assert known == set(OPEN_TO) | ELSEWHERE


def test_every_page_opens_for_who_may_and_for_nobody_else(office: Office, places: dict[str, str]) -> None:
    visitor_of = Visitors(office)
    for name, (path, who, other) in OPEN_TO.items():
        address = path.format(**places)
        end, _ = opened(visitor_of(who), address)
        assert end == address.partition("?")[0], name
        if other is not None:
            assert visitor_of(other[0]).get(address).status_code == other[1], name


def test_without_a_session_every_page_leads_to_the_door_and_back(office: Office, places: dict[str, str]) -> None:
    stranger = visit(office)
    for name, (path, who, _) in OPEN_TO.items():
        answer = stranger.get(path.format(**places))
        if who:
            assert answer.status_code == 303, name
            assert answer.headers["Location"].startswith("/sign-in?next=/"), name


def test_english_pages_hold_no_chinese_but_data(office: Office, places: dict[str, str]) -> None:
    allowed = data_words(office)
    left: dict[str, set[str]] = {}
    visitor_of = Visitors(office, "en")
    for name, (path, who, _) in HTML.items():
        _, page = opened(visitor_of(who), path.format(**places))
        found = {run for run in han_in_english(page) if not any(run in words for words in allowed)}
        if found:
            left[name] = found
    assert left == {}


def data_words(office: Office) -> set[str]:
    """Names of people, firms and files, numbers of papers, laws: what no catalogue translates."""
    with reading(office.engine) as connection:
        words = set(connection.execute(select(person.c.name)).scalars())
        parties = set(connection.execute(select(case.c.applicant_name)).scalars())
        # A person whom a penalty concerns is published by the family name alone.
        words |= parties | {f"{name[0]}某" for name in parties if name}
        words |= set(connection.execute(select(attachment.c.filename)).scalars())
        words |= {number or "" for number in connection.execute(select(document.c.number)).scalars()}
        for item in ("LJ-YJ-XK-001", "LJ-ZR-QR-001"):
            found = office.services.items.current(connection, item)
            assert found is not None
            words |= {limit["source"] for limit in found.limits.values() if limit and "source" in limit}
    # The department of work safety is still known by its old Chinese name (items.yaml, departments).
    return words | {"安监局"}


def test_every_page_is_well_made(office: Office, places: dict[str, str]) -> None:
    visitor_of = Visitors(office)
    for name, (path, who, _) in HTML.items():
        _, html = opened(visitor_of(who), path.format(**places))
        if name == "case_checks":
            continue
        page = Page(html)
        assert len(list(page.all("h1"))) == 1, name
        assert len(list(page.all("main", id="main"))) == 1, name
        assert len(page.with_class("button", "main")) <= 1, name
        ids = Counter(given["id"] for _, given in page.elements if "id" in given)
        assert [one for one, count in ids.items() if count > 1] == [], name
        assert not any("style" in given for _, given in page.elements), name
        assert not any(key.startswith("on") for _, given in page.elements for key in given), name
        scripts = [given for given in page.all("script") if "src" not in given]
        assert all(given["type"] == "application/json" for given in scripts), name
        assert len(gzip.compress(html.encode())) < 300_000, name
        labels = {given.get("for") for given in page.all("label")}
        for tag in ("input", "select", "textarea"):
            for given in page.all(tag):
                if given.get("type") not in ("hidden", "radio", "checkbox"):
                    assert given.get("id") in labels, (name, given)


def test_the_policy_is_strict_and_only_the_modeler_may_write_styles(office: Office, places: dict[str, str]) -> None:
    designer = visit(office, "designer")
    strict = designer.get("/processes").headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in strict and "'unsafe-eval'" not in strict
    modeler = designer.get("/processes/hazardous_chemicals_licence/edit").headers["Content-Security-Policy"]
    assert modeler == strict.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


def test_a_page_that_is_not_there_says_so_in_the_frame_of_its_reader(office: Office) -> None:
    for visitor, frame in ((visit(office, "yj_clerk"), "我的工作"), (visit(office), "登录")):
        answer = visitor.get("/no/such/page")
        assert answer.status_code == 404
        assert "没有找到" in told(answer.text) and frame in answer.text
    english = visit(office, language="en").get("/public/items/LJ-NOWHERE")
    assert english.status_code == 404 and "This page was not found" in english.text


def test_a_failure_shows_its_number_and_nothing_of_the_machine(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret of the machine")

    visitor = visit(office, "sup2")
    monkeypatch.setattr("service.web.pages.supervision.list_alarms", fail)
    answer = visitor.client.get("/alarms", headers={"X-Request-Id": "number-of-this-request"})
    assert answer.status_code == 500
    assert "number-of-this-request" in answer.text
    assert "secret of the machine" not in answer.text
