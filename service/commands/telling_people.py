"""Who is concerned by what happens to a task hears of it in the product, and where it cannot wait by SMS."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from service.commands.act import CaseAct
from service.database.tables import person
from service.notices.writing import INSERT_NOTICES, Recipient, notice_row, notify
from service.people.queries import person_names

_MOBILES = select(person.c.id, person.c.name, person.c.mobile).where(
    person.c.id.in_(bindparam("people", expanding=True)), person.c.active.is_(True)
)


def tell_people(act: CaseAct, people: Iterable[int | None], kind: str, text: str, *, sms: bool = False) -> None:
    """A notice to each of these persons, but for the one who acts."""
    own = act.actor.person_id if act.actor is not None else None
    ids = sorted({one for one in people if one is not None and one != own})
    found = act.connection.execute(_MOBILES, {"people": ids}).all() if ids else []
    recipients = [Recipient(row.name, row.mobile, row.id) for row in found]
    step = getattr(act.row, "task_name_zh", None)
    words = f"办件 {act.row.number}{f'“{step}”' if step else ''}：{text}"
    notify(act.connection, recipients, case_id=act.row.case_id, kind=kind, text=words, now=act.now, sms=sms)


def tell_who_signed_unseen(act: CaseAct) -> None:
    """The second officer whose signature is bound to no content learns what has gone out under his name."""
    row, person_id = act.row, act.row.task_signed_by
    name = person_names(act.connection, {person_id}).get(person_id, "")
    text = f"办件 {row.number}“{row.task_name_zh}”：您签字时尚无所填内容，现已提交，请打开办件查看以您名义提交的内容。"
    one = Recipient(name, None, person_id)
    kept = notice_row(one, "in_app", "", case_id=row.case_id, kind="signed_unseen", text=text, now=act.now)
    act.put(INSERT_NOTICES, kept)
