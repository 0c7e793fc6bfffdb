"""HTTP: the acts of `steps` as requests, straight into the WSGI application, and through waitress on loopback."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import waitress
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from bench.bureau import ITEM, MONDAY, STEPS, Bureau, bureau
from bench.metering import Cost, Costs, Meter, quietest
from bench.record import Findings, Options, Row, Target, most
from service.clock import MovedClock
from service.database.session import transaction
from service.demo.county import PASSWORD
from service.web.application import create_app

ROUNDS = 120
# The rounds are walked in so many passes, and the quietest counts.
PASSES = 4
COMPLETION_MS = 4.0
THREADS = 8
# (status, body) of a method, a path, a user's token and a body.
Ask = Callable[[str, str, str, Any], tuple[int, Any]]


def measure(options: Options) -> Findings:
    """Whole requests: who asks, the act, the answer. The CPU of whoever asks through waitress is left out."""
    rounds = options.rounds or ROUNDS
    with bureau(options.database) as office:
        app = create_app(office.engine, office.services)
        meter = Meter(office.engine)
        each = -(-rounds // PASSES)
        direct = called_directly(app, meter)
        rows = _rows(office, "WSGI in process", [_walk(office, each, direct).medians() for _ in range(PASSES)])
        with served(app, meter) as ask:
            rows += _rows(office, "waitress", [_walk(office, each, ask).medians() for _ in range(PASSES)])
    completions = [row for row in rows if row["act"].startswith("complete") and row["way"] == "waitress"]
    target = Target("completing a task through HTTP, sqlite", "ms CPU", COMPLETION_MS, most(completions, "cpu_ms"))
    return Findings(rows, [target] if office.database == "sqlite" else [], options={"cases": rounds, "passes": PASSES})


def _rows(office: Bureau, way: str, passes: list[dict[str, Cost]]) -> list[Row]:
    return [{"database": office.database, "way": way, "act": act, **cost} for act, cost in quietest(passes).items()]


class Asking:
    """A way to ask; the cost of the last request."""

    def __init__(self, ask: Ask, meter: Meter) -> None:
        self._ask, self._meter = ask, meter
        self.cost: Cost = {}

    def __call__(self, method: str, path: str, token: str = "", body: Any = None) -> Any:
        self.cost, (status, answer) = self._meter.measure(lambda: self._ask(method, f"/api/v1{path}", token, body))
        if status >= 300:
            raise AssertionError(f"Expected {method} {path} to succeed, but found {status}: {answer}")
        return answer

    def token(self, username: str) -> str:
        return str(self("POST", "/sessions", "", {"username": username, "password": PASSWORD})["token"])


def called_directly(app: Flask, meter: Meter) -> Asking:
    """No server at all."""

    def ask(method: str, path: str, token: str, body: Any) -> tuple[int, Any]:
        builder = EnvironBuilder(path=path, method=method, json=body, headers=Headers(_headers(token)))
        status: list[str] = []
        content: list[bytes] = []

        def start(line: str, _headers: object, _info: object = None, /) -> Callable[[bytes], object]:
            status.append(line)
            return content.append

        content.extend(app(builder.get_environ(), start))
        return int(status[0][:3]), json.loads(b"".join(content) or b"null")

    return Asking(ask, meter)


class _ByOthers(Asking):
    """Leaves out the CPU of the thread that asks."""

    def __call__(self, method: str, path: str, token: str = "", body: Any = None) -> Any:
        own = time.thread_time()
        answer = super().__call__(method, path, token, body)
        self.cost["cpu_ms"] -= (time.thread_time() - own) * 1000
        return answer


@contextmanager
def served(app: Flask, meter: Meter) -> Iterator[Asking]:
    """Through waitress as `mingjing run` has it, over one connection that stays open."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=THREADS, ident=None, asyncore_use_poll=True)
    threading.Thread(target=server.run, name="waitress", daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", server.effective_port)

    def ask(method: str, path: str, token: str, body: Any) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, path, content, {**_headers(token), "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    try:
        yield _ByOthers(ask, meter)
    finally:
        connection.close()
        server.task_dispatcher.shutdown()
        server.close()


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _walk(office: Bureau, rounds: int, ask: Asking) -> Costs:
    costs = Costs()
    tokens = {who: ask.token(f"yj_{who}") for who in ("clerk", "officer", "section", "vice")}
    office.open_second_steps()
    for number in range(rounds):
        _one_case(office, ask, tokens, costs, number)
    return costs


def _one_case(office: Bureau, ask: Asking, tokens: dict[str, str], costs: Costs, number: int) -> None:
    _move(office, MONDAY)
    command = office.application(number)
    body = {
        "power_item": ITEM,
        "applicant": command.applicant and command.applicant.as_json(),
        "answers": command.answers,
    }
    case = ask("POST", "/cases", tokens["clerk"], body)
    costs.add("start a case", ask.cost)
    at, case_id = MONDAY, office.case_of(case["user_tasks"][0]["id"])
    with transaction(office.engine) as connection:
        office.put_materials(connection, case_id, at)
    for step, who, minutes in STEPS:
        at += timedelta(minutes=minutes)
        _move(office, at)
        task_id = office.open_task(case_id, step)
        if step == "site_survey":
            with transaction(office.engine) as connection:
                office.sign(connection, task_id, at)
        ask("GET", f"/user-tasks/{task_id}", tokens[who])
        costs.add("open a task", ask.cost)
        ask("POST", f"/user-tasks/{task_id}/complete", tokens[who], {"answers": office.answers(number, step)})
        costs.add(f"complete {step}", ask.cost)


def _move(office: Bureau, to: Any) -> None:
    clock = office.services.clock
    if isinstance(clock, MovedClock):
        clock.move(to)
