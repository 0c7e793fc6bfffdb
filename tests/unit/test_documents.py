"""Documents as the applicant gets them: what the PDF says, that texts stay texts, and that its bytes are stable."""

from __future__ import annotations

import io
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import playwright
import pytest
import yaml
from pypdf import PdfReader

from service.certificates import (
    TEMPLATES,
    DocumentData,
    PaymentDue,
    Remedy,
    amount_in_words,
    template_for,
)
from service.certificates import render_document as rendered
from service.commands.paper_words import cited
from service.errors import Refused

ROOT = Path(__file__).parents[2]
ITEMS = ["LJ-YJ-XK-001", "LJ-MZ-XK-001", "LJ-HB-XK-001", "LJ-ZR-QR-001", "LJ-SG-XK-001", "LJ-WJ-XK-001"]
LONG_NAME = "临江县" + "长江沿岸绿色低碳新材料与港口物流产业协同创新发展促进中心" * 3
DATA = DocumentData(
    number="临应急许〔2026〕0001号",
    title_zh="准予行政许可决定书",
    organ_zh="临江县应急管理局",
    item_name_zh="危险化学品生产企业安全生产许可证核发",
    case_number="LJ20261123000057",
    holder="临江县恒晟化工有限公司",
    made_on=date(2026, 11, 23),
    received_on=date(2026, 11, 20),
    accepted_on=date(2026, 11, 23),
    due_on=date(2026, 12, 14),
    legal_basis=("《中华人民共和国行政许可法》第三十二条",),
    reason="甲类库房与办公楼间距为十五米，不符合规定的三十米",
    remedy=Remedy("临江县人民政府", "临江县人民法院"),
    verify_url="https://mingjing.example/verify/7F3K9Q2M",
)


def render_document(kind: str, data: DocumentData, **choices: Any) -> bytes:
    return rendered(kind, data, **choices).pdf


def pages(pdf: bytes) -> list[str]:
    """The text of each page without white space, which a PDF sets by position."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def text(pdf: bytes) -> str:
    return "".join(pages(pdf))


def documents_of_the_six_items() -> list[Any]:
    items = yaml.safe_load((ROOT / "processes/catalogue/items.yaml").read_text(encoding="utf-8"))["items"]
    return [
        pytest.param(item, document, id=f"{item['code']}-{document['key']}")
        for item in items
        if item["code"] in ITEMS
        for document in item["documents"]
    ]


@pytest.mark.parametrize(("item", "document"), documents_of_the_six_items())
def test_every_document_of_the_six_items_states_who_decided_what_for_whom(
    item: dict[str, Any], document: dict[str, Any]
) -> None:
    organ = f"临江{item['department']['name_zh']}"
    data = replace(DATA, title_zh=document["name_zh"], organ_zh=organ, item_name_zh=item["name_zh"])
    if document["key"] == "certificate":
        data = replace(data, fields=(("名称", DATA.holder),))
    if document["key"] == "payment_notice":
        data = replace(data, payment=PaymentDue("32990126112300000578", 8000))
    found = text(render_document(document["key"], data))
    for stated in (document["name_zh"], organ, DATA.number, DATA.case_number, DATA.holder, "2026年11月23日"):
        assert stated in found


def test_an_acceptance_notice_lists_materials_dates_and_the_secret() -> None:
    data = replace(
        DATA,
        title_zh="受理通知书",
        materials=(("安全评价报告", "原件", "2"), ("危险化学品登记证", "电子", "1")),
        query_secret="K7QM-39XD",
    )
    found = text(render_document("acceptance_notice", data))
    assert "1安全评价报告原件2" in found
    assert "2危险化学品登记证电子1" in found
    assert "自2026年11月23日起予以受理" in found
    assert "应于2026年12月14日前（含当日）办结" in found
    assert "查询号LJ20261123000057查询密码K7QM-39XD" in found


def test_a_deemed_acceptance_says_that_nobody_answered_in_time() -> None:
    found = text(render_document("acceptance_notice", replace(DATA, variant="deemed", accepted_on=DATA.received_on)))
    assert "未在五个工作日内一次性告知" in found
    assert "自收到申请材料之日2026年11月20日起即为受理" in found


def test_a_correction_notice_lists_what_is_missing_why_and_until_when() -> None:
    found = text(render_document("correction_notice", replace(DATA, materials=(("登记证", "已过有效期", "第六条"),))))
    assert "1登记证已过有效期第六条" in found
    assert "请于2026年12月14日前（含当日）补正" in found
    assert "补正所需时间不计入办理期限" in found


def test_a_non_acceptance_names_the_competent_organ_and_the_remedies() -> None:
    data = replace(DATA, variant="not_competent", competent_organ="江苏省应急管理厅")
    found = text(render_document("non_acceptance", data))
    assert "请向江苏省应急管理厅提出申请" in found
    assert "六十日内向临江县人民政府申请行政复议" in found
    assert "六个月内向临江县人民法院提起行政诉讼" in found


def test_a_refusal_gives_reason_basis_and_remedies() -> None:
    found = text(render_document("refusal", DATA))
    assert "不符合规定的三十米。依据《中华人民共和国行政许可法》第三十二条的规定" in found
    assert "本机关决定不予登记。" in text(render_document("refusal", replace(DATA, title_zh="不予登记决定书")))
    assert "六十日内向临江县人民政府申请行政复议" in found


def test_a_special_notice_names_the_step_and_the_new_due_day() -> None:
    data = replace(DATA, fields=(("特别程序", "专家评审"), ("所需时间", "15个工作日")), due_on=date(2027, 1, 7))
    found = text(render_document("special_notice", data))
    assert "所需时间不计算在办理期限内" in found
    assert "特别程序专家评审" in found
    assert "顺延至2027年1月7日" in found
    assert "延长办理期限" in text(render_document("special_notice", replace(data, variant="extension")))


def test_a_payment_notice_states_the_code_and_the_amount_in_figures_and_capitals() -> None:
    found = text(render_document("payment_notice", replace(DATA, payment=PaymentDue("32990126112300000578", 168032))))
    assert "缴款码32990126112300000578" in found
    assert "¥1,680.32" in found
    assert "人民币壹仟陆佰捌拾元叁角贰分" in found


def test_a_supervision_order_leaves_room_for_the_answer() -> None:
    data = replace(DATA, title_zh="督办单", fields=(("督办要求", "一个工作日内书面答复"),))
    found = text(render_document("supervision_order", data))
    assert "被督办单位临江县恒晟化工有限公司" in found
    assert "办结期限2026年12月14日" in found
    assert "督办要求一个工作日内书面答复" in found
    assert "办理情况及答复" in found


def test_a_proof_of_cancellation_voids_the_certificate() -> None:
    found = text(render_document("cancel_proof", DATA))
    assert "兹证明，临江县恒晟化工有限公司的注销登记申请经本机关审查，依法准予注销" in found
    assert "原登记证书失效" in found


def test_given_paragraphs_stand_instead_of_the_standard_wording() -> None:
    found = text(render_document("decision", replace(DATA, paragraphs=("一、同意建设。\n二、按图施工。",))))
    assert "一、同意建设。二、按图施工。" in found
    assert "决定准予" not in found


def test_an_unknown_kind_is_laid_out_as_a_letter_without_claiming_a_grant() -> None:
    found = text(render_document("circular", replace(DATA, title_zh="通报", paragraphs=("十个部门补录。",))))
    assert template_for("circular") == TEMPLATES["decision"]
    assert "十个部门补录。" in found
    assert "决定准予" not in text(render_document("circular", replace(DATA, title_zh="通报")))


def test_a_reply_by_letter_is_laid_out_upright_though_it_is_a_certificate() -> None:
    reply = render_document("certificate", replace(DATA, title_zh="环境影响评价文件批复"))
    licence = render_document("certificate", replace(DATA, title_zh="安全生产许可证"))
    upright, wide = (PdfReader(io.BytesIO(pdf)).pages[0].mediabox for pdf in (reply, licence))
    assert upright.width < upright.height
    assert wide.width > wide.height
    assert "决定准予" in text(reply)


def test_markup_in_a_text_is_printed_as_it_is_written() -> None:
    hostile = '#panic("x") *bold* _it_ $x^2$ <b>&amp; @ref = Kopf // c [a](b) \\u{41} {holder} {0} %s "quote"'
    data = replace(DATA, holder=hostile, fields=(("#label", hostile),), paragraphs=(hostile,))
    found = text(render_document("decision", data))
    assert found.count("".join(hostile.split())) == 3


def test_signs_that_turn_the_direction_of_writing_are_dropped() -> None:
    found = text(render_document("decision", replace(DATA, holder="甲\u202e乙\u0000丙\u2066丁\ud800")))
    assert "甲乙丙丁：" in found


@pytest.mark.parametrize("sign", ["龘", "𠮷", "㐀", "䶮", "𬭚"])
def test_rare_characters_of_names_are_printed(sign: str) -> None:
    assert f"欧阳{sign}：" in text(render_document("decision", replace(DATA, holder=f"欧阳{sign}")))


def test_a_character_that_no_font_has_is_refused_and_named() -> None:
    with pytest.raises(Refused, match="invalid_answers") as refused:
        render_document("certificate", replace(DATA, fields=(("姓名", "张\U0002ebf1"),)))
    assert "\U0002ebf1”（U+2EBF1）" in refused.value.message


def test_fonts_of_the_county_print_what_the_bundled_ones_cannot() -> None:
    font = next(Path(playwright.__file__).parent.glob("**/codicon*.ttf"))
    data = replace(DATA, holder="张\uea60")
    with pytest.raises(Refused, match=r"U\+EA60"):
        render_document("decision", data)
    assert "张\uea60：" in text(render_document("decision", data, font_folders=(font.parent,)))


@pytest.mark.parametrize("kind", [*TEMPLATES, "circular"])
def test_very_long_names_break_into_lines_and_lose_nothing(kind: str) -> None:
    name = LONG_NAME[:80]
    data = replace(DATA, holder=name, organ_zh=name, title_zh=name, item_name_zh=name, fields=(("名称", name),))
    assert text(render_document(kind, data)).count(name) >= 3


def test_forty_materials_run_over_pages_and_the_seal_never_stands_alone() -> None:
    materials = tuple((f"第{number}项申请材料", "原件或者复印件", "1") for number in range(1, 41))
    found = pages(render_document("acceptance_notice", replace(DATA, materials=materials, query_secret="K7QM")))
    assert len(found) >= 2
    assert all(f"第{number}项申请材料" in "".join(found) for number in range(1, 41))
    assert all("申请材料名称" in page for page in found if "项申请材料" in page)
    assert "查询号和查询密码可以随时查询" in found[-1]
    assert "2026年11月23日" in found[-1]


def test_a_certificate_shrinks_its_rows_before_it_takes_a_second_page() -> None:
    few, many = (("许可范围", "盐酸、" * count) for count in (10, 300))
    assert len(pages(render_document("certificate", replace(DATA, fields=(few,))))) == 1
    assert len(pages(render_document("certificate", replace(DATA, fields=(many,))))) == 1


def test_metadata_name_title_organ_and_the_day_of_the_document() -> None:
    pdf = render_document("decision", DATA)
    metadata = PdfReader(io.BytesIO(pdf)).metadata
    assert metadata is not None
    assert metadata.title == "准予行政许可决定书 临应急许〔2026〕0001号"
    assert metadata.author == "临江县应急管理局"
    assert metadata.creation_date == datetime(2026, 11, 23, tzinfo=UTC)


def test_documents_are_archivable_and_tagged() -> None:
    root: Any = PdfReader(io.BytesIO(render_document("certificate", DATA))).root_object
    metadata = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"


def test_all_fonts_are_embedded() -> None:
    page: Any = PdfReader(io.BytesIO(render_document("decision", DATA))).pages[0]
    fonts = page["/Resources"]["/Font"]
    assert fonts
    for font in fonts.values():
        descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile3" in descriptor


@pytest.mark.parametrize("kind", list(TEMPLATES))
def test_the_same_data_give_the_same_bytes(kind: str) -> None:
    assert render_document(kind, DATA, locale="en") == render_document(kind, DATA, locale="en")


def test_the_same_data_give_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]);"
        "from tests.unit.test_documents import DATA, render_document;"
        "print(hashlib.sha256(render_document('certificate', DATA)).hexdigest())"
    )
    runs = [subprocess.run([sys.executable, "-c", script, ROOT], capture_output=True, text=True) for _ in range(2)]
    assert runs[0].stdout
    assert runs[0].stdout == runs[1].stdout


def test_another_address_to_verify_gives_another_code() -> None:
    other = replace(DATA, verify_url="https://mingjing.example/verify/AAAAAAAA")
    assert render_document("certificate", DATA) != render_document("certificate", other)
    assert "扫码核验真伪" not in text(render_document("certificate", replace(DATA, verify_url="")))


def test_a_courtesy_translation_bears_no_seal_and_says_so() -> None:
    found = text(render_document("refusal", replace(DATA, title_en="Refusal of a licence"), locale="en"))
    assert "Refusalofalicence" in found
    assert "within sixty days of receiving".replace(" ", "") in found
    assert "Specimen" not in found
    assert "Courtesytranslationwithoutseal" in found
    assert rendered("refusal", DATA, locale="en").seal is None
    assert rendered("refusal", DATA).seal is not None


def test_both_languages_have_the_same_words() -> None:
    chinese, english = (
        tomllib.loads((ROOT / f"service/certificates/words/{locale}.toml").read_text(encoding="utf-8"))
        for locale in ("zh-CN", "en")
    )
    assert set(chinese) == set(english)
    for section in (name for name in chinese if isinstance(chinese[name], dict)):
        assert set(chinese[section]) == {key for key in english[section] if not key.startswith("title")}, section
    assert set(TEMPLATES) <= set(chinese)


def test_a_wording_that_lacks_a_fact_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected the document acceptance_notice to state received_on"):
        render_document("acceptance_notice", replace(DATA, received_on=None))


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected one of the locales"):
        render_document("decision", DATA, locale="../en")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"holder": "长" * 401}, "at most 400 characters"),
        ({"paragraphs": ("长" * 4001,)}, "at most 4000 characters"),
        ({"materials": (("甲", "乙", "丙"),) * 201}, "at most 200 rows"),
        ({"fields": (("甲", "长" * 4001),)}, "at most 4000 characters"),
        ({"verify_url": "javascript:alert(1)"}, "address of a web page"),
    ],
)
def test_texts_beyond_the_bounds_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(DATA, **changes)


@pytest.mark.parametrize("code", ["3299012611230000057", "329901261123000005789", "3299012611230000057X", "３" * 20])
def test_a_payment_code_without_twenty_digits_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="payment code of 20 digits"):
        PaymentDue(code, 8000)


@pytest.mark.parametrize(
    ("amount_fen", "words"),
    [
        # Examples of the annex to 支付结算办法.
        (140950, "壹仟肆佰零玖元伍角整"),
        (600714, "陆仟零柒元壹角肆分"),
        (168032, "壹仟陆佰捌拾元叁角贰分"),
        (10700053, "壹拾万柒仟元伍角叁分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (32504, "叁佰贰拾伍元零肆分"),
        # Beyond them: bounds and zeros that run over a section.
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (100, "壹元整"),
        (1001, "壹拾元零壹分"),
        (1000500, "壹万零伍元整"),
        (10000000000, "壹亿元整"),
        (10000500000, "壹亿零伍仟元整"),
        (10010000000, "壹亿零壹拾万元整"),
        (100000000000, "壹拾亿元整"),
        (99999999999999, "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_amounts_in_capitals_follow_the_rules_for_bills(amount_fen: int, words: str) -> None:
    assert amount_in_words(amount_fen) == words


@pytest.mark.parametrize("amount_fen", [-1, 10**14])
def test_amounts_that_cannot_be_written_are_refused(amount_fen: int) -> None:
    with pytest.raises(ValueError, match="Expected an amount"):
        amount_in_words(amount_fen)


@pytest.mark.parametrize(
    ("noted", "said"),
    [
        ("食品安全法 第三十五条", "《食品安全法》第三十五条"),
        ("食品经营许可和备案管理办法(市场监管总局令第78号)", "《食品经营许可和备案管理办法》（市场监管总局令第78号）"),
        ("医疗机构管理条例 第十五至十九条(2016文本;2022修订后条序变动,待核)", "《医疗机构管理条例》第十五至十九条"),
        ("发改价格规〔2016〕2559号(收费标准,待核)", "发改价格规〔2016〕2559号"),
        ("《中华人民共和国行政许可法》第四十五条", "《中华人民共和国行政许可法》第四十五条"),
        ("法院已受理本案", "法院已受理本案"),
        ("行政许可法 Art. 45", "行政许可法 Art. 45"),
    ],
)
def test_law_is_cited_as_documents_cite_it(noted: str, said: str) -> None:
    assert cited(noted) == said
