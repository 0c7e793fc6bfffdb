"""Official registers over real HTTP on loopback: what they answer, what they refuse, and the circuit that opens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from service.form_schemas import FormSchemaError, compile_form
from service.gateways.register_client import FAILURES, RegisterClient
from service.gateways.transport import GatewayError
from service.standins.registers import Registers
from service.standins.serving import serve_in_thread

KEY = b"a key of the registers, long enough"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CODE, WHY = "91329901MA1K2T3X6K", {"purpose": "核对申请材料", "reference": "YJ-XK-2026-000001"}


@pytest.fixture
def registers() -> Iterator[tuple[Registers, str]]:
    app = Registers(key=KEY, now=lambda: NOW, testing=True)
    server, url = serve_in_thread(app)
    yield app, url
    server.close()


def client(url: str, key: bytes = KEY) -> RegisterClient:
    return RegisterClient(url, key, now=lambda: NOW, open_seconds=0.3)


def fail(url: str, mode: str, count: int = 1) -> None:
    assert requests.post(f"{url}/testing/fail-next", json={"count": count, "mode": mode}, timeout=5).status_code == 200


def test_a_register_answers_one_subject_and_keeps_why_it_was_asked(registers: tuple[Registers, str]) -> None:
    app, url = registers
    found = client(url).ask("organisation", CODE, **WHY)
    assert found is not None and found["legal_representative"] == "张伟明"
    assert client(url).ask("organisation", "91329901MA1K2T3X6L", **WHY) is None
    assert client(url).ask("resident", "32990119921103004X", **WHY) == {"name": "李秀兰"}
    assert app.questions[0] == (CODE, WHY["purpose"], WHY["reference"])


def test_without_a_purpose_or_with_another_key_it_says_nothing(registers: tuple[Registers, str]) -> None:
    _, url = registers
    with pytest.raises(GatewayError, match="purpose_missing"):
        client(url).ask("organisation", CODE, purpose="", reference="x")
    with pytest.raises(GatewayError, match="signature_invalid"):
        client(url, b"somebody else's key, just as long").ask("organisation", CODE, **WHY)
    assert requests.get(f"{url}/organisations/{CODE}?purpose=x&reference=y", timeout=5).status_code == 401


@pytest.mark.parametrize("mode", ["unavailable", "malformed"])
def test_a_circuit_opens_after_failures_and_closes_when_the_register_is_back(
    registers: tuple[Registers, str], mode: str
) -> None:
    app, url = registers
    asking = client(url)
    fail(url, mode, FAILURES)
    for _ in range(FAILURES):
        with pytest.raises(GatewayError):
            asking.ask("organisation", CODE, **WHY)
    before = len(app.questions)
    with pytest.raises(GatewayError, match="circuit_open"):
        asking.ask("organisation", CODE, **WHY)
    assert len(app.questions) == before, "a register whose circuit is open is not asked"
    assert asking.ask("resident", "32990119921103004X", **WHY) is not None, "each register has its own"
    time.sleep(0.4)
    assert asking.ask("organisation", CODE, **WHY) is not None


def test_what_is_not_found_is_no_failure(registers: tuple[Registers, str]) -> None:
    asking = client(registers[1])
    for _ in range(FAILURES + 2):
        assert asking.ask("organisation", "91329901MA1K2T3X6L", **WHY) is None
    assert asking.ask("organisation", CODE, **WHY) is not None


def test_nobody_waits_for_a_slow_register(registers: tuple[Registers, str]) -> None:
    _, url = registers
    fail(url, "slow")
    began = time.monotonic()
    with pytest.raises(GatewayError, match="timed_out"):
        client(url).ask("organisation", CODE, **WHY)
    assert time.monotonic() - began < 6.5


def test_a_register_that_nobody_runs_is_unreachable() -> None:
    with pytest.raises(GatewayError, match="unreachable"):
        client("http://127.0.0.1:9").ask("organisation", CODE, **WHY)


NAME = {"type": "textfield", "id": "n", "key": "name", "label": "名称"}


@pytest.mark.parametrize(
    "properties",
    [
        {"lookup": "organisation", "lookupFills": "name=name"},
        {"format": "id_number", "lookup": "organisation", "lookupFills": "name=name"},
        {"format": "credit_code", "lookup": "population", "lookupFills": "name=name"},
        {"format": "credit_code", "lookup": "organisation"},
        {"format": "credit_code", "lookup": "organisation", "lookupFills": "name=shareholders"},
        {"format": "credit_code", "lookup": "organisation", "lookupFills": "other=name"},
        {"format": "credit_code", "lookup": "organisation", "lookupFills": "code=name"},
        {"format": "credit_code", "lookupFills": "name=name"},
    ],
)
def test_a_form_that_looks_up_what_it_must_not_is_refused(properties: dict[str, str]) -> None:
    field = {"type": "textfield", "id": "c", "key": "code", "label": "代码", "properties": properties}
    with pytest.raises(FormSchemaError):
        compile_form({"type": "default", "schemaVersion": 19, "components": [field, NAME]})
    good = {**field, "properties": {"format": "credit_code", "lookup": "organisation", "lookupFills": "name=name"}}
    form = compile_form({"type": "default", "schemaVersion": 19, "components": [good, NAME]})
    assert [one.key for one in form.looked_up_officially] == ["code"]
