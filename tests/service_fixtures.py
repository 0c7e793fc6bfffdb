"""A county for tests of the service: a migrated SQLite file, founded once a run and copied for each test.

`Office` speaks to the real application over its interface, as a browser or a program does.
"""

from __future__ import annotations

import io
import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from service.catalogue.item import DEFINITION_KEYS, PowerItem, build_item
from service.clock import MovedClock
from service.commands.compare_treasury import TreasuryComparer
from service.commands.recorders import RECORDERS
from service.commands.services import Services, build_services
from service.commands.taking_receipts import COMPARE_KIND
from service.database.session import create_database_engine, transaction
from service.database.tables import process_definition
from service.database.upgrading import upgrade
from service.definitions.bundle import Bundle, BundleCache
from service.demo.answers import Story, answers
from service.demo.county import PASSWORD, catalogue, found_county
from service.notices.announcing import announcer
from service.notices.gateways import gateway_senders
from service.notices.outbox import drain
from service.settings import Settings, read_settings
from service.web.application import create_app
from service.worker.advancing import SteppingWorker
from supervision.registration import register
from tests.codes import Codes
from tests.servers.postgresql import Postgresql

# 09:00 on a Monday, in the county's zone.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
APPLICANT = {"name": "临江县恒晟化工有限公司", "credit_code": "91329901MA1K2T3X6K", "mobile": "13800138001"}
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_NUMBERS = itertools.count(1)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def settings_of(folder: Path, **more: str) -> Settings:
    environment = {
        "MINGJING_SECRET_KEY": "a key for tests that is long enough",
        "MINGJING_BANK_KEY": "a bank's key for tests, long enough",
        "MINGJING_TESTING": "1",
        "MINGJING_UPLOAD_LIMIT": "1000000",
        **more,
    }
    return read_settings(environment, data=folder)


@dataclass(frozen=True)
class Founded:
    """A county before its first case: where its database lies, and its diagrams, parsed once a run."""

    settings: Settings
    bundles: BundleCache
    last_shipped: int


class ShippedBundles(BundleCache):
    """What the county came with is parsed once a run; what a test deploys stays with the test."""

    def __init__(self, founded: Founded) -> None:
        super().__init__(100)
        self._founded = founded

    def get(self, connection: Connection, definition_id: int) -> Bundle:
        if definition_id <= self._founded.last_shipped:
            return self._founded.bundles.get(connection, definition_id)
        return super().get(connection, definition_id)


def found(settings: Settings) -> Founded:
    upgrade(settings.database_url)
    engine = create_database_engine(settings.database_url)
    services = build_services(settings)
    with transaction(engine) as connection:
        found_county(connection, services, MONDAY)
        last = connection.execute(select(func.max(process_definition.c.id))).scalar_one()
    engine.dispose()
    return Founded(settings, services.bundles, last)


@pytest.fixture(scope="session")
def founded_county(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """On SQLite: a file to copy."""
    return found(settings_of(tmp_path_factory.mktemp("founded")))


@pytest.fixture
def office(founded_county: Founded, tmp_path: Path) -> Iterator[Office]:
    """A county of this test's own, its clock at Monday 09:00."""
    shutil.copy(founded_county.settings.data / "mingjing.db", tmp_path / "mingjing.db")
    yield from opened(settings_of(tmp_path), founded_county)


@pytest.fixture(scope="session")
def founded_on_postgresql(postgresql_server: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """On PostgreSQL: a template database."""
    url = postgresql_server.create_database(f"interface_{_WORKER}")
    return found(settings_of(tmp_path_factory.mktemp("founded"), MINGJING_DATABASE_URL=url))


@pytest.fixture
def postgresql_office(
    postgresql_server: Postgresql, founded_on_postgresql: Founded, tmp_path: Path
) -> Iterator[Office]:
    """The same county on PostgreSQL."""
    name = f"interface_{_WORKER}_{next(_NUMBERS)}"
    url = postgresql_server.create_database(name, template=f"interface_{_WORKER}")
    yield from opened(settings_of(tmp_path, MINGJING_DATABASE_URL=url), founded_on_postgresql)
    postgresql_server.drop_database(name)


def opened(settings: Settings, founded: Founded) -> Iterator[Office]:
    """The office, closed again when the test is over."""
    engine = create_database_engine(settings.database_url)
    services = build_services(settings, MovedClock(MONDAY))
    services.bundles = ShippedBundles(founded)
    gateways = gateway_senders(settings, services.clock)
    senders = {"announcement": announcer(settings), **gateways, **RECORDERS, **register(services)}
    senders[COMPARE_KIND] = TreasuryComparer(engine, services)
    clock = services.clock
    assert isinstance(clock, MovedClock)
    stepping = SteppingWorker(engine, services, senders, clock)
    app = create_app(engine, services, drain=partial(drain, engine, services, senders), stepping=stepping)
    yield Office(app, engine, services, stepping)
    engine.dispose()


@dataclass
class Person:
    """Somebody signed in over the interface."""

    office: Office
    client: FlaskClient
    token: str
    username: str
    _sure: bool = False

    def sure(self) -> Person:
        """The same with the second step open, as reviews, decisions, printing and rulings on halts ask for it."""
        if not self._sure:
            self.office.codes.open_with(self.username, lambda code: self.give_code(code).status_code == 200)
            self._sure = True
        return self

    def give_code(self, code: str) -> TestResponse:
        return self.post("/sessions/current/second-factor", {"code": code})

    def call(self, method: str, path: str, **given: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **given.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, buffered=True, **given)

    def get(self, path: str, **given: Any) -> TestResponse:
        return self.call("GET", path, **given)

    def post(self, path: str, json: Any = None, **given: Any) -> TestResponse:
        return self.call("POST", path, json=json, **given)

    def put(self, path: str, json: Any = None, **given: Any) -> TestResponse:
        return self.call("PUT", path, json=json, **given)

    def upload(
        self,
        number: str,
        material: str,
        content: bytes = PDF,
        name: str = "扫描件.pdf",
        replaces: str | None = None,
        **given: Any,
    ) -> TestResponse:
        form = {"material": material, "file": FileStorage(io.BytesIO(content), name)}
        form |= {"replaces": replaces} if replaces is not None else {}
        stream, _, boundary = stream_encode_multipart(form, use_tempfile=False)
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.post(f"/cases/{number}/attachments", data=stream.read(), content_type=kind, **given)


@dataclass
class Office:
    """The whole service in one process; time stands still until it is moved."""

    app: Flask
    engine: Engine
    services: Services
    stepping: SteppingWorker
    codes: Codes = field(default_factory=Codes)
    _people: dict[str, Person] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def sign_in(self, username: str) -> Person:
        """A person of the demo county, signed in once."""
        if username not in self._people:
            client = self.client()
            given = client.post("/api/v1/sessions", json={"username": username, "password": PASSWORD})
            assert given.status_code == 201, given.text
            self._people[username] = Person(self, client, given.get_json()["token"], username)
        return self._people[username]

    def wait(self, **duration: float) -> None:
        """Let time pass; what falls due on the way happens."""
        self.stepping.move_to(self.now + timedelta(**duration))

    def start(self, power_item: str = "LJ-YJ-XK-001", **choices: Any) -> dict[str, Any]:
        """A case, entered by the window clerk of the item's department."""
        first = self._item(power_item).first_post
        by = "clerk" if first == "applicant" else first
        given = self.sign_in(f"{department_of(power_item)}_{by}").post(
            "/cases", self.application(power_item, **choices)
        )
        assert given.status_code == 201, given.text
        case: dict[str, Any] = given.get_json()
        return case

    def application(self, power_item: str = "LJ-YJ-XK-001", **choices: Any) -> dict[str, Any]:
        """A body for POST /cases that is complete and true to its form."""
        item = self._item(power_item)
        filled = self.answers(power_item, item.content["steps"][0]["id"], **choices)
        applicant = {} if item.applicant_from else {"applicant": APPLICANT}
        return {"power_item": power_item, **applicant, "answers": filled}

    def _item(self, power_item: str) -> PowerItem:
        row = next(one for one in catalogue()["items"] if one["code"] == power_item)
        return build_item(power_item, 1, DEFINITION_KEYS[power_item], row)

    def answers(self, power_item: str, form_key: str, **choices: Any) -> dict[str, Any]:
        today = (self.now + timedelta(hours=8)).date()
        story = Story(power_item, 0, today, officers=("F-0001", "F-0002"), choices=choices)
        return answers(story, form_key, today)

    def case(self, number: str, by: str = "auditor") -> dict[str, Any]:
        found: dict[str, Any] = self.sign_in(by).get(f"/cases/{number}").get_json()
        return found

    def task(self, number: str, element_id: str) -> dict[str, Any]:
        """The open task of a step."""
        case = self.case(number)
        return next(task for task in case["user_tasks"] if task["element_id"] == element_id)

    def complete(self, number: str, element_id: str, by: str, **choices: Any) -> TestResponse:
        """Complete the open task of a step with the demonstration's answers, as the choices vary them."""
        task = self.task(number, element_id)
        filled = self.answers(self.case(number)["power_item"], task["form_key"], **choices)
        return self.sign_in(by).sure().post(f"/user-tasks/{task['id']}/complete", {"answers": filled})

    def work(self, number: str, element_id: str, **choices: Any) -> dict[str, Any]:
        """Do a step as it should be done: materials, waiting time, second signature, then the form."""
        task = self.task(number, element_id)
        place = task["department"].lower()
        by = task["post"] if task["post"] in ("centre", "county_leader") else f"{place}_{task['post']}"
        for material in self.sign_in(by).get(f"/user-tasks/{task['id']}").get_json()["required_materials"]:
            for _ in range(material["need"] - material["have"]):
                assert self.sign_in(f"{place}_clerk").upload(number, material["key"]).status_code == 201
        self.wait(seconds=1)  # So that two steps never stand at one instant.
        if task["earliest_at"] is not None:
            self.stepping.move_to(max(self.now, datetime.fromisoformat(task["earliest_at"])))
        if task["officers"] > 1:
            first = self.sign_in(by)
            assert first.post(f"/user-tasks/{task['id']}/claim").status_code == 200
            written = {"answers": self.answers(self.case(number)["power_item"], task["form_key"], **choices)}
            assert first.put(f"/user-tasks/{task['id']}/draft", written).status_code == 200
            assert self.sign_in(f"{by}2").post(f"/user-tasks/{task['id']}/sign").status_code == 200
        done = self.complete(number, element_id, by, **choices)
        assert done.status_code == 200, done.text
        found: dict[str, Any] = done.get_json()
        return found

    def walk(self, number: str, until: str, **choices: Any) -> dict[str, Any]:
        """Do step after step until that one is open; the case then."""
        for _ in range(20):
            case = self.case(number)
            open_steps = [task["element_id"] for task in case["user_tasks"]]
            if until in open_steps or not open_steps:
                return case
            self.work(number, open_steps[0], **choices)
        raise AssertionError(f"Expected {number} to reach {until}")

    def upload_all(self, number: str, step: str, by: str) -> None:
        """Hand in every material that a step asks for."""
        for material in self.case(number)["materials"]:
            if material["needed_before_step"] == step:
                for _ in range(material["need"] - material["have"]):
                    given = self.sign_in(by).upload(number, material["key"])
                    assert given.status_code == 201, given.text


def department_of(power_item: str) -> str:
    return power_item.split("-")[1].lower()
