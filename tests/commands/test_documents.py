"""Documents and their numbers: drawn at the decision, once, without gaps, by organ, kind and year."""

from __future__ import annotations

import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
import zxingcpp
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select

from service.certificates import DocumentData
from service.commands.document_texts import document_data
from service.commands.extend_limit import extend_limit
from service.commands.print_document import PrintDocument, act_on_any_case, draw_ahead, print_document
from service.database.tables import document_copy
from service.reads.verifying import VerifiedFile, verify_file
from tests.commands.office import CST, Office
from tests.commands.stories import HB, ITEMS, MZ, PENALTY, SG, WJ, YJ, ZR
from tests.commands.walking import begin, do, finish

CERTIFICATES: list[tuple[str, dict[str, Any], str]] = [
    (YJ, {}, "苏 WH安许证字〔2026〕00001"),
    (MZ, {"reg_kind": "found"}, "临民社证字〔2026〕0001号"),
    (HB, {}, "临环审〔2026〕1号"),
    (ZR, {}, "苏(2026)临江县不动产权第0000001号"),
    (SG, {"business_form": "shop"}, "JY13299000000001"),
    (SG, {"business_form": "catering"}, "JY23299000000001"),
    (SG, {"business_form": "canteen"}, "JY33299000000001"),
    (WJ, {}, "PDY2026000001"),
]


def kinds(office: Office) -> list[str]:
    return [row.kind for row in office.documents()]


@pytest.mark.parametrize(("item", "choices", "number"), CERTIFICATES)
def test_the_certificate_draws_its_number_at_the_decision(
    office: Office, item: str, choices: dict[str, Any], number: str
) -> None:
    begin(office, item, "decide", **choices)
    assert "certificate" not in kinds(office)
    do(office, "decide")
    assert [(row.kind, row.number) for row in office.documents() if row.kind == "certificate"] == [
        ("certificate", number)
    ]
    finish(office)
    assert kinds(office).count("certificate") == 1


def test_a_cancellation_gets_one_proof_and_no_certificate(office: Office) -> None:
    begin(office, MZ, "formal_check", reg_kind="cancel")
    finish(office)
    assert kinds(office) == ["acceptance_notice", "cancel_proof", "delivery_receipt"]


@pytest.mark.parametrize("item", ITEMS)
def test_the_decision_to_refuse_makes_the_paper_that_is_then_served_with_its_reason(office: Office, item: str) -> None:
    begin(office, item, "decide", review_result="agree_refuse", decision="refuse")
    do(office, "decide", decision_reason="消防通道不符合规定")
    assert office.open_steps() == ["serve_refusal"]
    paper = office.documents()[-1]
    assert (paper.kind, paper.content["decision_reason"]) == ("refusal", "消防通道不符合规定")
    finish(office)
    assert kinds(office).count("refusal") == 1


def test_a_fee_makes_a_payment_notice_with_the_buyer_as_payer(office: Office) -> None:
    begin(office, ZR, "await_payment", extra_copies=2)
    paper, notice = office.documents()[-1], office.payment_notices()[0]
    assert [row.kind for row in office.documents()].count("payment_notice") == 1
    assert (paper.kind, notice.amount_fen) == ("payment_notice", 10_000)
    assert notice.payer == office.task("apply", status="completed").answers["buyer_name"]


def test_numbers_of_the_organs_and_kinds_do_not_mix_and_the_years_begin_anew(office: Office) -> None:
    first = begin(office, YJ, "print_certificate")
    second = begin(office, YJ, "print_certificate")
    begin(office, WJ, "print_certificate")
    assert [row.number for row in office.documents(first)] == ["临应急受〔2026〕0001号", "苏 WH安许证字〔2026〕00001"]
    assert [row.number for row in office.documents(second)] == ["临应急受〔2026〕0002号", "苏 WH安许证字〔2026〕00002"]
    assert office.documents()[0].number == "临卫健受〔2026〕0001号"
    assert (first, second, office.number) == ("YJ-XK-2026-000001", "YJ-XK-2026-000002", "WJ-XK-2026-000001")
    office.advance(to=datetime(2027, 1, 4, 9, 0, tzinfo=CST))
    assert begin(office, YJ, "print_certificate") == "YJ-XK-2027-000001"
    assert office.documents()[-1].number == "苏 WH安许证字〔2027〕00001"


def test_a_number_that_tells_no_year_is_counted_on_over_the_years(office: Office) -> None:
    begin(office, SG, "print_certificate", business_form="shop")
    office.advance(to=datetime(2027, 1, 4, 9, 0, tzinfo=CST))
    second = begin(office, SG, "print_certificate", business_form="shop")
    assert [row.number for row in office.documents(second) if row.kind == "certificate"] == ["JY13299000000002"]


def test_the_year_of_a_number_is_the_countys_not_that_of_greenwich(office: Office) -> None:
    office.advance(to=datetime(2027, 1, 1, 7, 30, tzinfo=CST))
    assert office.start(YJ) == "YJ-XK-2027-000001"


def printed(office: Office, kind: str, name: str, ahead: bool = True, locale: str = "zh-CN") -> bytes:
    actor, number = office.actor(name), office.number
    command = PrintDocument(number, kind, locale)
    drawn = draw_ahead(office.engine, office.services, actor, command, office.now) if ahead else None
    return office.perform(
        lambda c: print_document(c, office.services, actor, command, office.now, drawn), actor, number
    )


def verified(office: Office, content: bytes) -> VerifiedFile:
    with office.looking() as connection:
        return verify_file(connection, content, office.calendar.local_date(office.now))


@pytest.mark.parametrize("ahead", [True, False])
def test_every_copy_is_signed_kept_and_known_by_its_digest(office: Office, ahead: bool) -> None:
    begin(office, YJ, "print_certificate")
    first, second = printed(office, "certificate", "printer", ahead), printed(office, "certificate", "printer", ahead)
    assert first != second
    copies = office.rows(select(document_copy).order_by(document_copy.c.copy_no))
    assert [row.copy_no for row in copies] == [1, 2]
    for content, row in zip((first, second), copies, strict=True):
        assert len(PdfFileReader(io.BytesIO(content)).embedded_signatures) == 1
        source = office.services.files.source(row.digest)
        assert isinstance(source, Path)
        assert source.read_bytes() == content
        found = verified(office, content)
        assert (found.status, found.copy_no, found.number) == ("genuine", row.copy_no, "苏 WH安许证字〔2026〕00001")
    assert office.documents()[-1].copies == 2


def test_a_file_that_was_changed_is_called_altered_and_a_strangers_unknown(office: Office) -> None:
    begin(office, YJ, "print_certificate")
    content = printed(office, "certificate", "printer")
    assert verified(office, content + b"\n").status == "altered"
    changed = bytearray(content)
    changed[content.index(b"/Title")] ^= 1
    found = verified(office, bytes(changed))
    assert (found.status, found.number) == ("altered", None)
    assert verified(office, b"%PDF-1.7 of somebody else").status == "unknown"


def test_what_was_drawn_ahead_and_is_out_of_date_is_not_handed_out(office: Office) -> None:
    begin(office, YJ, "print_certificate")
    actor, number = office.actor("printer"), office.number
    command = PrintDocument(number, "certificate")
    drawn = draw_ahead(office.engine, office.services, actor, command, office.now)
    assert drawn is not None
    printed(office, "certificate", "printer")
    content = office.perform(
        lambda c: print_document(c, office.services, actor, command, office.now, drawn), actor, number
    )
    assert content != drawn.content
    assert (verified(office, drawn.content).status, verified(office, content).copy_no) == ("unknown", 2)


def test_the_address_on_the_certificate_names_its_number(office: Office) -> None:
    begin(office, YJ, "print_certificate")
    page = pypdfium2.PdfDocument(printed(office, "certificate", "printer"))[0]
    bitmap = page.render(scale=3, grayscale=True)
    (code,) = zxingcpp.read_barcodes(memoryview(bytes(bitmap.buffer)).cast("B", [bitmap.height, bitmap.stride]))
    assert parse_qs(urlsplit(code.text).query) == {"number": ["苏 WH安许证字〔2026〕00001"]}
    assert code.text.startswith(f"{office.services.settings.public_url}/public/verify?")


def says(office: Office, kind: str, locale: str = "zh-CN") -> DocumentData:
    """What a copy of the case's document says if it is printed now."""
    row = next(row for row in office.documents() if row.kind == kind)
    with office.looking() as connection:
        return document_data(act_on_any_case(connection, office.services, None, office.number, office.now), row, locale)


def test_a_notice_of_acceptance_says_for_ever_what_it_said_when_it_was_made(office: Office) -> None:
    begin(office, SG, "section_review", application_kind="extend")
    first, number = says(office, "acceptance_notice"), office.number
    head = office.actor("vice")
    office.advance(days=1)
    due = office.case().due_at
    office.perform(lambda c: extend_limit(c, office.services, head, number, "情况复杂", office.now), head, number)
    office.put("business_licence")
    assert office.case().due_at > due
    assert first.due_on is not None and first.materials
    assert says(office, "acceptance_notice") == first


def test_a_correction_notice_names_the_application_that_it_was_about(office: Office) -> None:
    office.start(YJ)
    office.put()
    do(office, "formal_check", check_result="correction")
    first = says(office, "correction_notice")
    office.advance(days=9)
    office.message("correction", office.number, by="clerk")
    assert first.received_on != office.case().received_on
    assert says(office, "correction_notice") == first


def test_the_proof_of_service_names_the_notices_number_and_says_days_in_words(office: Office) -> None:
    begin(office, PENALTY, "decide", violation="pile")
    notice = says(office, "prior_notice")
    rows = dict(says(office, "notice_service_proof").fields)
    assert rows["文书文号"] == notice.number != ""
    assert re.fullmatch(r"2026年\d+月\d+日", rows["送达时间"])
    english = dict(says(office, "notice_service_proof", "en").fields)
    assert (english["Paper served"], english["Number of the paper"]) == ("Prior notice of a penalty", notice.number)
    assert re.fullmatch(r"\d+ [A-Z][a-z]+ 2026", english["Day of delivery"])
    assert not [label for label in english if not label.isascii()]
