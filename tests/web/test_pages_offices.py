"""Pages of administrators, leaders, supervisors and designers: what they change, what is refused and why."""

from __future__ import annotations

import pyotp
from sqlalchemy import select

from service.database.session import reading, transaction
from service.database.tables import calendar_day, case, notice, person, post_holding
from service.demo.county import demo_people
from tests.service_fixtures import Office
from tests.web.visiting import Page, told, visit


def code_of(username: str) -> str:
    return pyotp.TOTP(next(one.totp_secret for one in demo_people() if one.username == username)).now()


def id_of(office: Office, username: str) -> int:
    with reading(office.engine) as connection:
        return int(connection.execute(select(person.c.id).where(person.c.username == username)).scalar_one())


def posts_of(office: Office, person_id: int) -> set[str]:
    with reading(office.engine) as connection:
        held = select(post_holding.c.post).where(
            post_holding.c.person_id == person_id, post_holding.c.ended_at.is_(None)
        )
        return set(connection.execute(held).scalars())


def test_a_grant_that_would_put_power_in_one_hand_is_refused_with_its_reason(office: Office) -> None:
    admin, clerk = visit(office, "secadmin"), id_of(office, "yj_clerk")
    form = {"post": "section", "department": "YJ", "reason": "人手不够", "totp": code_of("secadmin")}
    answer = admin.send(f"/people/{clerk}/posts", **form)
    assert answer.status_code == 409
    words = told(answer.text)
    assert "岗位“审核/科室负责人”与已有岗位“窗口受理人员”不相容，一人不得兼任" in words
    assert "人手不够" in answer.text
    chosen = [given for given in Page(answer.text).all("option") if "selected" in given]
    assert {"section", "YJ"} <= {given["value"] for given in chosen}
    assert posts_of(office, clerk) == {"clerk"}


def test_a_post_is_granted_and_taken_away_with_a_code_and_a_reason(office: Office) -> None:
    admin, printer = visit(office, "secadmin"), id_of(office, "yj_printer")
    form = {"post": "clerk", "department": "YJ", "reason": "临时顶岗"}
    assert "动态口令不正确" in told(admin.send(f"/people/{printer}/posts", **form, totp="000000").text)
    assert "请写明理由" in told(admin.send(f"/people/{printer}/posts", **{**form, "reason": " "}).text)
    page = admin.sent(f"/people/{printer}/posts", **form, totp=code_of("secadmin"))
    assert "已提出，须另一名管理员批准后生效" in told(page) and posts_of(office, printer) == {"printer"}
    assert 'name="totp"' not in page
    system = visit(office, "sysadmin").sure()
    waits = system.page(f"/people/{printer}")
    (approve,) = [f["action"] for f in Page(waits).all("form") if f.get("action", "").endswith("/approve")]
    done = told(system.sent(approve, next=f"/people/{printer}"))
    assert "已批准，变更已生效" in done and "临时顶岗" in done
    assert posts_of(office, printer) == {"printer", "clerk"}
    page = admin.page(f"/people/{printer}")
    revoke = [given["action"] for given in Page(page).all("form") if given.get("action", "").endswith("/revoke")]
    assert "已收回岗位" in told(admin.sent(revoke[1], reason="轮岗"))
    assert posts_of(office, printer) == {"printer"}


def test_only_the_security_administrator_grants(office: Office) -> None:
    clerk = id_of(office, "yj_clerk")
    page = visit(office, "auditor").page(f"/people/{clerk}")
    assert "授予岗位" not in told(page)
    form = {"post": "printer", "department": "YJ", "reason": "不该行"}
    assert visit(office, "auditor").send(f"/people/{clerk}/posts", **form).status_code == 403
    admin = visit(office, "secadmin")
    assert "授予岗位" not in told(admin.page(f"/people/{id_of(office, 'secadmin')}"))


def test_people_are_found_by_name_and_department(office: Office) -> None:
    admin = visit(office, "secadmin")
    assert "王晓燕" in told(admin.page("/people?q=yj_clerk"))
    assert "王晓燕" not in told(admin.page("/people?department=SG"))
    assert "没有符合条件的人员" in told(admin.page("/people?q=nobody-of-that-name"))


def test_a_leader_lends_a_post_and_takes_it_back(office: Office) -> None:
    leader, other = visit(office, "yj_head"), id_of(office, "yj_vice")
    form = {"post": "head/YJ", "delegate": str(other), "starts_on": "2026-11-23", "ends_on": "2026-11-30"}
    assert "请写明理由" in told(leader.send("/delegations", **form).text)
    wrong = leader.send("/delegations", **{**form, "ends_on": "tomorrow"}, reason="外出学习")
    assert wrong.status_code == 422 and "请填日期" in told(wrong.text) and "外出学习" in wrong.text
    page = leader.sent("/delegations", **form, reason="外出学习")
    assert "已委托" in told(page)
    assert "主要负责人" in told(visit(office, "yj_vice").page("/delegations"))
    revoke = next(given["action"] for given in Page(page).all("form") if given.get("action", "").endswith("/revoke"))
    assert "已收回委托" in told(leader.sent(revoke))
    assert visit(office, "yj_vice").send(revoke).status_code == 404


def test_who_has_nothing_to_lend_sees_no_form(office: Office) -> None:
    page = visit(office, "yj_clerk").page("/delegations")
    assert not [given for given in Page(page).all("form") if given.get("action") == "/delegations"]
    form = {"post": "clerk/YJ", "delegate": "2", "starts_on": "2026-11-23", "ends_on": "2026-11-30", "reason": "x"}
    assert visit(office, "yj_clerk").send("/delegations", **form).status_code == 403


def test_the_calendar_shows_a_month_and_lets_one_person_change_it(office: Office) -> None:
    admin = visit(office, "sysadmin")
    page = admin.page("/calendar?month=2026-10")
    assert "本月 18 个工作日" in told(page) and "国庆节" in told(page)
    assert "尚未公布" in told(admin.page("/calendar?month=2027-05"))
    assert "2026-11" in told(admin.page("/calendar?month=nonsense"))
    refused = admin.send("/calendar", day="2026-13-40", kind="rest", name="停电", reason="检修")
    assert refused.status_code == 422 and "请填日期" in told(refused.text) and "停电" in refused.text
    silent = admin.send("/calendar", day="2026-12-02", kind="rest", name="停电放假", reason=" ")
    assert silent.status_code == 422 and "请写明理由" in told(silent.text)
    after = admin.sent("/calendar", day="2026-12-02", kind="rest", name="停电放假", reason="线路检修")
    assert "日历已修改" in told(after) and "停电放假" in told(after)
    with reading(office.engine) as connection:
        kinds = select(calendar_day.c.kind).where(calendar_day.c.name == "停电放假")
        assert connection.execute(kinds).scalar_one() == "rest"
    assert "线路检修" in told(visit(office, "yj_clerk").page("/calendar/changes"))
    form = {"day": "2026-12-03", "kind": "rest", "name": "不该行", "reason": "试"}
    assert visit(office, "yj_clerk").send("/calendar", **form).status_code == 403


def test_thresholds_are_changed_with_a_reason_and_in_order(office: Office) -> None:
    supervisor = visit(office, "sup2")
    path = "/thresholds/LJ-YJ-XK-001"
    wrong = supervisor.send(path, blue="90", yellow="80", reason="试试")
    assert wrong.status_code == 422 and "蓝色须小于黄色" in told(wrong.text) and "试试" in wrong.text
    assert "百分比须为" in told(supervisor.send(path, blue="x", yellow="80", reason="试试").text)
    page = told(supervisor.sent(path, blue="40", yellow="70", reason="危化品提前预警"))
    assert "阈值已修改" in page and "40 70" in page and "危化品提前预警" in page
    assert visit(office, "yj_sup1").send(path, blue="1", yellow="2", reason="x").status_code == 403


def test_notices_are_counted_until_they_are_opened(office: Office) -> None:
    office.start()
    reader = id_of(office, "yj_section")
    with transaction(office.engine) as connection:
        case_id = connection.execute(select(case.c.id)).scalars().first()
        for text in ("黄色预警一", "黄色预警二"):
            connection.execute(
                notice.insert().values(
                    case_id=case_id,
                    recipient=reader,
                    recipient_name="科长",
                    address="",
                    channel="in_app",
                    kind="alarm_yellow",
                    text=text,
                    status="delivered",
                    created_at=office.now,
                    sent_at=office.now,
                )
            )
    head = visit(office, "yj_section")
    page = head.page("/notices")
    assert "未读 2 条，共 2 条" in told(page) and "通知，2 条未读" in page
    opening = [given["action"] for given in Page(page).all("form") if given.get("action", "").endswith("/open")]
    assert "YJ-XK-2026-000001" in head.sent(opening[0])
    assert "未读 1 条，共 2 条" in told(head.page("/notices"))
    assert visit(office, "yj_clerk").send(opening[1]).status_code == 404
    assert "已全部标为已读，1 条" in told(head.sent("/notices/open-all"))


def halted(office: Office) -> str:
    number = str(office.start()["number"])
    office.walk(number, "site_survey")
    office.upload_all(number, "section_review", "yj_officer")
    office.wait(seconds=58)
    office.complete(number, "site_survey", "yj_officer")
    office.stepping.look()
    return number


def test_alarms_are_filtered_and_shown_with_their_evidence(office: Office) -> None:
    number = halted(office)
    supervisor = visit(office, "yj_sup1")
    page = supervisor.page("/alarms?colour=red&kind=too_early")
    assert number in page and "实际用时 58 秒 规定最短 30 分" in told(page)
    assert "没有符合条件的报警" in told(supervisor.page("/alarms?kind=fee"))
    link = next(given["href"] for given in Page(page).all("a", class_="item nowrap"))
    one = supervisor.page(link)
    assert "too_early.minimum_duration" in one and "涉及人员" in one and number in one
    assert "今日无报警" in told(visit(office, "sg_sup1").page("/alarms"))


def test_an_order_shows_its_ladder_its_messages_and_its_task(office: Office) -> None:
    number = halted(office)
    with reading(office.engine) as connection:
        order = connection.execute(select(case.c.number).where(case.c.kind == "order")).scalar_one()
    supervisor = visit(office, "yj_sup1")
    assert order in supervisor.page("/orders?rung=2") and order not in supervisor.page("/orders?rung=3")
    page = supervisor.page(f"/orders/{order}")
    words = told(page)
    assert "一级监察员" in words and "短信 · " in words and "签收督办单" in words and number in words
    task = next(given["action"] for given in Page(page).all("form") if given.get("action", "").endswith("/claim"))
    after = supervisor.sent(task, next=f"/orders/{order}")
    assert f'data-next="/orders/{order}"' in after and "/complete" in after
    office.wait(hours=6)
    assert order in visit(office, "sup2").page("/orders?rung=3")
    assert "二级监察员督促" in told(visit(office, "sup2").page(f"/orders/{order}"))
    idle = supervisor.page("/alarms?kind=supervision")
    link = next(given["href"] for given in Page(idle).all("a", class_="item nowrap"))
    assert f'href="/orders/{order}"' in supervisor.page(link)


def test_a_designer_sees_versions_running_cases_and_the_lists_of_the_panel(office: Office) -> None:
    office.start()
    designer = visit(office, "designer")
    row = told(designer.page("/processes"))
    assert "危险化学品生产企业安全生产许可证核发" in row and "supervision_order" in row
    page = designer.page("/processes/hazardous_chemicals_licence")
    assert "在用第 1 版，在办 1 件" in told(page) and "没有问题。" in told(page)
    assert 'href="/api/v1/process-definitions/hazardous_chemicals_licence/versions/1.bpmn"' in page
    modeler = designer.page("/processes/hazardous_chemicals_licence/edit")
    assert (
        'data-version="1"' in modeler
        and '"value": "survey_opinion"' in modeler
        and '"value": "deem_acceptance"' in modeler
    )
    assert designer.get("/processes/no_such_process").status_code == 404
    assert designer.get("/processes/no_such_process/edit").status_code == 404
    assert designer.get("/processes/hazardous_chemicals_licence/versions/9").status_code == 404
    assert "设计新版本" not in visit(office, "yj_clerk").page("/processes/hazardous_chemicals_licence")


def test_the_english_drawing_is_for_looking_at_and_the_download_is_as_deployed(office: Office) -> None:
    designer = visit(office, "designer", "en")
    path = "/processes/hazardous_chemicals_licence/versions/1/drawing.bpmn"
    assert 'name="Site survey"' in designer.get(path).text
    stored = designer.get("/api/v1/process-definitions/hazardous_chemicals_licence/versions/1.bpmn").text
    assert 'name="现场踏勘"' in stored
