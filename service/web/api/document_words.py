"""The words of documents (文书模板): what is in force, the versions, proposing one, and a sample as PDF."""

from __future__ import annotations

from marshmallow import fields
from sqlalchemy import Connection

from service.certificates.sample import sample_document
from service.certificates.templating import TemplateError, allowed_in, checked_sections, editable_kinds
from service.commands.propose import Propose, propose
from service.commands.template_proposal import TEMPLATE_RELEASED, subject_of_words
from service.errors import Detail, Refused, not_found
from service.reads.document_words import versions_of, words_in_force
from service.reads.proposals import read_proposal
from service.web.api.endpoint import Answer, Call, Endpoints
from service.web.api.fields import AnyValue, Body, Instant, Query, Text, View
from service.web.api.proposals import ProposalSchema

endpoints = Endpoints("administration")
_EDITS = "edit_document_words"


class WordsQuery(Query):
    power_item = Text(40)


class NewWords(Body):
    """`sections` null goes back to the built-in words."""

    power_item = Text(40)
    sections = AnyValue(required=True, allow_none=True)
    reason = Text(500, required=True)


class SampleWords(Body):
    power_item = Text(40)
    sections = AnyValue(required=True)
    variant = Text(40)


class VersionOfWords(View):
    version = fields.Integer()
    sections = AnyValue(allow_none=True)
    reason = fields.String()
    proposed_by = fields.String()
    in_force_from = Instant()


class WordsOfKind(View):
    kind = fields.String()
    power_item = fields.String()
    version = fields.Integer(allow_none=True)
    sections = AnyValue()
    placeholders = fields.List(fields.String())
    versions = fields.List(fields.Nested(VersionOfWords))


class KindsWithWords(View):
    items = fields.List(fields.String())


@endpoints.get("/document-words", answer=KindsWithWords(), permission=_EDITS)
def find_kinds(_call: Call, _connection: Connection) -> Answer:
    """The kinds of documents whose words may be the county's own."""
    return Answer({"items": list(editable_kinds())})


@endpoints.get(
    "/document-words/<key:kind>", answer=WordsOfKind(), query=WordsQuery(), permission=_EDITS, codes=("not_found",)
)
def read_words(call: Call, connection: Connection, kind: str) -> Answer:
    """The words in force of a kind, of all items or of one, and their versions."""
    _require_kind(kind)
    item = call.query.get("power_item") or ""
    current = words_in_force(connection, kind, item, call.now)
    return Answer(
        {
            "kind": kind,
            "power_item": current.power_item,
            "version": current.version,
            "sections": {name: list(texts) for name, texts in current.sections.items()},
            "placeholders": list(allowed_in(kind)),
            "versions": versions_of(connection, kind, item),
        }
    )


@endpoints.post(
    "/document-words/<key:kind>/proposals",
    answer=ProposalSchema(),
    body=NewWords(),
    status=201,
    permission=_EDITS,
    second_factor=True,
    codes=("not_found", "invalid_request", "move_refused"),
)
def propose_words(call: Call, connection: Connection, kind: str) -> Answer:
    """Propose a version; it holds for documents that are made after another person has released it."""
    _require_kind(kind)
    body = call.body
    command = Propose(
        TEMPLATE_RELEASED,
        subject_of_words(kind, body.get("power_item") or ""),
        {"sections": body["sections"]},
        body["reason"],
    )
    return Answer(read_proposal(connection, propose(connection, call.web.services, call.actor, command, call.now)))


@endpoints.post(
    "/document-words/<key:kind>/sample",
    answer=None,
    body=SampleWords(),
    acts=False,
    permission=_EDITS,
    produces="application/pdf",
    codes=("not_found", "invalid_request"),
)
def sample_words(call: Call, connection: Connection, kind: str) -> Answer:
    """A PDF with made-up facts; nothing is kept."""
    _require_kind(kind)
    try:
        sections = checked_sections(kind, call.body["sections"])
    except TemplateError as error:
        detail = Detail("invalid_template", error.zh, error.en, pointer=f"/sections/{error.section}")
        raise Refused("invalid_request", error.zh, error.en, [detail]) from None
    code = call.body.get("power_item")
    item = call.web.services.items.current(connection, code) if code else None
    name = item.name_zh if item is not None else "（事项名称）"
    day = call.web.services.calendars.get(connection).local_date(call.now)
    variant = call.body.get("variant") or ""
    pdf = sample_document(kind, kind, name, "（机关名称）", sections, variant, day)
    return Answer(pdf, content_type="application/pdf")


def _require_kind(kind: str) -> None:
    if kind not in editable_kinds():
        raise not_found("该文书", f"a kind of document {kind} with words to edit")
