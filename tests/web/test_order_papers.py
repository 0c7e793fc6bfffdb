"""督办单 as papers: drawn once, kept and opened again as they are, drawn anew when the order says more, verified."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pypdfium2
import zxingcpp
from sqlalchemy import select

from service.certificates import signature_digest
from service.commands.housekeeping import keep_house
from service.database.session import reading
from service.database.tables import order_paper
from tests.service_fixtures import Office
from tests.unit.test_documents import text
from tests.web.test_orders import do, issue, yellow
from tests.web.visiting import visit


def rows(office: Office) -> list[Any]:
    with reading(office.engine) as connection:
        return list(connection.execute(select(order_paper).order_by(order_paper.c.version)))


def paper(office: Office, number: str, by: str = "sup2") -> bytes:
    answer = visit(office, by).get(f"/orders/{number}/paper.pdf")
    assert answer.status_code == 200, answer.text
    return answer.data


def verified(office: Office, content: bytes) -> dict[str, Any]:
    form = {"file": (io.BytesIO(content), "order.pdf", "application/pdf")}
    found: dict[str, Any] = office.client().post("/api/v1/public/files/verify", data=form).get_json()
    return found


def test_an_order_is_drawn_once_and_opens_again_byte_for_byte_whoever_opens_it(office: Office) -> None:
    number = issue(office)["number"]
    first = paper(office, number)
    office.wait(minutes=5)
    assert paper(office, number) == first
    assert paper(office, number, "yj_sup1") == first
    (row,) = rows(office)
    assert (row.version, row.signature_digest) == (1, signature_digest(first))


def test_two_who_open_it_at_the_same_moment_get_one_paper(office: Office) -> None:
    number = issue(office)["number"]
    visitors = [visit(office, "sup2"), visit(office, "yj_sup1")]
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(visitor.get, f"/orders/{number}/paper.pdf") for visitor in visitors]
        first, second = (one.result() for one in asked)
    assert first.status_code == 200 and first.data == second.data
    assert len(rows(office)) == 1


def test_whoever_may_not_open_the_order_draws_no_paper_of_it(office: Office) -> None:
    number = issue(office)["number"]
    assert visit(office, "sg_sup1").get(f"/orders/{number}/paper.pdf").status_code == 404
    assert rows(office) == []


def test_what_the_handler_opens_is_what_level_2_opens(office: Office) -> None:
    one, _ = yellow(office)
    order = {"source": "alarm", "alarms": [one["id"]], "department": "YJ"}
    body = order | {"demand": "说明差评原因并整改", "handler": "yj_clerk"}
    number = office.sign_in("yj_sup1").post("/supervision-orders", body).get_json()["number"]
    first = paper(office, number, "yj_clerk")
    assert "报警事项" in text(first)
    assert paper(office, number) == first


def test_an_order_that_says_more_is_drawn_anew_as_its_next_version_and_the_earlier_stays(office: Office) -> None:
    number = issue(office)["number"]
    first = paper(office, number)
    for element in ("sign", "answer"):
        assert do(office, number, element, "yj_sup1").status_code == 200
    second = paper(office, number)
    assert second != first and "第2版" in text(second) and "情况说明" in text(second)
    assert "版次" not in text(first)
    assert paper(office, number) == second
    assert [row.version for row in rows(office)] == [1, 2]
    assert verified(office, first)["standing"] == "replaced"
    assert verified(office, second)["standing"] == "valid"


def test_a_later_day_that_was_granted_and_the_next_rung_stand_on_the_next_version(office: Office) -> None:
    number = issue(office)["number"]
    first = text(paper(office, number))
    assert "督办层级一级监察员" in first
    task = office.sign_in("yj_sup1").get(f"/supervision-orders/{number}").get_json()["user_tasks"][0]
    body = {
        "user_task": task["id"],
        "until": (office.now + timedelta(days=2)).date().isoformat(),
        "reason": "须向当事人核实",
    }
    asked = office.sign_in("yj_sup1").post(f"/supervision-orders/{number}/extensions", body).get_json()
    path = f"/supervision-orders/{number}/extensions/{asked['extensions'][0]['id']}/decision"
    assert text(paper(office, number)) == first, "what is only asked for changes nothing"
    granted = office.sign_in("sup2").post(path, {"decision": "granted", "opinion": "情况属实"})
    assert granted.status_code == 200, granted.text
    assert "批准延期" in text(paper(office, number))
    office.stepping.move_to(office.now + timedelta(days=6))
    later = text(paper(office, number))
    assert "督办层级控制中心" in later and "第3版" in later


def test_an_order_that_is_opened_again_has_a_paper_of_its_own(office: Office) -> None:
    number = issue(office)["number"]
    for element, who in (("sign", "yj_sup1"), ("answer", "yj_sup1"), ("confirm", "sup2")):
        assert do(office, number, element, who).status_code == 200
    closed = paper(office, number)
    assert "确认意见" in text(closed) and paper(office, number) == closed
    body = {"reason": "同类问题仍在发生"}
    again = office.sign_in("sup2").post(f"/supervision-orders/{number}/reopen", body).get_json()["number"]
    assert number in text(paper(office, again))
    assert again in text(paper(office, number)), "what was closed says where it goes on"


def test_anybody_sees_that_the_paper_is_genuine_its_number_organ_and_day_and_no_more(office: Office) -> None:
    number = issue(office)["number"]
    public = office.client()
    path = f"/public/verify?number={number}"
    assert "没有找到编号" in public.get(path).text, "a number alone proves nothing before there is a paper"
    content = paper(office, number)
    page = public.get(path).text
    assert "真实" in page and number in page and "临江县行政权力网上公开透明运行控制中心" in page
    for inner in ("应急管理局", "核查某企业", "持有人", "有效期"):
        assert inner not in page, inner
    found = public.get(f"/api/v1/public/certificates?number={number}").get_json()
    assert (found["number"], found["kind"], found["standing"]) == (number, "supervision_order", "valid")
    assert (found["department"], found["holder"]) == ("县行政权力网上公开透明运行控制中心", "")
    assert f"number={number}" in codes_on(content)


def test_anybody_sees_by_its_bytes_that_the_file_is_genuine_or_was_altered(office: Office) -> None:
    number = issue(office)["number"]
    content = paper(office, number)
    found = verified(office, content)
    assert (found["status"], found["number"], found["kind"]) == ("genuine", number, "supervision_order")
    assert verified(office, content + b"\n")["status"] == "altered"
    visitor = visit(office, "sup2")
    page = visitor.client.post(
        "/public/verify",
        data={
            "csrf_token": visitor.token,
            "file": (io.BytesIO(content), "order.pdf", "application/pdf"),
        },
    ).text
    assert "真实：与签发时完全一致" in page and "应急管理局" not in page


def test_kept_papers_are_not_swept_away(office: Office) -> None:
    number = issue(office)["number"]
    first = paper(office, number)
    keep_house(office.engine, office.services, office.now + timedelta(days=800))
    assert paper(office, number) == first


def codes_on(content: bytes) -> str:
    """What the QR code of the first page says."""
    bitmap = pypdfium2.PdfDocument(content)[0].render(scale=3, grayscale=True)
    shape = [bitmap.height, bitmap.stride]
    return " ".join(found.text for found in zxingcpp.read_barcodes(memoryview(bytes(bitmap.buffer)).cast("B", shape)))
