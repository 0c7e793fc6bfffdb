"""Several documents are printed as one job: counted one by one, the fee before each, the code once."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from service.database.session import reading
from service.database.tables import document_copy
from tests.service_fixtures import Office
from tests.web.test_api_papers import words
from tests.web.visiting import told, visit

SG, ZR = "LJ-SG-XK-001", "LJ-ZR-QR-001"


def finished(office: Office, item: str = SG) -> str:
    number: str = office.start(item)["number"]
    office.walk(number, "deliver")
    return number


def papers(office: Office, by: str = "sg_printer", **query: str) -> list[dict[str, Any]]:
    found = office.sign_in(by).get("/documents", query_string=query)
    assert found.status_code == 200, found.text
    return list(found.get_json()["items"])


def test_documents_are_bound_in_one_file_and_each_copy_is_counted_and_told(office: Office) -> None:
    numbers = [finished(office), finished(office)]
    waiting = papers(office)
    assert {one["kind"] for one in waiting} == {"acceptance_notice", "certificate"} and len(waiting) == 4
    printer = office.sign_in("sg_printer")
    body = {"documents": [one["id"] for one in waiting], "key": "morning-round"}
    unsure = office.sign_in("sg_clerk2").post("/print-jobs", body)
    assert (unsure.status_code, unsure.get_json()["code"]) == (403, "second_factor_required")
    job = printer.sure().post("/print-jobs", body)
    assert job.status_code == 201, job.text
    assert [one["copy"] for one in job.get_json()["results"]] == [1, 1, 1, 1]
    bound = printer.get(f"/print-jobs/{job.get_json()['id']}/pages")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(bound.data)).pages]
    assert bound.mimetype == "application/pdf" and len(pages) >= 4
    for one in waiting:
        assert "".join(one["number"].split()) in words(bound)
    assert b"/Sig" not in bound.data, "the bound file pretends to no signature"
    assert papers(office) == [] and len(papers(office, printed="yes")) == 4
    events = printer.get(f"/cases/{numbers[0]}/history").get_json()["items"]
    assert len([e for e in events if e["kind"] == "document_printed"]) == 2
    with reading(office.engine) as connection:
        copies = connection.execute(select(document_copy)).all()
    assert len({copy.digest for copy in copies}) == 4, "the signed file of each copy is kept by itself"


def test_whoever_reviewed_prints_nothing_that_grants_however_it_is_asked_for(office: Office) -> None:
    number = finished(office)
    reviewer = office.sign_in("sg_section").sure()
    refused = reviewer.post(f"/cases/{number}/documents/certificate/print")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "separation_of_duty")
    assert "审核" in refused.get_json()["detail"] and "制证" in refused.get_json()["detail"]
    chosen = [one["id"] for one in papers(office)]
    job = reviewer.post("/print-jobs", {"documents": chosen, "key": "by-the-reviewer"}).get_json()
    assert {one["kind"]: one["code"] for one in job["results"]} == {
        "acceptance_notice": None,
        "certificate": "separation_of_duty",
    }
    assert "act_refused" in [e["kind"] for e in reviewer.get(f"/cases/{number}/history").get_json()["items"]]
    assert office.sign_in("sg_printer").sure().post(f"/cases/{number}/documents/certificate/print").status_code == 200


def test_a_job_that_is_sent_again_prints_nothing_twice(office: Office) -> None:
    finished(office)
    printer = office.sign_in("sg_printer").sure()
    body = {"documents": [one["id"] for one in papers(office)], "key": "pressed twice"}
    first, again = printer.post("/print-jobs", body), printer.post("/print-jobs", body)
    assert first.get_json() == again.get_json()
    assert [one["copies"] for one in papers(office, printed="yes")] == [1, 1]
    assert office.sign_in("sg_clerk").get(f"/print-jobs/{first.get_json()['id']}").status_code == 404


def test_what_is_unpaid_is_left_out_and_named_whatever_the_client_sends(office: Office) -> None:
    number = office.start(ZR)["number"]
    office.walk(number, "await_payment")
    waiting = papers(office, "zr_printer")
    held = next(one for one in waiting if one["kind"] == "certificate")
    printer = visit(office, "zr_printer").sure()
    page = printer.page("/printing")
    assert re.search(rf'value="{held["id"]}"[^>]*disabled', page) and "费用未缴清" in told(page)
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    result = printer.sent("/printing", document=[str(one["id"]) for one in waiting], key=key[1])
    assert told(result).count("第 1 份") == len(waiting) - 1
    assert "未打印 1 份" in told(result) and held["number"] in told(result).split("已打印 ")[1]
    copies = {one["id"]: one["copies"] for one in papers(office, "zr_printer", printed="yes")}
    assert held["id"] not in copies and len(copies) == len(waiting) - 1
    kinds = [e["kind"] for e in office.sign_in("auditor").get(f"/cases/{number}/history").get_json()["items"]]
    assert kinds.count("act_refused") == 1


def test_nobody_prints_for_another_department_or_without_a_printing_post(office: Office) -> None:
    finished(office)
    (first, *_) = papers(office)
    assert papers(office, "yj_printer") == []
    job = office.sign_in("yj_printer").sure().post("/print-jobs", {"documents": [first["id"]], "key": "not my own"})
    assert [one["code"] for one in job.get_json()["results"]] == ["not_found"]
    assert job.get_json()["results"][0]["case_number"] is None
    assert office.sign_in("sg_head").get("/documents").status_code == 403
    assert papers(office)[0]["copies"] == 0


def test_a_job_without_a_key_is_told_that_it_lacks_one(office: Office) -> None:
    number = office.start()["number"]
    ids = [one["id"] for one in office.case(number)["documents"]] or [1]
    refused = office.sign_in("yj_printer").sure().post("/print-jobs", {"documents": ids})
    assert refused.status_code == 422
    assert [(one["pointer"], one["code"]) for one in refused.get_json()["errors"]] == [("/key", "required")]


@pytest.mark.parametrize("ids", [[], list(range(1, 22)), [-1], ["x"]])
def test_a_job_has_bounds(office: Office, ids: list[Any]) -> None:
    answer = office.sign_in("sg_printer").sure().post("/print-jobs", {"documents": ids, "key": "somewhat long"})
    assert answer.status_code == 422
