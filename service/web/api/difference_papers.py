"""Papers that show what was decided or stated about a difference between treasury and system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from sqlalchemy import Connection

from service.commands.decide_difference import (
    DecideDifference,
    EvidencePaper,
    StateReason,
    decide_difference,
    state_reason,
)
from service.errors import not_found
from service.reads.differences import evidence_of
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.reading_body import required_file
from service.web.api.reconciliation import PLACE, DifferenceWithTrail, with_trail
from service.web.kept_files import send_kept_file

endpoints = Endpoints("reconciliation")


@contextmanager
def _paper_received(call: Call) -> Iterator[None]:
    """Receive the paper before the transaction: nobody waits for a slow upload."""
    file = required_file()
    with call.web.files.staged(file.stream) as staged:
        call.body = EvidencePaper(file.filename or "file", staged, call.web.files.keep)
        yield


@endpoints.post(
    f"{PLACE}/<number:difference_id>/decision/paper",
    answer=DifferenceWithTrail(),
    content="multipart",
    around=_paper_received,
    permission="decide_differences",
    codes=("not_found", "not_permitted", "invalid_request", "unsupported_media", "payload_too_large"),
)
def decide_with_paper(call: Call, connection: Connection, difference_id: int) -> Answer:
    """A decision with a paper that shows it."""
    form = request.form
    said = form.get("reason", ""), form.get("evidence", "")
    command = DecideDifference(difference_id, form.get("decision", ""), *said, call.body)
    decide_difference(connection, call.actor, command, call.now)
    return with_trail(call, connection, difference_id)


@endpoints.post(
    f"{PLACE}/<number:difference_id>/statement/paper",
    answer=DifferenceWithTrail(),
    content="multipart",
    around=_paper_received,
    permission="explain_differences",
    codes=("not_found", "not_permitted", "invalid_request", "unsupported_media", "payload_too_large"),
)
def state_with_paper(call: Call, connection: Connection, difference_id: int) -> Answer:
    """What the department knows, with a paper that shows it."""
    form = request.form
    command = StateReason(difference_id, form.get("reason", ""), form.get("evidence", ""), call.body)
    state_reason(connection, call.actor, command, call.now)
    return with_trail(call, connection, difference_id)


@endpoints.get(
    f"{PLACE}/<number:difference_id>/papers/<number:act_id>",
    answer=None,
    codes=("not_found", "not_permitted"),
    produces="application/octet-stream",
)
def read_evidence(call: Call, connection: Connection, difference_id: int, act_id: int) -> Answer:
    """The bytes of a paper, as a download."""
    found = evidence_of(connection, call.actor, difference_id, act_id)
    response = found and send_kept_file(
        found.digest, found.size, media_type=found.media_type, filename=found.name, inline=False
    )
    if response is None:
        raise not_found("该文件", f"a paper {act_id}")
    return Answer(response)
