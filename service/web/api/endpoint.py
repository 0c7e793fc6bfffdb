"""What an endpoint declares, and what its view is handed. Routing, access and OpenAPI read nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from marshmallow import Schema
from sqlalchemy import Connection

from service.errors import Refused
from service.people.actor import Actor
from service.people.sign_in import SignedIn
from service.web.context import WebContext

Content = Literal["none", "json", "xml", "multipart", "octets"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view answers: `value` is dumped by the endpoint's schema unless it is bytes.

    `version` becomes the ETag.
    """

    value: Any = None
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass
class Call:
    """One request, read and checked."""

    web: WebContext
    locale: str
    now: datetime
    session: SignedIn | None
    person: Actor | None
    query: dict[str, Any]
    body: Any
    if_match: frozenset[int] | None

    @cached_property
    def actor(self) -> Actor:
        """The person who asks. Raises Refused not_signed_in; only public endpoints ever get there without one."""
        if self.person is None:
            raise Refused("not_signed_in", "请先登录", "Expected somebody signed in")
        return self.person

    def require_version(self, version: int) -> None:
        """If-Match names the version that the client saw. Raises Refused version_conflict."""
        if self.if_match is not None and version not in self.if_match:
            raise Refused(
                "version_conflict",
                "办件已有变化，请刷新后再办",
                f"Expected version {sorted(self.if_match)}, found {version}",
                facts={"version": version},
            )


View = Callable[..., Answer]
Around = Callable[[Call], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path.

    `public`: nobody need be signed in. `permission`: one of the permission table that the person must have somewhere;
    views check the department. `acts`: runs in a transaction, takes an Idempotency-Key. `second_factor`: the second
    step must be open. `around` prepares a call outside of its transaction. `late` answers once more after the
    case's messages of `late_kinds` were sent, where what they bring back belongs into the answer.
    """

    method: str
    path: str
    view: View
    summary: str
    tag: str
    answer: Schema | None
    status: int = 200
    query: Schema | None = None
    body: Schema | None = None
    content: Content = "none"
    public: bool = False
    permission: str | None = None
    acts: bool = False
    second_factor: bool = False
    codes: tuple[str, ...] = ()
    late: Callable[[Call, Connection, Answer], Answer] | None = None
    late_kinds: frozenset[str] = frozenset()
    around: Around | None = None
    produces: str = "application/json"

    @property
    def name(self) -> str:
        return f"{self.view.__module__.rsplit('.', 1)[-1]}.{self.view.__name__}"


class Endpoints:
    """The endpoints of one module, in the order in which they stand there."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.all: list[Endpoint] = []

    def get(self, path: str, *, answer: Schema | None, **declared: Any) -> Callable[[View], View]:
        return self.add("GET", path, answer=answer, **declared)

    def post(self, path: str, *, answer: Schema | None, **declared: Any) -> Callable[[View], View]:
        """A POST acts unless it is said not to."""
        return self.add("POST", path, answer=answer, **{"acts": True, **declared})

    def put(self, path: str, *, answer: Schema | None, **declared: Any) -> Callable[[View], View]:
        return self.add("PUT", path, answer=answer, **{"acts": True, **declared})

    def patch(self, path: str, *, answer: Schema | None, **declared: Any) -> Callable[[View], View]:
        return self.add("PATCH", path, answer=answer, **{"acts": True, **declared})

    def delete(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self.add("DELETE", path, answer=None, **{"acts": True, "status": 204, **declared})

    def add(self, method: str, path: str, *, answer: Schema | None, **declared: Any) -> Callable[[View], View]:
        """Declare the decorated function as the view of a method and path; its first line becomes the summary.

        `declared` are the other members of Endpoint; a body that is not said to be anything else is JSON.
        """
        if declared.get("body") is not None:
            declared.setdefault("content", "json")

        def declare(view: View) -> View:
            summary = (view.__doc__ or view.__name__).strip().splitlines()[0]
            self.all.append(Endpoint(method, path, view, summary, self.tag, answer, **declared))
            return view

        return declare
