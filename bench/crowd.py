"""Simulated clerks: threads that each hold a connection, open a task over HTTP, complete it, and take the next."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.bureau import Bureau
from service.demo.county import PASSWORD


@dataclass(frozen=True, slots=True)
class Work:
    """A task that is open, whose it is, and what is filled in."""

    task_id: str
    username: str
    answers: dict[str, Any]


@dataclass
class Done:
    """What a crowd has done: seconds of each request by its end (monotonic), and what went wrong."""

    completions: list[tuple[float, float]] = field(default_factory=list)
    openings: list[tuple[float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def between(self, begin: float, end: float) -> list[float]:
        """Seconds of the completions that ended in that time."""
        return [seconds for at, seconds in self.completions if begin <= at < end]


class Clerk(threading.Thread):
    """One person at one screen; `pause` seconds between two tasks."""

    def __init__(self, port: int, tokens: dict[str, str], work: deque[Work], done: Done, pause: float) -> None:
        super().__init__(daemon=True)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._tokens, self._work, self._done, self._pause = tokens, work, done, pause
        self.leaving = threading.Event()

    def run(self) -> None:
        try:
            while not self.leaving.wait(self._pause):
                self._one(self._work.popleft())
        except IndexError:
            self._done.errors.append("Expected enough open tasks, but they ran out")
        finally:
            self._connection.close()

    def _one(self, task: Work) -> None:
        token, path = self._tokens[task.username], f"/api/v1/user-tasks/{task.task_id}"
        try:
            self._done.openings.append(self._timed("GET", path, token, None))
            self._done.completions.append(self._timed("POST", f"{path}/complete", token, {"answers": task.answers}))
        except (OSError, http.client.HTTPException, RuntimeError) as problem:
            self._done.errors.append(f"{type(problem).__name__}: {problem}"[:300])
            self._connection.close()

    def _timed(self, method: str, path: str, token: str, body: Any) -> tuple[float, float]:
        begun = time.monotonic()
        ask(self._connection, method, path, token, body)
        ended = time.monotonic()
        return ended, ended - begun


def ask(connection: http.client.HTTPConnection, method: str, path: str, token: str = "", body: Any = None) -> Any:
    """The answer's JSON. RuntimeError for any status but success."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:200].decode(errors='replace')}")
    return json.loads(content or b"null")


def signed_in(port: int, usernames: set[str]) -> dict[str, str]:
    """A token for each."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        given = {"password": PASSWORD}
        return {
            name: str(ask(connection, "POST", "/api/v1/sessions", "", {**given, "username": name})["token"])
            for name in sorted(usernames)
        }
    finally:
        connection.close()


@contextmanager
def at_work(office: Bureau, port: int, clerks: int, work: deque[Work], *, pause: float = 0.0) -> Iterator[Done]:
    """So many clerks until the block ends; they finish what they have begun."""
    tokens = signed_in(port, {task.username for task in work})
    office.open_second_steps()
    done = Done()
    crowd = [Clerk(port, tokens, work, done, pause) for _ in range(clerks)]
    for clerk in crowd:
        clerk.start()
    try:
        yield done
    finally:
        for clerk in crowd:
            clerk.leaving.set()
        for clerk in crowd:
            clerk.join(60)
