"""The archive package: whole, its digests true, for those who keep the department's files, once the case is over."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from itertools import pairwise
from typing import Any

from service.certificates import render_document
from tests.service_fixtures import PDF, Office
from tests.unit.test_documents import DATA, pages, text
from tests.web.visiting import visit

# One white point.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==")


def package_of(office: Office, number: str, by: str = "yj_clerk") -> tuple[zipfile.ZipFile, dict[str, Any]]:
    answer = office.sign_in(by).get(f"/cases/{number}/archive")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/zip"
    package = zipfile.ZipFile(io.BytesIO(answer.data))
    assert package.testzip() is None
    return package, json.loads(package.read("index.json"))


def finished(office: Office) -> str:
    number = str(office.start()["number"])
    office.walk(number, "nothing")
    assert office.case(number)["status"] == "completed"
    return number


def test_a_finished_case_is_packed_whole_and_every_digest_is_true(office: Office) -> None:
    number = finished(office)
    package, index = package_of(office, number)
    assert set(package.namelist()) == {"index.json", *(one["path"] for one in index["files"])}
    for one in index["files"]:
        content = package.read(one["path"])
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (one["sha256"], one["size"])
    case = office.case(number)
    what = [one["what"] for one in index["files"]]
    assert what.count("attachment") == sum(len(m["files"]) + len(m["former"]) for m in case["materials"])
    assert {one["kind"] for one in index["files"] if one["what"] == "document"} == {
        d["kind"] for d in case["documents"]
    }
    assert all(package.read(one["path"])[:5] == b"%PDF-" for one in index["files"] if one["what"] == "document")
    assert (index["case"], index["status"]) == (number, "completed")


def test_the_history_is_in_it_with_its_chain(office: Office) -> None:
    package, index = package_of(office, finished(office))
    lines = [json.loads(line) for line in package.read("history.jsonl").splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert all(after["previous_hash"] == before["hash"] for before, after in pairwise(lines))
    assert lines[-1]["hash"] == index["last_event_hash"]


def test_a_copy_that_was_handed_out_is_the_one_that_is_archived(office: Office) -> None:
    number = finished(office)
    printed = office.sign_in("yj_clerk").post(f"/cases/{number}/documents/acceptance_notice/print")
    assert printed.status_code == 200
    package, index = package_of(office, number)
    (one,) = [one for one in index["files"] if one.get("kind") == "acceptance_notice"]
    assert one["copy"] == 1
    assert package.read(one["path"]) == printed.data
    counted = {d["kind"]: d["copies"] for d in office.case(number)["documents"]}
    assert counted["acceptance_notice"] == 1, "what is drawn for the archive is no copy that was handed out"


def test_a_case_that_goes_on_and_a_stranger_get_none(office: Office) -> None:
    going_on = office.start()["number"]
    refused = office.sign_in("yj_clerk").get(f"/cases/{going_on}/archive")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "case_open")
    number = finished(office)
    assert office.sign_in("mz_clerk").get(f"/cases/{number}/archive").status_code == 404
    assert office.sign_in("auditor").get(f"/cases/{number}/archive").status_code == 403
    assert office.client().get(f"/api/v1/cases/{number}/archive").status_code == 401


def index_paper(office: Office, number: str) -> bytes:
    answer = office.sign_in("yj_clerk").get(f"/cases/{number}/archive/index")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text
    return answer.data


def test_the_index_is_a_paper_that_lists_each_file_with_its_real_pages(office: Office) -> None:
    number = str(office.start()["number"])
    two = render_document("refusal", replace(DATA, paragraphs=("长段。" * 200,))).pdf
    assert len(pages(two)) == 2
    for name, content in (("两页.pdf", two), ("照片.png", PNG), ("坏.pdf", b"%PDF-1.4\n%%EOF\n")):
        given = office.sign_in("yj_clerk").upload(number, "business_licence", content, name)
        assert given.status_code == 201, given.text
    office.walk(number, "nothing")
    package, index = package_of(office, number)
    paper = package.read("卷内目录.pdf")
    (told,) = [one for one in index["files"] if one["what"] == "index"]
    assert told["path"] == "卷内目录.pdf" and told["sha256"] == hashlib.sha256(paper).hexdigest()
    listed = {one["filename"]: one for one in index["files"] if one["what"] == "attachment"}
    assert [listed[name]["pages"] for name in ("两页.pdf", "照片.png", "坏.pdf")] == [2, 1, None]
    for one in index["files"]:
        if one["what"] == "document":
            assert one["pages"] == len(pages(package.read(one["path"])))
    serials = [one["serial"] for one in index["files"] if one["what"] != "index"]
    assert sorted(serials) == list(range(1, len(serials) + 1))
    said = text(paper)
    for head in ("卷内目录", "序号", "文号", "责任者", "题名", "日期", "页号", "页数", "备注"):
        assert head in said, head
    total = sum(one.get("pages") or 0 for one in index["files"] if one["what"] != "index")
    assert f"共{len(serials)}件{total}页" in said
    assert (
        "临江县应急管理局" in said and "临江县恒晟化工有限公司" in said and "营业执照" in said and "受理通知书" in said
    )
    assert "20261123" in said and "两页.pdf" in said and number in said
    assert text(index_paper(office, number)) == said, "it opens on its page as it lies in the package"


def test_a_file_whose_name_no_font_has_holds_up_no_archive(office: Office) -> None:
    number = str(office.start()["number"])
    given = office.sign_in("yj_clerk").upload(number, "business_licence", PDF, "执照😀.pdf")
    assert given.status_code == 201, given.text
    office.walk(number, "nothing")
    package, index = package_of(office, number)
    assert "执照😀.pdf" in {one.get("filename") for one in index["files"]}
    assert "营业执照" in text(package.read("卷内目录.pdf"))


def test_the_index_is_for_those_who_keep_the_files_and_once_the_case_is_over(office: Office) -> None:
    going_on = office.start()["number"]
    assert office.sign_in("yj_clerk").get(f"/cases/{going_on}/archive/index").get_json()["code"] == "case_open"
    number = finished(office)
    assert office.sign_in("mz_clerk").get(f"/cases/{number}/archive/index").status_code == 404
    assert office.sign_in("auditor").get(f"/cases/{number}/archive/index").status_code == 403
    page = visit(office, "yj_clerk")
    assert f"/cases/{number}/archive/index.pdf" in page.page(f"/cases/{number}")
    opened = page.get(f"/cases/{number}/archive/index.pdf")
    assert opened.mimetype == "application/pdf" and "卷内目录" in text(opened.data)
