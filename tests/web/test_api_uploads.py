"""Files that come in pieces: resumed after a cut, whole or not at all, and never without bound."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from service.clock import real_now
from service.commands.housekeeping import keep_house
from service.commands.upload_pieces import MOST_OF_A_PERSON
from service.database.session import reading
from service.database.tables import unfinished_upload
from tests.service_fixtures import PDF, Office, Person

CONTENT = PDF + b"%" * 5000


class Sending:
    """One file on its way from one person."""

    def __init__(self, client: Person, number: str, content: bytes = CONTENT, **announced: Any) -> None:
        self.client, self.content = client, content
        self.folder = f"/cases/{number}/uploads"
        given = {"material": "application_form", "filename": "../申请书.pdf", "size": len(content), **announced}
        self.announced = client.post(self.folder, given)
        self.place = f"{self.folder}/{(self.announced.get_json() or {}).get('id')}"

    def piece(self, offset: int, until: int | None = None) -> TestResponse:
        headers = {"Upload-Offset": str(offset)}
        piece = self.content[offset:until]
        return self.client.call(
            "PATCH", self.place, data=piece, content_type="application/octet-stream", headers=headers
        )

    def finish(self, **given: Any) -> TestResponse:
        return self.client.post(f"{self.place}/finish", given)


@pytest.fixture
def number(office: Office) -> str:
    return str(office.start()["number"])


@pytest.fixture
def clerk(office: Office) -> Person:
    return office.sign_in("yj_clerk")


def test_a_cut_upload_goes_on_where_it_was_cut(clerk: Person, number: str) -> None:
    sending = Sending(clerk, number, digest=hashlib.sha256(CONTENT).hexdigest())
    assert sending.piece(0, 2000).get_json()["offset"] == 2000
    assert sending.client.get(sending.place).get_json()["offset"] == 2000
    assert sending.piece(2000).get_json()["offset"] == len(CONTENT)
    file = sending.finish().get_json()
    assert (file["digest"], file["filename"]) == (hashlib.sha256(CONTENT).hexdigest(), "申请书.pdf")
    assert clerk.get(f"/cases/{number}/attachments/{file['id']}").data == CONTENT
    assert sending.finish().status_code == 404


def test_a_file_for_no_material_of_the_item_is_refused_before_it_is_sent(clerk: Person, number: str) -> None:
    refused = Sending(clerk, number, material="a_secret_plan").announced
    assert refused.status_code == 422
    (error,) = refused.get_json()["errors"]
    assert (error["pointer"], error["code"]) == ("/material", "unknown_material")


def test_a_piece_at_another_place_is_refused_and_told_where_to_go_on(clerk: Person, number: str) -> None:
    sending = Sending(clerk, number)
    sending.piece(0, 2000)
    for offset in (0, 1999, 2001):
        refused = sending.piece(offset, offset + 10)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "offset_conflict")
        assert refused.get_json()["errors"][0]["message"] == "2000"
    assert sending.client.get(sending.place).get_json()["offset"] == 2000


def test_a_file_that_lacks_its_end_or_was_damaged_is_not_put_on_file(clerk: Person, number: str) -> None:
    short = Sending(clerk, number)
    short.piece(0, 2000)
    assert short.finish().get_json()["code"] == "offset_conflict"
    damaged = Sending(clerk, number, digest="0" * 64)
    damaged.piece(0)
    assert damaged.finish().get_json()["errors"][0]["pointer"] == "/digest"
    material = next(
        one for one in clerk.get(f"/cases/{number}").get_json()["materials"] if one["key"] == "application_form"
    )
    assert material["files"] == []


def test_no_piece_makes_a_file_longer_than_it_was_announced(clerk: Person, number: str) -> None:
    sending = Sending(clerk, number, size=100)
    assert sending.piece(0).get_json()["code"] == "payload_too_large"
    assert Sending(clerk, number, size=10**9).announced.get_json()["code"] == "payload_too_large"
    assert Sending(clerk, number, size=0).announced.status_code == 422


def test_what_is_no_paper_is_refused_when_it_is_whole(clerk: Person, number: str) -> None:
    sending = Sending(clerk, number, b"MZ" + b"\0" * 5000)
    sending.piece(0)
    assert sending.finish().get_json()["code"] == "unsupported_media"


def test_an_upload_belongs_to_its_person_and_its_case(office: Office, clerk: Person, number: str) -> None:
    sending, other = Sending(clerk, number), str(office.start()["number"])
    stranger = office.sign_in("yj_officer")
    assert stranger.get(sending.place).status_code == 404
    assert clerk.get(sending.place.replace(number, other)).status_code == 404
    assert Sending(office.sign_in("mz_clerk"), number).announced.status_code in (403, 404)
    for odd in ("..", "part-x", "%2e%2e%2fx"):
        assert clerk.get(f"/cases/{number}/uploads/{odd}").status_code == 404


def test_nobody_begins_uploads_without_end_and_what_is_given_up_makes_room(clerk: Person, number: str) -> None:
    begun = [Sending(clerk, number) for _ in range(MOST_OF_A_PERSON)]
    refused = Sending(clerk, number).announced
    assert (refused.status_code, refused.get_json()["code"]) == (429, "rate_limited")
    begun[0].piece(0, 10)
    assert clerk.call("DELETE", begun[0].place).status_code == 204
    assert Sending(clerk, number).announced.status_code == 201


def test_uploads_that_nobody_goes_on_with_are_swept_away(office: Office, clerk: Person, number: str) -> None:
    Sending(clerk, number).piece(0, 10)
    keep_house(office.engine, office.services, real_now() + timedelta(days=400))
    with reading(office.engine) as connection:
        assert connection.execute(select(func.count()).select_from(unfinished_upload)).scalar_one() == 0
    assert list((office.services.settings.files_folder / "staging").glob("part-*")) == []
