"""A published decision on a penalty is taken down, since it no longer stands (行政处罚法 Art. 48)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from service.commands.print_document import act_on_any_case
from service.commands.recording import record_events
from service.commands.services import Services
from service.database.tables import publication
from service.errors import Refused
from service.people.actor import Actor

# Coded grounds alone: a free text that the public reads might name the person whom the decision no longer concerns.
WITHDRAWALS: Final = ("changed", "annulled", "unlawful", "void")
_STANDING = select(publication.c.withdrawn_at).where(
    publication.c.case_id == bindparam("case_id"), publication.c.stage == "result"
)
_WITHDRAW = (
    update(publication)
    .where(publication.c.case_id == bindparam("b_case_id"), publication.c.stage == "result")
    .values(withdrawn_at=bindparam("at"), withdrawn_because=bindparam("because"))
)


def withdraw_publication(
    connection: Connection, services: Services, actor: Actor, number: str, because: str, now: datetime
) -> None:
    """Take a published decision down, since it was changed, annulled, or found unlawful or void (行政处罚法 Art. 48).

    Raises Refused: not_found, not_permitted unless a leader of the department acts, not_waiting where nothing is
    published, invalid_request for another ground.
    """
    if because not in WITHDRAWALS:
        raise Refused("invalid_request", "未知的撤回事由", f"Expected one of {list(WITHDRAWALS)}, found {because!r}")
    act = act_on_any_case(connection, services, actor, number, now)
    if not any(actor.holding_for(post, act.row.case_department) for post in ("head", "vice")):
        raise Refused("not_permitted", "须由本部门负责人撤回公开", "Expected a leader of the department")
    standing = connection.execute(_STANDING, {"case_id": act.row.case_id}).one_or_none()
    if standing is None or standing.withdrawn_at is not None:
        raise Refused("not_waiting", "本件没有正在公开的决定", "Expected a decision that is published")
    connection.execute(_WITHDRAW, {"b_case_id": act.row.case_id, "at": now, "because": because})
    act.record("publication_withdrawn", None, because=because)
    record_events(act)
