"""核验网上收费: finance looks at a file and takes it in, the county sees what the system lacks, decides, and orders."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from service.demo.county import demo_people
from tests.browser.stories.conftest import TakeSeat
from tests.browser.stories.errands import Errands
from tests.browser.stories.people import ZR
from tests.browser.stories.town import Town

pytestmark = pytest.mark.browser
HEAD = "票据号码,缴款码,执收单位编码,项目编码,缴款人,金额,缴款日期,入库日期,代收银行,收入种类,备注\n"
MOBILES = {one.username: f"139{number:08d}" for number, one in enumerate(demo_people(), start=1)}


def test_from_a_file_to_an_order_in_one_step(town: Town, errands: Errands, seat: TakeSeat) -> None:
    number = errands.bring(ZR, "decide")
    errands.do(errands.case(number), errands.case(number)["user_tasks"][0])
    notice = errands.ask("zr_clerk", "GET", f"/cases/{number}/fees")["notices"][0]
    rows = [
        f"0026-1,{notice['pay_code']},ZR,{notice['item_code']},{notice['payer']},{notice['amount_fen'] / 100:.2f}",
        "0026-2,,CG,103050101,临江县口岸餐饮有限公司,20000.00",
        "0026-3,,CG,103050102,王建国,4000.00",
        "0026-4,,CG,103050103,张海,x",
    ]
    content = HEAD + "".join(f"{row},2026-11-20,2026-11-20,临江农商行,罚没收入,\n" for row in rows)
    finance = seat("cz_cashier")
    finance.open("/treasury")
    file = {"name": "国库入库.csv", "mimeType": "text/csv", "buffer": content.encode("gb18030")}
    finance.page.locator("#file").set_input_files([file])
    finance.press("预览")
    expect(finance.page.get_by_role("region", name="无法读取的行")).to_contain_text("金额")
    expect(finance.page.locator("main")).to_contain_text("尚未导入")
    finance.look("receipts-previewed")
    finance.press("确认导入")
    expect(finance.page.locator("main")).to_contain_text("已核对 4 / 4 行")
    finance.look("receipts-imported")

    level2 = seat("sup2")
    level2.open("/reconciliation")
    expect(level2.page.get_by_role("row").filter(has_text="县城市管理局")).to_contain_text("24,000.00")
    level2.goes_on(level2.page.get_by_role("link", name="县城市管理局").click)
    level2.look("reconciliation-desk")
    level2.goes_on(level2.page.get_by_role("link", name="0026-3").click)
    level2.page.locator("#decision").select_option("explained")
    level2.page.locator("#reason").fill("系上级直收，款项同城划转。")
    with level2.refused(422):
        level2.press("登记处理")
    expect(level2.page.get_by_role("alert")).to_contain_text("请写明依据")
    level2.page.locator("#evidence").fill("临财综〔2026〕3号")
    level2.press("登记处理")
    expect(level2.page.get_by_role("region", name="处理记录")).to_contain_text("临财综〔2026〕3号")
    level2.look("difference-decided")

    level2.open("/reconciliation?open=CG")
    level2.press("就 1 笔向县城市管理局签发督办单")
    expect(level2.page.locator("body")).to_contain_text("已就 1 笔差异签发督办单")
    level2.goes_on(level2.page.get_by_role("link", name="DB-CG-2026-000001").click)
    expect(level2.page.locator("main")).to_contain_text("国库与系统比对有 1 笔差异")
    level2.look("order-about-differences")
    level2.open("/alarms?department=CG")
    level2.goes_on(level2.page.get_by_role("link", name="涉及多件").click)
    expect(level2.page.locator("main")).to_contain_text("0026-2")
    town.wait(seconds=1)
    assert "督办单 DB-CG-2026-000001" in town.messages(MOBILES["cg_sup1"])[0]

    phone = seat("cg_head", width=390, height=844)
    phone.open("/reconciliation/differences?status=ordered")
    expect(phone.page.get_by_role("row").filter(has_text="0026-2")).to_contain_text("已督办")
    phone.look("differences-of-a-department")
