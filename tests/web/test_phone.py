"""The second step by phone: asked over HTTP, confirmed at the stand-in, told back with a signature over HTTP."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select, update
from werkzeug.serving import make_server

from service.clock import real_now
from service.database.session import reading, transaction
from service.database.tables import confirmation, person, session
from service.gateways.confirming import PhoneConfirmer, Question
from service.gateways.signing import signed_headers
from service.gateways.transport import GatewayError
from service.standins.phone import Phones
from service.standins.serving import serve_in_thread
from tests.service_fixtures import Founded, Office, Person, opened, settings_of
from tests.web.visiting import Page, told, visit

KEY = "a phone gateway's key for tests, long enough"


@pytest.fixture
def phones() -> Iterator[str]:
    """Stand-in phones on the system's clock; their address."""
    server, url = serve_in_thread(Phones(key=KEY.encode(), now=real_now, testing=True, retry_seconds=(0.1,)))
    yield url
    server.close()


@pytest.fixture
def office(founded_county: Founded, tmp_path: Path, phones: str) -> Iterator[Office]:
    """A county whose people have phones, answering at its public address."""
    import shutil

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copy(founded_county.settings.data / "mingjing.db", tmp_path / "mingjing.db")
    more = {"MINGJING_PHONE_URL": phones, "MINGJING_PHONE_KEY": KEY, "MINGJING_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    for one in opened(settings_of(tmp_path, **more), founded_county):
        one.stepping.move_to(max(real_now(), one.now))  # Signatures are dated by the county's clock.
        server = make_server("127.0.0.1", port, one.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield one
        server.shutdown()
        thread.join(5)
        server.server_close()


def ask(who: Person) -> dict[str, Any]:
    asked = who.post("/sessions/current/confirmations")
    assert asked.status_code == 201, asked.text
    return dict(asked.get_json())


def press(phones: str, asked: dict[str, Any], answer: str = "approved", number: str = "") -> None:
    form = {"answer": answer, "number": number or asked["number"]}
    done = requests.post(f"{phones}/confirmations/{asked['id']}/answer", data=form, timeout=5, allow_redirects=False)
    assert done.status_code == 303, done.text


def state(who: Person, asked: dict[str, Any]) -> str:
    return str(who.get(f"/sessions/current/confirmations/{asked['id']}").get_json()["status"])


def is_open(office: Office, username: str) -> bool:
    with reading(office.engine) as connection:
        who = select(person.c.id).where(person.c.username == username).scalar_subquery()
        until = connection.execute(select(session.c.second_factor_until).where(session.c.person_id == who)).scalars()
        return any(one is not None and one > real_now() for one in until)


def test_what_the_phone_confirms_opens_the_second_step_of_the_session_that_asked(office: Office, phones: str) -> None:
    section, other = office.sign_in("yj_section"), office.sign_in("yj_vice")
    asked = ask(section)
    (shown,) = requests.get(f"{phones}/confirmations", timeout=5).json()["items"]
    assert "yj_section" in shown["words_zh"]
    words = (shown["words_zh"] + shown["words_en"]).replace("127.0.0.1", "")
    assert "number" not in shown and asked["number"] not in words, "only our page shows it"
    assert state(section, asked) == "waiting" and not is_open(office, "yj_section")
    assert other.get(f"/sessions/current/confirmations/{asked['id']}").status_code == 404
    press(phones, asked)
    assert state(section, asked) == "approved"
    assert is_open(office, "yj_section") and not is_open(office, "yj_vice")
    clerk = office.sign_in("secadmin")
    body = {"post": "printer", "department": "YJ", "reason": "岗位调整"}
    assert clerk.post("/people/1/posts", body).get_json()["code"] == "second_factor_required"
    press(phones, ask(clerk))
    assert clerk.post("/people/1/posts", body).status_code == 202


@pytest.mark.parametrize(("answer", "number", "ends"), [("refused", "", "refused"), ("approved", "01", "wrong_number")])
def test_a_refusal_and_a_wrong_number_open_nothing_for_good(
    office: Office, phones: str, answer: str, number: str, ends: str
) -> None:
    section = office.sign_in("yj_section")
    asked = ask(section)
    press(phones, asked, answer, number)
    assert state(section, asked) == ends
    press(phones, asked)
    assert state(section, asked) == ends and not is_open(office, "yj_section"), "the first answer stands"


def test_an_answer_that_comes_too_late_opens_nothing(office: Office, phones: str) -> None:
    section = office.sign_in("yj_section")
    asked = ask(section)
    with transaction(office.engine) as connection:
        connection.execute(update(confirmation).values(expires_at=real_now() - timedelta(seconds=1)))
    assert state(section, asked) == "expired"
    press(phones, asked)
    assert not is_open(office, "yj_section")


def test_only_the_gateways_key_answers_and_a_doubled_answer_changes_nothing(office: Office) -> None:
    section = office.sign_in("yj_section")
    asked = ask(section)
    body = json.dumps({"id": asked["id"], "answer": "approved", "number": asked["number"]}).encode()

    def tell(key: str, at: datetime, content: bytes = body) -> int:
        headers = signed_headers(content, key.encode(), now=at) | {"Content-Type": "application/json"}
        return office.client().post("/phone/callbacks", data=content, headers=headers).status_code

    assert tell("another key that is long enough, too", real_now()) == 401
    assert tell(KEY, real_now() - timedelta(hours=1)) == 401
    assert office.client().post("/phone/callbacks", data=body).status_code == 401
    assert tell(KEY, real_now(), b'{"id": 7}') == 422
    unknown = json.dumps({"id": "f" * 32, "answer": "approved", "number": "10"}).encode()
    assert tell(KEY, real_now(), unknown) == 404
    assert not is_open(office, "yj_section")
    assert (tell(KEY, real_now()), tell(KEY, real_now())) == (200, 200)
    assert is_open(office, "yj_section")


def test_nobody_is_asked_until_they_give_in(office: Office) -> None:
    section = office.sign_in("yj_section")
    for _ in range(5):
        ask(section)
    assert section.post("/sessions/current/confirmations").get_json()["code"] == "rate_limited"


def test_without_a_phone_on_record_or_a_gateway_that_answers_the_code_is_left(office: Office, phones: str) -> None:
    section = office.sign_in("yj_section")
    requests.post(f"{phones}/testing/fail-next", json={"count": 1}, timeout=5)
    failed = section.post("/sessions/current/confirmations")
    assert (failed.status_code, failed.get_json()["code"]) == (503, "not_ready")
    with transaction(office.engine) as connection:
        connection.execute(update(person).values(mobile=None))
    assert section.post("/sessions/current/confirmations").get_json()["code"] == "no_device"
    assert section.sure().get("/me").status_code == 200


def test_a_form_goes_on_after_the_phone_with_what_it_carried(office: Office, phones: str) -> None:
    security = visit(office, "secadmin")
    form = {"post": "printer", "department": "YJ", "reason": "岗位调整"}
    with reading(office.engine) as connection:
        clerk = connection.execute(select(person.c.id).where(person.c.username == "yj_clerk")).scalar_one()
    path = f"/people/{clerk}/deactivate"
    asked = security.send(path, reason="退休")
    assert asked.status_code == 403 and "改用手机确认" in told(asked.text)
    carried = {one["name"]: one["value"] for one in Page(asked.text).all("input", type="hidden") if "name" in one}
    carried.pop("csrf_token")
    first = next(Page(asked.text.partition("<main")[2]).all("button", type="submit"))
    assert "formaction" not in first, "the first button of a form is what Enter presses after the code"
    page = security.send("/second-step/phone", **carried)
    number = page.text.partition("<strong>")[2].partition("<")[0]
    (shown,) = requests.get(f"{phones}/confirmations", timeout=5).json()["items"]
    assert f'action="{path}"' in page.text and 'value="退休"' in page.text
    press(phones, {"id": shown["id"], "number": number})
    done = security.sent(path, reason="退休")
    assert "已停用" in told(done) and form


def test_the_phone_shows_what_is_asked_and_takes_no_answer_without_a_number(phones: str) -> None:
    asks = PhoneConfirmer(phones, KEY.encode(), now=real_now)
    asked = Question("a" * 32, "13800138000", "请确认", "Please confirm", real_now(), "http://127.0.0.1:9/none")
    asks.ask(asked)
    asks.ask(asked)
    page = requests.get(f"{phones}/?lang=en", timeout=5).text
    assert "Please confirm" in page and page.count("<li>") == 1
    path = f"{phones}/confirmations/{'a' * 32}/answer"
    assert requests.post(path, data={"answer": "approved", "number": ""}, timeout=5).status_code == 422
    with pytest.raises(GatewayError) as refused:
        asks.ask(Question("b" * 32, "10086", "请确认", "Please", real_now(), "http://127.0.0.1:9/none"))
    assert refused.value.code == "number_refused"
    with pytest.raises(GatewayError) as forged:
        PhoneConfirmer(phones, b"another key that is long enough, too", now=real_now).ask(asked)
    assert forged.value.code == "signature_invalid"
