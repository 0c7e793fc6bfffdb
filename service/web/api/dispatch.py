"""Runs one endpoint: who asks, may they, what do they say, once only, in one transaction, answered in JSON."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy import Connection

from service.clock import real_now
from service.commands.performing import perform, perform_on_case
from service.database.session import reading
from service.errors import Refused
from service.notices.outbox import Wanted
from service.people.permissions import may
from service.web.api.endpoint import Answer, Call, Endpoint
from service.web.api.reading_body import body_digest, read_body, read_if_match, read_query
from service.web.context import WebContext, context
from service.web.idempotency import HEADER, Kept, RequestKey, request_key
from service.web.request import (
    current_actor,
    locale,
    now,
    require_actor,
    require_csrf,
    require_second_factor,
    signed_in,
)


def view_function(endpoint: Endpoint) -> Callable[..., Response]:
    """Flask's view function of an endpoint."""

    def answer(**arguments: Any) -> Response:
        call = _call(endpoint)
        if not endpoint.acts:
            with reading(call.web.engine) as connection:
                found = endpoint.view(call, connection, **arguments)
                return found.value if isinstance(found.value, Response) else respond(_dumped(endpoint, found))
        with endpoint.around(call) if endpoint.around is not None else nullcontext():
            return respond(_acted(endpoint, call, arguments))

    answer.__name__ = endpoint.name.replace(".", "_")
    return answer


def _call(endpoint: Endpoint) -> Call:
    """The request as the view gets it; access goes before anything that the client says."""
    if not endpoint.public:
        require_actor()
        require_csrf()
    if endpoint.permission is not None:
        require_permission(endpoint.permission)
    if endpoint.second_factor:
        require_second_factor()
    web = context()
    return Call(
        web=web,
        locale=locale(),
        now=now(),
        session=signed_in(),
        person=current_actor(),
        query=read_query(endpoint),
        body=read_body(endpoint, web.services.settings.upload_limit_bytes),
        if_match=read_if_match(request.headers.get("If-Match")),
    )


def require_permission(permission: str, department: str | None = None) -> None:
    """Raises Refused not_permitted unless a post of the person carries the permission."""
    if not may(require_actor(), permission, department):
        raise Refused("not_permitted", "您的岗位没有此项权限", f"Expected a post with the permission {permission}")


def _acted(endpoint: Endpoint, call: Call, arguments: dict[str, Any]) -> Kept:
    key = _request_key(endpoint, call)
    kept, answer = _performed(endpoint, call, arguments, key)
    if answer is not None and call.web.stepping is not None:
        call.web.stepping.look()
    elif answer is not None and endpoint.late is not None:
        call.web.drain(call.now, Wanted(endpoint.late_kinds, arguments.get("number")))
    if answer is not None and endpoint.late is not None:
        return _answered_late(endpoint, call, key, answer)
    return kept


def _request_key(endpoint: Endpoint, call: Call) -> RequestKey | None:
    given = request.headers.get(HEADER)
    if given is None:
        return None
    person_id = call.person.person_id if call.person else None
    return request_key(given, person_id, request.method, request.path, body_digest(endpoint))


def _performed(
    endpoint: Endpoint, call: Call, arguments: dict[str, Any], key: RequestKey | None
) -> tuple[Kept, Answer | None]:
    """The act and its answer in one transaction; no Answer if it was only repeated."""

    def command(connection: Connection) -> tuple[Kept, Answer | None]:
        before = key.claim(connection, real_now()) if key is not None else None
        if before is not None:
            return before, None
        try:
            answer = endpoint.view(call, connection, **arguments)
        except Refused:
            if key is not None:
                key.drop(connection)
            raise
        kept = _dumped(endpoint, answer)
        if key is not None:
            key.store(connection, kept.status, kept.answer, kept.headers)
        return kept, answer

    web: WebContext = call.web
    task_id, number = arguments.get("task_id"), arguments.get("number")
    if task_id is None and number is None:
        return perform(web.engine, command)
    return perform_on_case(
        web.engine, web.services, command, actor=call.person, now=call.now, task_id=task_id, number=number
    )


def _answered_late(endpoint: Endpoint, call: Call, key: RequestKey | None, answer: Answer) -> Kept:
    """The answer once more, with what the outbox has brought back."""

    def command(connection: Connection) -> Kept:
        assert endpoint.late is not None  # noqa: S101 - the caller has looked
        kept = _dumped(endpoint, endpoint.late(call, connection, answer))
        if key is not None:
            key.store(connection, kept.status, kept.answer, kept.headers)
        return kept

    return perform(call.web.engine, command)


def _dumped(endpoint: Endpoint, answer: Answer) -> Kept:
    headers = dict(answer.headers)
    if answer.version is not None:
        headers["ETag"] = f'"{answer.version}"'
    if isinstance(answer.value, bytes):
        return Kept(endpoint.status, answer.value, {**headers, "Content-Type": answer.content_type})
    if endpoint.answer is None:
        return Kept(endpoint.status, b"", headers)
    content = orjson.dumps(endpoint.answer.dump(answer.value))
    return Kept(endpoint.status, content, {**headers, "Content-Type": "application/json"})


def respond(kept: Kept) -> Response:
    response = Response(kept.answer, kept.status, kept.headers)
    if kept.status == 204:
        response.headers.pop("Content-Type", None)
    return response
