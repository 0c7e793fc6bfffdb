"""How papers stand on their pages: what fits on one, what is signed by hand, and that nothing lies over the text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pypdfium2
import pytest

from service.certificates import DocumentData, PaymentDue, render_document
from service.certificates.archive_index import ArchiveIndex, IndexRow, render_archive_index
from service.certificates.blank_form import BlankForm, BlankLine, authorisation_lines, render_blank_form
from service.certificates.paper_receipt import Receipts, render_receipts
from tests.unit.test_documents import DATA, pages, text

PARTY = (
    ("当事人", DATA.holder),
    ("统一社会信用代码", "91329901MA1K2T3X6K"),
    ("住址（住所）", "临江县沿江化工园区纬三路7号"),
)
PENALTY = replace(
    DATA,
    title_zh="行政处罚事先告知书",
    variant="penalty",
    fields=(
        *PARTY,
        *(("违法行为", "擅自挖掘城市道路"), ("拟罚款金额", "20,000.00 元")),
        *(("调查人员", "王强（32990101）、李明（32990102）"), ("查询号", DATA.case_number), ("查询密码", "K7QM-39XD")),
    ),
    more=(("facts", "当事人未取得许可，挖掘人行道三十平方米。"), ("violated", "《城市道路管理条例》第三十三条")),
)
ALARM = "办件 LJ20261123000057（危险化学品生产企业安全生产许可证核发）在“审查”环节已超期 2 个工作日，责任人李秀兰"
LONG = "经核查，承办人因同期办理的办件较多，未在规定的期限内组织现场核查，且未依法办理延期手续；" * 4
ORDER = replace(
    DATA,
    title_zh="督办单",
    organ_zh="临江县行政权力网上公开透明运行控制中心",
    item_name_zh="请于一个工作日内书面说明超期原因并提出整改措施，附卷宗复印件和考勤记录",
    holder="临江县应急管理局",
    fields=(("督办来源", "系统报警"), ("所涉办件", DATA.case_number), ("报警事项", ALARM)),
)
ANSWER = (
    *(("经办人", "李秀兰"), ("情况说明", LONG), ("整改措施", LONG), ("依据证据", "考勤记录、审批单")),
    *(("答复时间", "2026-11-24 10:20"), ("批准延期", "延至 2026-11-30 17:00（赵小雨）：同意"), ("一级认定", "属实")),
)


def drawn(kind: str, data: DocumentData, locale: str = "zh-CN") -> bytes:
    return render_document(kind, data, locale=locale).pdf


def words_at(pdf: bytes, words: str, page: int = 0) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right and top of each place where the words stand, in points from the lower left corner."""
    found = pypdfium2.PdfDocument(pdf)[page].get_textpage()
    searcher, places = found.search(words), []
    while (at := searcher.get_next()) is not None:
        boxes = [found.get_charbox(index) for index in range(at[0], at[0] + at[1])]
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        places.append((min(lefts), min(bottoms), max(rights), max(tops)))
    return places


def test_a_prior_notice_of_usual_length_stands_on_one_page() -> None:
    assert len(pages(drawn("prior_notice", PENALTY))) == 1


@pytest.mark.parametrize("variant", ["", "answered", "confirmed"])
def test_an_order_on_one_alarm_stands_on_one_page_and_leaves_no_blank_for_what_was_said(variant: str) -> None:
    said = (*ANSWER, ("确认意见", "同意办结")) if variant == "confirmed" else ANSWER if variant else ()
    (page,) = pages(drawn("supervision_order", replace(ORDER, variant=variant, fields=(*ORDER.fields, *said))))
    assert ("办理情况及答复" in page, "佐证材料" in page) == (not variant, not variant)
    assert ("监察审核意见" in page) == (variant != "confirmed")
    assert "督办要求请于一个工作日内书面说明" in page


def test_a_paper_about_no_case_names_none_in_its_foot() -> None:
    assert "办件编号" not in text(drawn("supervision_order", replace(ORDER, case_number="")))
    assert "办件编号" in text(drawn("supervision_order", ORDER))


def test_a_record_of_an_inspection_leaves_room_for_who_signs_it() -> None:
    record = drawn("record", replace(DATA, title_zh="现场检查笔录", fields=(("检查记录", LONG),)))
    found = text(record)
    for name in ("被检查人（现场负责人）签名", "检查人员（两名）签名", "见证人签名", "签名日期"):
        assert name in found
    assert "Signaturesofthetwoofficers" in text(drawn("record", DATA, "en"))


def test_a_translated_penalty_says_what_was_violated_and_on_what_it_rests() -> None:
    found = text(drawn("prior_notice", PENALTY, "en"))
    assert "thoughttobreak《城市道路管理条例》第三十三条." in found
    more = (*PENALTY.more, ("heard", "A hearing was held by law."), ("notice_served_on", date(2026, 10, 25)))
    decision = text(drawn("decision", replace(PENALTY, variant="penalty_fine", more=more), "en"))
    assert "Decisiononanadministrativepenalty" in decision
    assert "Thisbreaks《城市道路管理条例》第三十三条." in decision
    assert "Under《中华人民共和国行政许可法》第三十二条weimposethispenalty:" in decision


def test_a_long_name_of_an_organ_is_signed_on_one_line_above_its_date() -> None:
    organ = "临江县住房和城乡建设局（临江县人民防空办公室）"
    pdf = drawn("refusal", replace(DATA, organ_zh=organ))
    left, bottom, right, top = words_at(pdf, organ)[-1]
    assert top - bottom < 20, "one line"
    date_left, _, date_right, date_top = words_at(pdf, "2026年11月23日")[-1]
    assert date_top < bottom
    assert abs((left + right) / 2 - (date_left + date_right) / 2) < 2


def test_the_date_stands_four_characters_from_the_edge_and_the_seal_over_it() -> None:
    pdf = drawn("refusal", DATA)
    (_, bottom, right, top) = words_at(pdf, "2026年11月23日")[-1]
    edge = 595.28 - 26 / 25.4 * 72
    assert edge - right == pytest.approx(4 * 16, abs=3)
    seal = render_document("refusal", DATA).seal
    assert seal is not None
    assert seal.bottom < bottom < top < seal.bottom + 119 / 2, "name and date a little below the seal's middle"


def test_a_blank_form_leaves_room_for_a_written_date() -> None:
    form = BlankForm(
        "授权委托书", "县应急管理局", "安全生产许可", 3, authorisation_lines("zh-CN"), "zh-CN", "authorisation"
    )
    pdf = render_blank_form(form)
    year, month, day = (words_at(pdf, sign)[-1] for sign in ("年", "月", "日"))
    assert month[0] - year[2] > 18
    assert day[0] - month[2] > 18


_LAST = {"zh-CN": ("12345", "清点作废"), "en": ("call 12345", "voids them")}


@pytest.mark.parametrize("locale", list(_LAST))
def test_the_seal_of_a_receipt_of_an_outage_has_a_place_of_its_own(locale: str) -> None:
    organ = {"zh-CN": "临江县住房和城乡建设局（临江县人民防空办公室）"}.get(
        locale, "Linjiang County Bureau of Emergency Management and Production Safety"
    )
    numbers, addresses = ["停〔2026〕YJ-000123"], ["https://mingjing.example/public/paper-receipts/1"]
    receipts = Receipts(organ, "Window 3", numbers, addresses, datetime(2026, 11, 23, tzinfo=UTC), locale)
    pdf = render_receipts(receipts)
    assert len(pages(pdf)) == 1
    seals = words_at(pdf, {"zh-CN": "收件专用章", "en": "seal of the window"}[locale])
    for last, seal in zip(_LAST[locale], seals, strict=True):
        assert words_at(pdf, last)[-1][2] < seal[0] - 20, "what the paper says ends left of the seal's place"


def test_receipts_are_printed_at_any_instant() -> None:
    at = datetime(2026, 11, 23, 9, 30, 1, 234567, tzinfo=UTC)
    receipts = Receipts(
        "临江县应急管理局", "窗口", ["停〔2026〕YJ-000123"], ["https://mingjing.example/1"], at, "zh-CN"
    )
    assert len(pages(render_receipts(receipts))) == 1


def test_an_index_of_many_files_repeats_its_head_counts_its_pages_and_breaks_long_names() -> None:
    long_name = "IMG" + "0123456789" * 6 + ".jpg"
    row = IndexRow("营业执照", "临江县恒晟化工有限公司", date(2026, 11, 23), "", 2, long_name)
    index = ArchiveIndex("临江县应急管理局", "事项", "LJ1", "某公司", date(2026, 11, 25), [row] * 40)
    pdf = render_archive_index(index)
    found = pages(pdf)
    assert len(found) > 1 and all("责任者" in page for page in found)
    assert "本卷共40件80页" in found[-1] and "79-80" in found[-1]
    day = words_at(pdf, "20261123")[0]
    piece = words_at(pdf, "0123456789")[0]
    assert piece[2] < day[0], "the name of a file stays in its column"


def test_the_english_name_of_an_organ_stands_on_one_line_in_head_and_foot() -> None:
    organ = "Natural Resources and Planning Bureau of Linjiang County"
    for kind in ("refusal", "certificate"):
        pdf = drawn(kind, replace(DATA, organ_en=organ), "en")
        places = words_at(pdf, organ)
        assert places and all(top - bottom < 25 for _, bottom, _, top in places), kind
        assert DATA.organ_zh not in text(pdf)
    assert organ.replace(" ", "") not in text(drawn("refusal", replace(DATA, organ_en=organ))), (
        "the original is Chinese"
    )


def test_a_translated_payment_notice_has_the_sum_in_figures_alone() -> None:
    due = replace(DATA, payment=PaymentDue("32990126112300000578", 168032))
    assert "人民币" not in text(drawn("payment_notice", due, "en")) and "1,680.32" in text(
        drawn("payment_notice", due, "en")
    )
    assert "人民币" in text(drawn("payment_notice", due))


def test_a_blank_form_that_runs_over_by_its_signatures_stands_closer_instead() -> None:
    lines = (*(BlankLine(f"Question {n}") for n in range(17)), BlankLine("Staff", columns=("Name", "Section", "Title")))
    form = BlankForm("Application", "Health Commission of Linjiang County", "Registration", 1, lines, "en")
    assert len(pages(render_blank_form(form))) == 1


def test_a_receipt_of_a_fine_says_so_and_speaks_of_no_application() -> None:
    found = text(drawn("payment_receipt", replace(DATA, variant="penalty")))
    assert "依据行政处罚决定缴纳" in found and "办理" not in found
