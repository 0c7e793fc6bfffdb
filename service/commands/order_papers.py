"""The paper of a supervision order (督办单): drawn and signed when somebody opens it, kept, and opened again as it is.

It is drawn anew, as the next version, only when the order says more than its last version: another rung, an answer, a
later day. Drawing takes a tenth of a second, so it is done while no transaction is open.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Connection, Engine, bindparam, insert, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from service.certificates import DocumentData, day_in_words, render_document, signature_digest
from service.commands.performing import perform
from service.commands.services import Services
from service.database.session import reading
from service.database.tables import order_paper
from service.errors import Refused, not_found
from service.people.actor import Actor
from service.reads.order_paper import ORDER_PAPER, order_data
from service.reads.orders import read_order

_LATEST = (
    select(order_paper)
    .where(order_paper.c.order_case_id == bindparam("case_id"))
    .order_by(order_paper.c.version.desc())
    .limit(1)
)
_INSERT = insert(order_paper)


def open_order_paper(engine: Engine, services: Services, actor: Actor, number: str, now: datetime) -> bytes:
    """The signed paper of the order as it stands. Raises Refused not_found where the person may not see the order."""
    with reading(engine) as connection:
        found = read_order(connection, services, actor, number)
        if found is None:
            raise not_found("该督办单", f"supervision order {number}")
        calendar = services.calendars.get(connection)
        case_id, data = found.row.case_id, order_data(connection, found, calendar)
        latest = connection.execute(_LATEST, {"case_id": case_id}).one_or_none()
    if latest is not None and latest.said == _digest_of(data):
        return _kept(services, latest)
    version = 1 if latest is None else latest.version + 1
    content = _drawn(services, data, version, day_in_words(calendar.local_date(now)))
    row = {"order_case_id": case_id, "version": version, "said": _digest_of(data), "drawn_at": now}
    try:
        return perform(engine, lambda connection: _keep(connection, services, actor, row, content))
    except IntegrityError:  # Somebody else opened it at the same moment; what is kept is what was drawn first.
        with reading(engine) as connection:
            return _kept(services, connection.execute(_LATEST, {"case_id": case_id}).one())


def _digest_of(data: DocumentData) -> str:
    """Of what it says; a fact that later programs add and this order lacks changes nothing."""
    said = {one.name: getattr(data, one.name) for one in fields(data) if getattr(data, one.name) != one.default}
    del said["remedy"]  # An order has none.
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def _drawn(services: Services, data: DocumentData, version: int, today: str) -> bytes:
    address = f"{services.settings.public_url}/public/verify?{urlencode({'number': data.number})}"
    again = (("版次", f"第 {version} 版（{today}制作）"),) if version > 1 else ()
    data = replace(data, fields=(*again, *data.fields), verify_url=address)
    rendered = render_document(ORDER_PAPER, data)
    return services.signing_key.sign(rendered, organ_zh=data.organ_zh, title_zh=data.title_zh)


def _keep(connection: Connection, services: Services, actor: Actor, row: dict[str, object], content: bytes) -> bytes:
    """The bytes are kept before the row is written."""
    with services.files.staged(io.BytesIO(content)) as staged:
        services.files.keep(staged)
    told = {"digest": staged.digest, "signature_digest": signature_digest(content), "size": staged.size}
    connection.execute(_INSERT, {**row, **told, "drawn_by": actor.person_id})
    return content


def _kept(services: Services, row: Row[tuple[object, ...]]) -> bytes:
    source = services.files.source(row.digest)
    if source is None:
        raise Refused("not_found", "督办单的文件已丢失", f"Expected the bytes of {row.digest}, but they are gone")
    with source.open("rb") if isinstance(source, Path) else source as opened:
        return opened.read()
