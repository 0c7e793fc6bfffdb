"""文书模板: the words of each kind of document, seen as PDF, proposed by one person and released by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from service.certificates.sample import sample_document
from service.certificates.templating import (
    PLACEHOLDERS,
    TemplateError,
    allowed_in,
    built_in,
    checked_sections,
    editable_kinds,
)
from service.commands.proposals import OPEN
from service.commands.propose import Propose, propose
from service.commands.template_proposal import TEMPLATE_RELEASED, subject_of_words
from service.errors import Detail, Refused, not_found
from service.people.permissions import may
from service.reads.document_words import newest_versions, versions_of, words_in_force
from service.reads.proposals import list_proposals
from service.reads.work_marks import items_of
from service.web.context import context
from service.web.pages import words
from service.web.pages.section_words import section_word
from service.web.pages.shell import act, argument, ask, back, pages, refusal_view, require, today
from service.web.pages.words import N_, say
from service.web.request import now, require_second_factor

_PART = "section-"
_LONGEST = 30_000
pages.add_app_template_filter(section_word, "section_word")


@pages.get("/document-words")
def document_words() -> str:
    """Every kind of document whose words may be the county's own."""
    actor = require("edit_document_words")

    def read(connection: Connection) -> dict[str, Any]:
        newest = newest_versions(connection)
        return {
            "rows": [
                (kind, _kind_word(kind), newest.get((kind, "")), _items_with(newest, kind)) for kind in editable_kinds()
            ],
            "waiting": list_proposals(connection, [TEMPLATE_RELEASED], status=OPEN).items,
            "items": _items(connection),
        }

    return render_template("document_words.html", **ask(read), me=actor.person_id, may_decide=True)


@pages.get("/document-words/<key:kind>")
def words_of_document(kind: str) -> str:
    """The words of one kind, of all items or of `?item=`."""
    return _editor(kind, argument("item") or "")


@pages.post("/document-words/<key:kind>")
def propose_words(kind: str) -> AnyResponse | tuple[str, int]:
    """Propose a version; it is drawn from then on when another person has released it."""
    require("edit_document_words")
    item = request.form.get("item", "")[:40]
    _require_kind(kind)
    sections = None if request.form.get("built_in") else _given(kind)
    command = Propose(
        TEMPLATE_RELEASED, subject_of_words(kind, item), {"sections": sections}, request.form.get("reason", "")
    )
    try:
        require_second_factor()
        act(lambda connection, web, actor: propose(connection, web.services, actor, command, now()))
    except Refused as refusal:
        if refusal.code == "second_factor_required":
            raise
        return _editor(kind, item, refusal), refusal.status
    return back(url_for("pages.words_of_document", kind=kind, item=item or None), say("已提出，须另一人发布后生效"))


@pages.post("/document-words/<key:kind>/preview")
def preview_words(kind: str) -> Response:
    """The words as they stand in the form, as PDF; nothing is kept."""
    require("edit_document_words")
    _require_kind(kind)
    try:
        sections = checked_sections(kind, _given(kind))
    except TemplateError as error:
        detail = Detail("invalid_template", error.zh, error.en, pointer=f"/{_PART}{error.section}")
        raise Refused("invalid_request", error.zh, error.en, [detail]) from None
    variant = request.form.get("variant", "")
    item = request.form.get("item", "")[:40]
    name, organ, day = ask(lambda connection: (_item_name(connection, item), "临江县（机关名称）", today(connection)))
    pdf = sample_document(kind, _kind_word(kind, "zh-CN"), name, organ, sections, variant[:40], day)
    response = Response(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{kind}-sample.pdf"'
    return response


def _editor(kind: str, item: str, refusal: Refused | None = None) -> str:
    actor = require("edit_document_words")
    _require_kind(kind)

    def read(connection: Connection) -> dict[str, Any]:
        subject = subject_of_words(kind, item)
        return {
            "now_in_force": words_in_force(connection, kind, item, now()),
            "versions": versions_of(connection, kind, item),
            "waiting": list_proposals(connection, [TEMPLATE_RELEASED], status=OPEN, subject=subject).items,
            "items": _items(connection),
        }

    found = ask(read)
    if item and item not in dict(found["items"]):
        raise not_found("该事项", f"power item {item}")
    texts = {name: "\n".join(texts) for name, texts in found["now_in_force"].sections.items()}
    texts |= {name: request.form[_PART + name] for name in texts if _PART + name in request.form}
    return render_template(
        "document_words_edit.html",
        **found,
        kind=kind,
        kind_word=_kind_word(kind),
        item=item,
        texts=texts,
        placeholders=[(name, PLACEHOLDERS[name][words.in_english()]) for name in allowed_in(kind)],
        variants=[name.partition("_")[2] for name in built_in(kind) if name.startswith("opening_")],
        me=actor.person_id,
        may_decide=may(actor, "edit_document_words"),
        given=request.form,
        problem=refusal_view(refusal) if refusal else None,
    )


def _given(kind: str) -> dict[str, list[str]]:
    """The form's textareas: a paragraph a line."""
    found = {name: request.form.get(_PART + name, "")[:_LONGEST] for name in built_in(kind)}
    return {name: [line.strip() for line in text.splitlines() if line.strip()] for name, text in found.items()}


def _require_kind(kind: str) -> None:
    if kind not in editable_kinds():
        raise not_found("该文书", f"a kind of document {kind} with words to edit")


def _kind_word(kind: str, locale: str = "") -> str:
    names = {"decision": N_("准予决定书"), "urging": N_("催缴通知书")} | words.DOCUMENT_KINDS
    return str(names.get(kind, kind)) if locale else words.word(names, kind)


def _items(connection: Connection) -> list[tuple[str, str]]:
    return [(choice.value, words.named(choice)) for choice in items_of(connection, None)]


def _items_with(newest: Mapping[tuple[str, str], int], kind: str) -> list[tuple[str, int]]:
    return [(item, version) for (own, item), version in newest.items() if own == kind and item]


def _item_name(connection: Connection, item: str) -> str:
    found = context().services.items.current(connection, item) if item else None
    return found.name_zh if found is not None else "（事项名称）"
