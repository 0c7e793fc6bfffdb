"""A printer's round: the papers of several cases as one job, the unpaid one left out, each copy told in its case."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import YJ, ZR
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser


def test_papers_of_several_cases_are_printed_as_one_job(town: Town, errands: Errands, seat: TakeSeat) -> None:
    numbers = [errands.bring(YJ, "print_certificate") for _ in range(2)]
    printer = seat("yj_printer")
    page = printer.page
    printer.open("/printing")
    for number in numbers:
        rows = page.get_by_role("row").filter(has_text=number)
        expect(rows).to_have_count(2)
        for row in rows.all():
            row.get_by_role("checkbox").check()
    expect(page.locator("[data-picked]")).to_contain_text("4")
    printer.look("picked-to-print")
    with printer.refused(403):
        printer.press("一并打印")
    page.get_by_label("动态口令").fill(town.codes.next("yj_printer"))
    printer.look("asked-for-the-person")
    printer.goes_on(lambda: page.keyboard.press("Enter"))
    main = page.locator("main")
    expect(main).to_contain_text("已打印 4 份")
    printer.look("printed-as-one")
    bound = page.context.request.get(page.url + "/pages")
    pages = [one.extract_text() for one in PdfReader(io.BytesIO(bound.body())).pages]
    assert len(pages) >= 4 and "安全生产许可证" in "".join("".join(pages).split())
    printer.open("/printing")
    expect(main).not_to_contain_text(numbers[0])
    printer.open_case(numbers[0])
    expect(printer.tab("历史")).to_contain_text("打印")


def test_an_unpaid_certificate_cannot_be_ticked(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(ZR, "decide")
    case = errands.case(number)
    errands.do(case, case["user_tasks"][0])
    printer = seat("zr_printer", width=390)
    printer.open("/printing")
    page = printer.page
    held = page.get_by_role("row").filter(has_text=number).filter(has_text="费用未缴清")
    expect(held).to_have_count(1)
    expect(held.get_by_role("checkbox")).to_be_disabled()
    printer.look("unpaid-not-printed")
