"""What takes two people (四眼): the kinds of proposals, and the rules that hold for all of them. No kind lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from service.commands.services import Services
from service.errors import Refused
from service.people.actor import Actor

OPEN, APPROVED, REFUSED, WITHDRAWN = "open", "approved", "refused", "withdrawn"
STATUSES: Final = (OPEN, APPROVED, REFUSED, WITHDRAWN)
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed. `subject` is like that of an office change (`person/12`); `id` is 0 before it is kept.

    `decided_by` is set for `apply` alone.
    """

    kind: str
    subject: str
    content: Content
    reason: str
    proposed_by: int
    id: int = 0
    decided_by: int | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What an approved proposal changed, for the book of office changes."""

    before: Content | None
    after: Content | None


@dataclass(frozen=True, slots=True)
class ProposalKind:
    """A kind of change that needs two people.

    `check` runs before it is kept and again before it takes effect: it answers the content as it is kept, or raises
    Refused. `apply` does it, in the transaction of the approval. Both see the proposal, never who clicks.
    """

    name: str
    may_propose: Callable[[Actor, Proposal], bool]
    may_decide: Callable[[Actor, Proposal], bool]
    check: Callable[[Connection, Services, Proposal, datetime], Content]
    apply: Callable[[Connection, Services, Proposal, datetime], Applied]
    # Posts by which somebody may read the list of this kind, beside those who may read all proposals.
    may_read: Callable[[Actor], bool]
    # Departments whose proposals of this kind the person reads, by `department` of the content; None is all of them.
    departments: Callable[[Actor], frozenset[str] | None] = lambda _actor: None


def readable_kinds(kinds: Iterable[ProposalKind], actor: Actor) -> list[str]:
    """The kinds whose proposals this person may read."""
    return [kind.name for kind in kinds if kind.may_read(actor)]


def departments_of_kinds(kinds: Iterable[ProposalKind], actor: Actor) -> dict[str, frozenset[str]]:
    """Kinds of which the person reads those of some departments alone."""
    found = {kind.name: kind.departments(actor) for kind in kinds}
    return {name: departments for name, departments in found.items() if departments is not None}


def require_other_person(actor: Actor, proposal: Proposal) -> None:
    """Raises Refused separation_of_duty: nobody decides what they have proposed, by whatever post."""
    if actor.person_id == proposal.proposed_by:
        raise Refused(
            "separation_of_duty",
            "提出人不得审批自己的提议，须由另一人决定",
            "Expected another person to decide than the one who has proposed",
        )
