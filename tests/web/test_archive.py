"""The archive package: whole, its digests true, for those who keep the department's files, once the case is over."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from itertools import pairwise
from typing import Any

from tests.service_fixtures import Office


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
