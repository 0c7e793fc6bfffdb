"""Proposals that wait for another person, and what became of earlier ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, or_, select
from sqlalchemy.engine import Row

from service.database.tables import person, proposal
from service.reads.paging import FIRST_PAGE, Asked, Page, page_of

_PROPOSER, _DECIDER = person.alias("proposer"), person.alias("decider")
_JOINED = (
    select(proposal, _PROPOSER.c.name.label("proposer_name"), _DECIDER.c.name.label("decider_name"))
    .join(_PROPOSER, _PROPOSER.c.id == proposal.c.proposed_by)
    .outerjoin(_DECIDER, _DECIDER.c.id == proposal.c.decided_by)
)
_ALL: Final[Mapping[str, Collection[str]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ProposalView:
    """`status`: open, approved, refused, withdrawn. `proposer_id` says to whom it may not be offered for decision."""

    id: int
    kind: str
    subject: str
    content: Mapping[str, Any]
    reason: str
    proposer_id: int
    proposed_by: str
    proposed_at: datetime
    status: str
    decided_by: str | None
    decided_at: datetime | None
    ground: str | None


def list_proposals(
    connection: Connection,
    kinds: Iterable[str],
    *,
    status: str | None = None,
    subject: str | None = None,
    within: Mapping[str, Collection[str]] = _ALL,
    asked: Asked = FIRST_PAGE,
) -> Page[ProposalView]:
    """Those of these kinds, the newest first; of a kind that `within` names, those of these departments alone."""
    where: list[ColumnElement[bool]] = [proposal.c.kind.in_(sorted(kinds))]
    where += [proposal.c.status == status] if status else []
    where += [proposal.c.subject == subject] if subject else []
    where += [
        or_(proposal.c.kind != kind, proposal.c.content["department"].as_string().in_(sorted(departments)))
        for kind, departments in within.items()
    ]
    total = connection.execute(select(func.count()).select_from(proposal).where(*where)).scalar_one()
    if (after := asked.after(int)) is not None:
        where.append(proposal.c.id < after[0])
    rows = connection.execute(_JOINED.where(*where).order_by(proposal.c.id.desc()).limit(asked.limit + 1)).all()
    return page_of(rows, total, asked, lambda row: [row.id], _view)


def read_proposal(connection: Connection, proposal_id: int) -> ProposalView | None:
    row = connection.execute(_JOINED.where(proposal.c.id == proposal_id)).one_or_none()
    return _view(row) if row is not None else None


def _view(row: Row[Any]) -> ProposalView:
    return ProposalView(
        row.id,
        row.kind,
        row.subject,
        row.content,
        row.reason,
        row.proposed_by,
        row.proposer_name,
        row.proposed_at,
        row.status,
        row.decider_name,
        row.decided_at,
        row.ground,
    )
