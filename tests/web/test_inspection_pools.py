"""双随机名录库 on the pages and over the interface: one adds, two take out, and the draw goes by it."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from service.commands.inspecting import officers_of
from service.database.session import reading
from service.database.tables import inspection_object, office_change, person
from tests.service_fixtures import Office
from tests.web.visiting import told, visit

CODE = "91329901MA2ABCD99G"
NEW: dict[str, Any] = {"department": "SG", "credit_code": CODE, "name": "临江县恒远商贸有限公司"}
NEW |= {"address": "港城路 1 号", "matters": ["price"], "reason": "新设企业"}


def objects(office: Office, who: str = "sg_section", **query: str) -> list[dict[str, Any]]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found: list[dict[str, Any]] = office.sign_in(who).get(f"/inspection-pools/objects?{asked}").get_json()["items"]
    return found


def decided(office: Office, proposal: dict[str, Any], who: str = "sg_vice", word: str = "approve") -> Any:
    return office.sign_in(who).sure().post(f"/proposals/{proposal['id']}/{word}", {"ground": "属实"})


def send_file(office: Office, text: str, who: str = "sg_section") -> Any:
    form = {"department": "SG", "reason": "年度名录", "file": FileStorage(io.BytesIO(text.encode()), "名录.csv")}
    stream, _, boundary = stream_encode_multipart(form, use_tempfile=False)
    kind = f'multipart/form-data; boundary="{boundary}"'
    path = "/inspection-pools/objects/imports"
    return office.sign_in(who).post(path, data=stream.read(), content_type=kind)


def test_a_head_of_section_adds_an_object_and_a_leader_agrees_to_take_it_out(office: Office) -> None:
    section = office.sign_in("sg_section")
    made = section.post("/inspection-pools/objects", NEW)
    assert made.status_code == 201, made.text
    one = made.get_json()
    assert (one["active"], one["matters"]) == (True, ["price"])
    again = section.post("/inspection-pools/objects", NEW | {"matters": ["food"], "address": "港城路 2 号"}).get_json()
    assert (again["id"], again["matters"], again["address"]) == (one["id"], ["food", "price"], "港城路 2 号")
    path = f"/inspection-pools/objects/{one['id']}/proposals"
    offered = section.post(path, {"in_pool": False, "reason": "已注销"})
    assert offered.status_code == 201, offered.text
    assert objects(office, q=CODE)[0]["active"]
    assert decided(office, offered.get_json(), "sg_section").status_code == 403
    assert decided(office, offered.get_json(), "yj_vice").status_code == 404
    assert decided(office, offered.get_json()).status_code == 200
    assert objects(office, q=CODE, state="retired")[0]["id"] == one["id"]
    assert section.post("/inspection-pools/objects", NEW).get_json()["code"] == "move_refused"
    with reading(office.engine) as connection:
        kinds = connection.execute(
            select(office_change.c.kind, office_change.c.proposer)
            .where(office_change.c.subject == f"inspection_object/SG/{CODE}")
            .order_by(office_change.c.id)
        ).all()
    assert [kind for kind, _ in kinds] == [
        "inspection_object_added",
        "inspection_object_corrected",
        "inspection_pool_changed",
    ]
    assert kinds[-1].proposer is not None


def test_who_may_keep_the_pools_and_who_may_read_them(office: Office) -> None:
    for who in ("sg_officer", "sg_vice", "auditor"):
        assert office.sign_in(who).post("/inspection-pools/objects", NEW).get_json()["code"] == "not_permitted", who
    assert office.sign_in("yj_section").post("/inspection-pools/objects", NEW).status_code == 404
    assert office.sign_in("designer").get("/inspection-pools/objects").status_code == 403
    assert office.sign_in("yj_officer").get("/inspection-pools/objects?department=SG").status_code == 404
    assert objects(office, "auditor", department="SG")
    one = objects(office)[0]["id"]
    change = {"in_pool": False, "reason": "关系户"}
    assert office.sign_in("sg_officer").post(f"/inspection-pools/objects/{one}/proposals", change).status_code == 403
    assert office.sign_in("yj_section").post(f"/inspection-pools/objects/{one}/proposals", change).status_code == 404


def test_bad_objects_are_refused_by_name(office: Office) -> None:
    section = office.sign_in("sg_section")
    for field, value in (("credit_code", "91329901MA1K2T3X61"), ("matters", []), ("matters", ["war"]), ("reason", " ")):
        answer = section.post("/inspection-pools/objects", NEW | {field: value})
        assert answer.status_code == 422, (field, answer.text)
    one = objects(office)[0]
    path = f"/inspection-pools/objects/{one['id']}/proposals"
    for body in ({"matters": ["war"]}, {"matters": []}, {}, {"in_pool": True}, {"in_pool": "no"}):
        assert section.post(path, {"reason": "理由", **body}).status_code == 422, body


def test_a_file_comes_in_whole_or_not_at_all_and_takes_nobody_out(office: Office) -> None:
    before = {one["credit_code"]: one for one in objects(office)}
    known = next(iter(before))
    head = "统一社会信用代码,名称,地址,抽查事项\n"
    wrong = send_file(
        office, f"{head}{CODE},恒晟化工,港城路 1 号,价格\n913299010000000000,甲,乙,价格\n{CODE},甲,乙,战争\n"
    )
    assert wrong.status_code == 422
    assert [line["message"][:4] for line in wrong.get_json()["errors"]] == ["第 3 ", "第 4 "]
    assert len(objects(office)) == len(before)
    done = send_file(
        office, f"{head}{CODE},恒晟化工,港城路 1 号,价格；广告\n{known},{before[known]['name']},新址 9 号,价格\n"
    )
    assert done.get_json() == {"added": 1, "changed": 1, "unchanged": 0, "retired": 0}, done.text
    after = {one["credit_code"]: one for one in objects(office)}
    assert after[CODE]["matters"] == ["ad", "price"]
    assert after[known]["address"] == "新址 9 号" and after[known]["matters"] == sorted(before[known]["matters"])
    assert send_file(office, f"{head}{CODE},恒晟化工,港城路 1 号,价格\n").get_json()["unchanged"] == 1
    assert send_file(office, head, "sg_officer").status_code == 403
    for nonsense in ("", "a,b\n1,2\n", head):
        assert send_file(office, nonsense).status_code == 422


def test_an_officer_out_of_the_draw_is_not_drawn_until_he_is_put_back(office: Office) -> None:
    section = office.sign_in("sg_section")
    officers = section.get("/inspection-pools/officers?department=SG").get_json()["items"]
    one = officers[0]
    path = f"/inspection-pools/officers/{one['person_id']}/proposals"

    def numbers() -> list[str]:
        with reading(office.engine) as connection:
            return officers_of(connection, "SG")

    assert one["officer_number"] in numbers()
    body = {"department": "SG", "in_pool": False, "reason": "执法证到期"}
    offered = section.post(path, body)
    assert offered.status_code == 201, offered.text
    assert decided(office, offered.get_json()).status_code == 200
    assert one["officer_number"] not in numbers()
    shown = section.get("/inspection-pools/officers").get_json()["items"][0]
    assert (shown["drawn"], shown["why_not"], shown["reason"]) == (False, "excluded", "执法证到期")
    assert section.post(path, body).status_code == 422  # is out already
    back = section.post(path, body | {"in_pool": True, "reason": "已换证"}).get_json()
    assert decided(office, back).status_code == 200
    assert one["officer_number"] in numbers()


def test_an_officer_declares_an_interest_and_a_leader_agrees_to_its_end(office: Office) -> None:
    code = objects(office)[0]["credit_code"]
    officer = office.sign_in("sg_officer")
    made = officer.post("/officer-interests", {"credit_code": code, "reason": "配偶任职"})
    assert made.status_code == 201, made.text
    assert officer.post("/officer-interests", {"credit_code": code, "reason": "重复"}).status_code == 409
    mine = officer.get("/officer-interests").get_json()
    assert [one["reason"] for one in mine["items"]] == ["配偶任职"]
    others = {one["officer"] for one in office.sign_in("sg_officer2").get("/officer-interests").get_json()["items"]}
    assert others == set()
    keeper = office.sign_in("sg_section").get("/officer-interests").get_json()["items"][0]
    assert keeper["credit_code"] == code and keeper["reason"] is None
    assert office.sign_in("sg_vice").get("/officer-interests").get_json()["items"][0]["reason"] == "配偶任职"
    path = f"/officer-interests/{made.get_json()['id']}/proposals"
    end = {"interest": False, "reason": "配偶已离职"}
    assert office.sign_in("sg_officer2").post(path, end).status_code == 404
    offered = officer.post(path, end)
    assert offered.status_code == 201, offered.text
    assert decided(office, offered.get_json()).status_code == 200
    assert officer.get("/officer-interests").get_json()["items"][0]["ended_at"] is not None
    assert officer.post("/officer-interests", {"credit_code": code, "reason": "又任职"}).status_code == 201
    with reading(office.engine) as connection:
        id_of_clerk = connection.execute(select(person.c.id).where(person.c.username == "sg_clerk")).scalar_one()
    body = {"person": id_of_clerk, "credit_code": code, "reason": "亲属"}
    assert office.sign_in("sg_officer").post("/officer-interests", body).status_code == 403


def test_the_pages_add_propose_decide_and_show_the_history(office: Office) -> None:
    section, vice = visit(office, "sg_section"), visit(office, "sg_vice").sure()
    wrong = section.send("/inspection-pools", **{**NEW, "credit_code": "1"})
    assert wrong.status_code == 422 and "校验不符" in told(wrong.text)
    assert "已列入名录库" in told(section.sent("/inspection-pools", **NEW))
    with reading(office.engine) as connection:
        number = connection.execute(
            select(inspection_object.c.id).where(inspection_object.c.credit_code == CODE)
        ).scalar_one()
    path = f"/inspection-pools/objects/{number}"
    assert "已提出" in told(section.sent(path, standing="1", reason="已注销"))
    waiting = told(vice.page(path))
    assert "等待另一人批准" in waiting and "参加抽取" in waiting
    proposal = office.sign_in("sg_vice").get("/proposals?status=open").get_json()["items"][0]["id"]
    assert "已批准" in told(vice.sent(f"/proposals/{proposal}/approve", next=path))
    after = told(section.page(path))
    assert "已调出" in after and "批准" in after
    assert "恢复列入" in after
    assert "请选择文件" in told(section.send("/inspection-pools/import", department="SG", reason="a").text)
    officer = visit(office, "sg_officer")
    assert "已申报" in told(officer.sent("/inspection-pools/interests", credit_code=CODE, reason="持股"))
    assert "双随机名录库" in officer.page("/work") and "双随机名录库" not in visit(office, "yj_officer").page("/work")
