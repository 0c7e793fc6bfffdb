"""The pages of fee standards: the form says what the version says, and two people make a new one."""

from __future__ import annotations

from html import unescape
from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from service.fees.standard_reading import read_standard
from service.reads.answer_words import AnswerWords
from service.web.pages.fee_forms import content_from, fields_of
from tests.service_fixtures import Office
from tests.unit.test_fee_standards import BANDS, DAY, content, table
from tests.web.visiting import Page, visit

PATH = "/fee-standards/LJ-ZR-QR-001"


def form_of(html: str) -> dict[str, str]:
    """What a browser would send of the form that proposes, untouched."""
    part = html.partition(f'action="{PATH}"')[2]
    found = {}
    for tag in ("input", "textarea", "select"):
        for given in Page(part).all(tag):
            if given.get("name") and given.get("type") != "checkbox":
                found[given["name"]] = given.get("value", "")
    for name in found:
        area = part.partition(f'name="{name}"')[2]
        if f'<textarea class="input" id="{name}"' in part:
            found[name] = unescape(area.partition(">")[2].partition("</textarea>")[0])
        elif f'<select class="input" id="{name}"' in part:
            chosen = area.partition("</select>")[0].partition(" selected")[0]
            found[name] = chosen.rpartition('value="')[2].partition('"')[0] if " selected" in area else ""
    return {name: value for name, value in found.items() if name != "csrf_token"}


@pytest.mark.parametrize(
    "one",
    [
        content({"kind": "fixed", "amount_fen": 8050}, cap_fen=10_000, minimum_fen=None, reductions=[]),
        content(
            {"kind": "quantity", "measure": "m2", "each_fen": 5, "included": 2, "whole_units": True},
            {
                "kind": "tier",
                "measure": "m2",
                "tiers": [*(one | {"amount_fen": None} for one in BANDS)],
                "progressive": True,
            },
            table("C+", ["use", "m2"], ('"a","b"', "[0..5)", "100 * m2"), ("-", "-", "5")),
            minimum_fen=1,
            cap_fen=None,
            reductions=[{"when": "small == 'yes'", "percent": 50, "legal_source": "财税〔2019〕45号"}],
        ),
    ],
)
def test_the_form_gives_back_the_version_that_it_shows(one: dict[str, Any]) -> None:
    again = content_from(fields_of(one))
    assert read_standard("LJ-X", 1, DAY, again) == read_standard("LJ-X", 1, DAY, one)


def test_a_cashier_previews_and_proposes_and_finance_approves(office: Office) -> None:
    number = office.start("LJ-ZR-QR-001")["number"]
    cashier = visit(office, "zr_cashier")
    form = form_of(cashier.page(PATH)) | {"effective_on": "2026-12-01", "legal_source": "发改价格规〔2026〕1号"}
    assert '"dwelling" | 8000' in form["c0-rules"]
    form["c0-rules"] = form["c0-rules"].replace("8000", "9000")
    seen = cashier.send(PATH, preview="1", **form)
    assert seen.status_code == 200 and "测算结果" in seen.text and number in seen.text and "¥90.00" in seen.text
    assert "9000" in seen.text and "待审批" not in seen.text
    told_page = cashier.sent(PATH, **(form | {"reason": "省里调整标准"}))
    assert "待审批的新版本" in told_page and "撤回提议" in told_page and ">批准<" not in told_page
    finance = visit(office, "cz_section")
    page = finance.page(PATH)
    action = page.partition('/approve"')[0].rpartition('action="')[2] + "/approve"
    assert "动态口令" in finance.send(action).text
    assert "第 2 版" in finance.sure().sent(action)


def test_a_wrong_amount_is_named_and_what_was_typed_stays(office: Office) -> None:
    cashier = visit(office, "zr_cashier")
    form = form_of(cashier.page(PATH)) | {"effective_on": "2026-12-01", "cap": "八十", "reason": "某理由"}
    answer = cashier.send(PATH, **form)
    assert answer.status_code == 422 and 'href="#cap"' in answer.text
    assert 'value="八十"' in answer.text and "某理由" in answer.text
    answer = cashier.send(PATH, **(form | {"cap": "", "effective_on": "2020-01-01"}))
    assert answer.status_code == 422 and "不得追溯" in answer.text


def test_who_only_reads_is_offered_nothing(office: Office) -> None:
    page = visit(office, "auditor").page(PATH)
    assert "第 1 版" in page and "提出新版本" not in page
    assert visit(office, "sup2").send(PATH, effective_on="2026-12-01").status_code == 403


def test_the_page_says_conditions_by_the_words_of_the_form(office: Office) -> None:
    page = visit(office, "zr_cashier").page(PATH)
    versions = page.partition('id="versions-title"')[2].partition('id="propose-title"')[0]
    assert "为“住宅”" in versions and "每单位 增发证书本数" in versions
    assert "dwelling" not in versions and "extra_copies" not in versions
    english = visit(office, "zr_cashier", "en").page(PATH)
    assert "Extra certificates" in english.partition('id="versions-title"')[2] and " is “" in english


@pytest.mark.parametrize(
    ("source", "zh", "en"),
    [
        ("use == 'a'", "用途为“住宅”", "use is “dwelling”"),
        ("(use in ('a', 'b')) and (5 < m2 <= 9)", "(用途属于 (“住宅”, “b”)) 且 (5 < 面积 ≤ 9)", ""),
        ("use != None and not (use == 'a')", "用途不为未填且不满足 (用途为“住宅”)", ""),
        ("100 * m2", "100 × 面积", "100 × area"),
        ("True", "", ""),
    ],
)
def test_a_condition_is_said_in_words(source: str, zh: str, en: str) -> None:
    words = AnswerWords({"use": ("用途", "use"), "m2": ("面积", "area")}, {"use": {"a": ("住宅", "dwelling")}})
    assert words.said(source)[0] == zh
    assert not en or words.said(source)[1] == en


def dmn_of(page: str) -> str:
    return page.partition('.dmn"')[0].rpartition('href="')[2] + ".dmn"


def test_tables_go_out_as_dmn_and_come_back_into_the_form(office: Office) -> None:
    cashier = visit(office, "zr_cashier")
    page = cashier.page(PATH)
    path = dmn_of(page)
    xml = cashier.client.get(path)
    assert xml.status_code == 200 and xml.content_type == "application/xml" and b"decisionTable" in xml.data
    changed = xml.data.replace(b">8000<", b">9000<")
    seen = cashier.send(f"{PATH}/tables", file=FileStorage(BytesIO(changed), "x.dmn"))
    assert seen.status_code == 200, seen.text
    form = form_of(seen.text)
    assert '"dwelling" | 9000' in form["c0-rules"] and form["c1-measure"] == "extra_copies", "other charges stay"
    bad = cashier.send(f"{PATH}/tables", file=FileStorage(BytesIO(changed.replace(b"UNIQUE", b"PRIORITY")), "x.dmn"))
    assert bad.status_code == 422 and "PRIORITY" in bad.text and "行：" in bad.text
    assert visit(office, "zr_head").client.post(f"{PATH}/tables").status_code in (400, 403)


def test_the_interface_hands_tables_out_and_reads_them(office: Office) -> None:
    cashier = office.sign_in("zr_cashier")
    versions = cashier.get(PATH).get_json()["items"]
    number = versions[0]["version"]
    answer = cashier.get(f"{PATH}/versions/{number}.dmn")
    assert answer.status_code == 200 and answer.content_type == "application/xml"
    assert cashier.get(f"{PATH}/versions/99.dmn").status_code == 404
    read = cashier.call("POST", f"{PATH}/tables", data={"file": (BytesIO(answer.data), "x.dmn")})
    tables = [one for one in versions[0]["standard"]["charges"] if one["kind"] == "table"]
    assert read.status_code == 200 and read.get_json()["charges"] == tables
    wrong = cashier.call("POST", f"{PATH}/tables", data={"file": (BytesIO(b"<x/>"), "x.dmn")})
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "/file")
    assert office.sign_in("zr_head").call("POST", f"{PATH}/tables").status_code == 403
