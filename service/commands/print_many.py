"""Several documents are printed as one job (批量打印): each copy counted and told by itself, unpaid ones left out.

The code of the person is asked for once, before the first page; the fee's gate stands before each document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.certificates.binding import bound_for_printing
from service.commands.performing import perform_on_case
from service.commands.print_document import PrintDocument, draw_ahead, gated_kinds, print_document
from service.commands.services import Services
from service.database.session import reading, transaction
from service.database.tables import case, document, print_job, setting
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor
from service.people.presence import PRESENCE, require_presence
from service.reads.case_view import find_case
from service.reads.printing import PaperToPrint, departments_of_printing

MOST_PRINTED: Final = 20
LONGEST_KEY: Final = 64
_PAPERS = (
    select(
        document.c.id,
        document.c.kind,
        document.c.name_zh,
        document.c.number,
        document.c.copies,
        case.c.number.label("case_number"),
        case.c.department,
    )
    .join(case, case.c.id == document.c.case_id)
    .where(document.c.id.in_(bindparam("ids", expanding=True)))
)
_KNOWN = select(print_job.c.id).where(
    print_job.c.person_id == bindparam("person_id"), print_job.c.key == bindparam("key")
)
_CHOSEN = select(setting.c.content).where(setting.c.name == PRESENCE)
_BEGIN = insert(print_job).returning(print_job.c.id)
_END = (
    update(print_job)
    .where(print_job.c.id == bindparam("b_id"))
    .values(digest=bindparam("digest"), size=bindparam("size"), results=bindparam("results"))
)


@dataclass(frozen=True, slots=True)
class PrintMany:
    """`key` names the job: the same key again gives the same job and prints nothing twice."""

    documents: Sequence[int]
    key: str
    locale: str = "zh-CN"


def print_many(engine: Engine, services: Services, actor: Actor, command: PrintMany, now: datetime) -> int:
    """Print one document after the other; the id of the job, which tells what came of each.

    Raises Refused invalid_request, not_permitted, second_factor_required; all else is told in the job.
    """
    ids = _few(command)
    if not departments_of_printing(actor):
        raise Refused("not_permitted", "您的岗位不能打印文书", "Expected a post that prints")
    with reading(engine) as connection:
        require_presence(actor.presence, "print", connection.execute(_CHOSEN).scalar_one_or_none())
    known, job_id = _begin(engine, actor, command.key, now)
    if known:
        return job_id
    papers, results = [], []
    for document_id in ids:
        content, result = _print_one(engine, services, actor, command, document_id, now)
        results.append(result)
        if content is not None:
            papers.append(content)
    _finish(engine, services, job_id, papers, results)
    return job_id


def unpaid_papers(connection: Connection, services: Services, papers: Iterable[PaperToPrint]) -> frozenset[int]:
    """The ids of those that the fee still holds: the list says so before anybody tries."""
    held = set()
    for one in papers:
        found = find_case(connection, services, None, one.case_number)
        if found is not None and one.kind in gated_kinds(found.item, found.bundle) and not found.values("fee_settled"):
            held.add(one.id)
    return frozenset(held)


def _few(command: PrintMany) -> list[int]:
    ids = list(dict.fromkeys(command.documents))
    if not 8 <= len(command.key) <= LONGEST_KEY:
        words = (
            f"打印任务须有 8 至 {LONGEST_KEY} 个字符的标识",
            f"Expected a key of the job, of 8 to {LONGEST_KEY} characters, here or as Idempotency-Key",
        )
        raise Refused("invalid_request", *words, [Detail("required", *words, pointer="/key")])
    if not 1 <= len(ids) <= MOST_PRINTED:
        words = f"请勾选 1 至 {MOST_PRINTED} 份文书", f"Choose from 1 to {MOST_PRINTED} documents"
        raise Refused("invalid_request", *words)
    return ids


def _begin(engine: Engine, actor: Actor, key: str, now: datetime) -> tuple[bool, int]:
    """Whether there is such a job already, and its id."""
    row = {"person_id": actor.person_id, "key": key, "at": now, "results": []}
    try:
        with transaction(engine) as connection:
            return False, int(connection.execute(_BEGIN, row).scalar_one())
    except IntegrityError:
        with reading(engine) as connection:
            return True, int(connection.execute(_KNOWN, {"person_id": actor.person_id, "key": key}).scalar_one())


def _print_one(
    engine: Engine, services: Services, actor: Actor, command: PrintMany, document_id: int, now: datetime
) -> tuple[bytes | None, dict[str, Any]]:
    with reading(engine) as connection:
        row = connection.execute(_PAPERS, {"ids": [document_id]}).one_or_none()
    if row is None or row.department not in departments_of_printing(actor):
        return None, _result(document_id, {}, not_found("该文书", f"document {document_id}"))
    about = {"case_number": row.case_number, "kind": row.kind, "name_zh": row.name_zh, "number": row.number}
    wanted = PrintDocument(row.case_number, row.kind, command.locale)
    drawn = draw_ahead(engine, services, actor, wanted, now)

    def act(connection: Connection) -> bytes:
        return print_document(connection, services, actor, wanted, now, drawn)

    try:
        content = perform_on_case(engine, services, act, actor=actor, now=now, number=row.case_number)
    except Refused as refusal:
        return None, _result(document_id, about, refusal)
    return content, _result(document_id, about | {"copy": row.copies + 1}, None)


def _result(document_id: int, about: Mapping[str, Any], refusal: Refused | None) -> dict[str, Any]:
    said = (
        {"code": refusal.code, "said_zh": refusal.message, "said_en": refusal.message_en} if refusal is not None else {}
    )
    return {"document": document_id, **about, **said}


def _finish(
    engine: Engine, services: Services, job_id: int, papers: Sequence[bytes], results: Sequence[dict[str, Any]]
) -> None:
    """Keep the bound file for the printer; it is swept after a day, as each copy is kept by itself."""
    values: dict[str, Any] = {"digest": None, "size": None}
    if papers:
        with services.files.staged(BytesIO(bound_for_printing(papers))) as staged:
            services.files.keep(staged)
        values = {"digest": staged.digest, "size": staged.size}
    with transaction(engine) as connection:
        connection.execute(_END, {"b_id": job_id, "results": list(results), **values})
