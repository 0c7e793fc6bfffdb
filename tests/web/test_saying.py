"""What is said by plan is, byte for byte, what the library says field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from marshmallow import Schema, fields, post_dump

from service.database.session import reading
from service.reads.case_view import read_case
from service.web.api import schemas
from service.web.api.fields import AnyValue, Day, Instant, Named, PostNamed, View
from service.web.api.saying import MOST_KINDS, Said
from tests.service_fixtures import Office

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


class Inner(View):
    name = Named()
    size = fields.Integer(allow_none=True)


class Outer(View):
    id = fields.String()
    at = Instant(allow_none=True)
    on = Day(allow_none=True)
    post_name = PostNamed()
    whole = AnyValue()
    sure = fields.Boolean()
    deep = fields.Integer(attribute="inner.size")
    inner = fields.Nested(Inner, allow_none=True)
    several = fields.List(fields.Nested(Inner))

    @post_dump
    def mark(self, dumped: dict[str, Any], **given: Any) -> dict[str, Any]:
        return {**dumped, "marked": True}


class Holder(View):
    outer = fields.Nested(Outer)


def thing(**given: Any) -> SimpleNamespace:
    inner = SimpleNamespace(name_zh="里", name_en="inner", size=3)
    whole = {"a": [1, None]}
    plain: dict[str, Any] = {"id": "x", "at": AT, "on": date(2026, 11, 23), "post": "clerk", "whole": whole}
    return SimpleNamespace(**{**plain, "sure": True, "inner": inner, "several": [inner, inner], **given})


@contextmanager
def asked_in(office: Office, language: str) -> Iterator[None]:
    with office.app.test_request_context("/api/v1/x", headers={"Accept-Language": language}):
        yield


def both(schema: Schema, obj: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """(by plan, by the library) as JSON."""
    planned = json.dumps(schema.dump(obj), ensure_ascii=False)
    with monkeypatch.context() as patch:
        patch.setattr(Said, "_serialize", Schema._serialize)
        return planned, json.dumps(schema.dump(obj), ensure_ascii=False)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_whole_case_is_said_alike(office: Office, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number = office.start()["number"]
    seen = 0
    for step in ("section_review", "the end"):
        office.walk(number, step)
        with reading(office.engine) as connection, asked_in(office, language):
            view = read_case(connection, office.services, None, number, office.now)
            assert view is not None
            planned, plain = both(
                schemas.Completed(), {"outcome": "completed", "case": view, "alarms": []}, monkeypatch
            )
        assert planned == plain
        seen += planned.count('"uploaded_at"') + planned.count('"pay_code"')
    assert seen


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"at": None, "on": None, "inner": None},
        {"id": 7, "sure": 1},
        {"inner": {"name_zh": "里", "name_en": "inner", "size": None}, "several": []},
        {"several": ({"name_zh": "里", "name_en": "inner"},)},
        {"inner": MappingProxyType({"name_zh": "里", "name_en": "inner", "size": 4})},
        {"several": None},
    ],
)
def test_odd_things_are_said_alike(office: Office, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with asked_in(office, "en"):
        planned, plain = both(Holder(), {"outer": thing(**given)}, monkeypatch)
    assert planned == plain
    assert '"marked": true' in planned


def test_what_a_thing_lacks_is_left_out(office: Office) -> None:
    with asked_in(office, "zh-CN"):
        assert Inner().dump(SimpleNamespace(name_zh="里", name_en="inner")) == {"name": "里"}
        assert Inner().dump({"size": 3}) == {"size": 3}


def test_what_is_known_of_types_stays_bounded(office: Office) -> None:
    schema = Inner()
    with asked_in(office, "zh-CN"):
        for number in range(MOST_KINDS + 5):
            kind = type(f"Text{number}", (str,), {})
            assert schema.dump({"name_zh": kind("里"), "size": 1}) == {"name": "里", "size": 1}
    assert sum(len(plan._changes) for plan in schema._plans.values()) <= MOST_KINDS
