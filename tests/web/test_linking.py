"""Linking cases, having one follow a leading one, and undoing a link."""

from __future__ import annotations

from typing import Any

from tests.service_fixtures import Office
from tests.web.test_task_moves import at, kinds
from tests.web.visiting import visit

WHY = {"reason": "同一企业的两份申请"}


def claimed(office: Office) -> tuple[str, str]:
    number, task = at(office, "formal_check")
    assert office.sign_in("yj_clerk").post(f"/user-tasks/{task['id']}/claim").status_code == 200
    return number, f"/user-tasks/{task['id']}/links"


def link(office: Office, path: str, other: str, kind: str = "related", by: str = "yj_clerk") -> Any:
    return office.sign_in(by).post(path, {"case": other, "kind": kind, **WHY})


def roles(office: Office, number: str, by: str = "auditor") -> list[tuple[str, str]]:
    items = office.sign_in(by).get(f"/cases/{number}/links").get_json()["items"]
    return [(one["case_number"], one["role"]) for one in items]


def test_both_cases_show_a_link_and_it_is_made_once(office: Office) -> None:
    (one, path), (other, back) = claimed(office), claimed(office)
    before = office.task(one, "formal_check")
    assert link(office, path, other).status_code == 200
    assert office.task(one, "formal_check") == before
    assert (roles(office, one), roles(office, other)) == ([(other, "related")], [(one, "related")])
    assert kinds(office, one)[-1] == "case_linked"
    assert link(office, back, one).get_json()["code"] == "move_refused"
    assert link(office, path, one).status_code == 422


def test_of_cases_handled_together_one_leads_and_follows_none(office: Office) -> None:
    (one, path), (two, second), (three, third) = claimed(office), claimed(office), claimed(office)
    assert link(office, path, two, "merged").status_code == 200
    assert (roles(office, one), roles(office, two)) == ([(two, "leads")], [(one, "follows")])
    assert link(office, third, one, "merged").get_json()["code"] == "move_refused"
    assert link(office, second, three, "merged").get_json()["code"] == "move_refused"
    assert link(office, third, two, "merged").status_code == 200
    levy = str(office.start("LJ-YJ-XK-001")["number"])
    assert link(office, third, levy).status_code == 200


def test_a_case_that_one_may_not_read_does_not_exist(office: Office) -> None:
    number, path = claimed(office)
    elsewhere = str(office.start("LJ-MZ-XK-001")["number"])
    assert link(office, path, elsewhere).status_code == 404
    assert link(office, path, "YJ-XK-2026-999999").status_code == 404
    ours = str(office.start()["number"])
    assert link(office, path, ours, by="yj_clerk2").get_json()["code"] == "not_permitted"
    assert roles(office, number) == []


def test_a_link_is_undone_with_a_reason_and_may_be_made_again(office: Office) -> None:
    (one, path), (other, back) = claimed(office), claimed(office)
    link(office, path, other)
    clerk = office.sign_in("yj_clerk")
    assert clerk.post(f"{back}/remove", {"case": one}).status_code == 422
    assert clerk.post(f"{back}/remove", {"case": one, "reason": "编号有误"}).status_code == 200
    assert roles(office, one) == roles(office, other) == []
    assert kinds(office, other)[-1] == "case_unlinked"
    assert clerk.post(f"{back}/remove", {"case": one, "reason": "编号有误"}).status_code == 404
    assert link(office, path, other).status_code == 200


def test_the_pages_link_and_unlink(office: Office) -> None:
    (one, path), (other, _) = claimed(office), claimed(office)
    move = path.replace("/user-tasks/", "/tasks/").replace("/links", "/moves/")
    clerk = visit(office, "yj_clerk")
    assert f"{move}link" in clerk.page(f"/cases/{one}")
    for unknown in ("YJ-XK-2026-999999", "没有这个编号", ""):
        told = clerk.sent(f"{move}link", case=unknown, kind="merged", next=f"/cases/{one}", **WHY)
        assert "没有找到该办件" in told and f"{move}link" in told, "told on the page that one is on"
    after = clerk.sent(f"{move}link", case=other, kind="merged", next=f"/cases/{one}", **WHY)
    assert "已关联" in after and "牵头办件" in after
    assert "并入本件" in clerk.page(f"/cases/{other}")
    assert "已撤销关联" in clerk.sent(f"{move}unlink", case=other, reason="编号有误", next=f"/cases/{one}")
    assert "关联办件" not in clerk.page(f"/cases/{other}")
