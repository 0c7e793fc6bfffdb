"""What is handed in is held against what an official register said: the browser only filled it in."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, update

from service.commands.services import Services
from service.database.in_text import in_text
from service.database.rows import read_rows
from service.database.tables import official_lookup
from service.form_schemas import CompiledForm

if TYPE_CHECKING:
    from service.commands.act import CaseAct

# How long an answer is held against what is handed in.
GOOD_FOR: Final = timedelta(days=1)
_FOUND = (
    select(official_lookup)
    .where(
        official_lookup.c.person_id == bindparam("person_id"),
        official_lookup.c.form_key == bindparam("form_key"),
        official_lookup.c.at > bindparam("since"),
        official_lookup.c.outcome == in_text("found"),
    )
    .order_by(official_lookup.c.id)
)
_LINK = (
    update(official_lookup)
    .where(
        official_lookup.c.person_id == bindparam("b_person"),
        official_lookup.c.subject.in_(bindparam("subjects", expanding=True)),
        official_lookup.c.case_id.is_(None),
        official_lookup.c.at > bindparam("since"),
    )
    .values(case_id=bindparam("b_case"))
)


def compare_official(act: CaseAct, form: CompiledForm, form_key: str, answers: Mapping[str, Any]) -> None:
    """Hold what is handed in against what the register said, on the server: the browser only filled it in.

    The history tells which fields differ; a person judges why. Costs a statement for forms that look anything up.
    """
    if not form.looked_up_officially or act.actor is None:
        return
    wanted = {"person_id": act.actor.person_id, "form_key": form_key, "since": act.now - GOOD_FOR}
    rows = {row.subject: row for row in read_rows(act.connection, _FOUND, wanted)}
    for field in form.looked_up_officially:
        subject = answers.get(field.key)
        row = rows.get(digest_of(act.services, subject)) if isinstance(subject, str) else None
        if row is None or field.official is None:
            continue
        differs = [key for key, part in field.official.fills if answers.get(key) != row.answer[part]]
        act.record("official_data_compared", None, field=field.key, register=row.register, differs=differs)
        act.later(partial(_link, act, row.subject))


def digest_of(services: Services, subject: str) -> str:
    """By the installation's key, so that the table tells nobody whom it is about."""
    return hmac.new(services.settings.secret_key, f"lookup:{subject}".encode(), hashlib.sha256).hexdigest()


def _link(act: CaseAct, subject: str) -> None:
    """The case has its number now: what was asked while it was entered belongs to it."""
    person = act.actor.person_id if act.actor is not None else 0
    values = {"b_person": person, "subjects": [subject], "since": act.now - GOOD_FOR, "b_case": act.row.case_id}
    act.connection.execute(_LINK, values)
