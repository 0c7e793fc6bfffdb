"""A person's word on a receipt that found no notice by itself: whose money it is, or whose it is not.

Where payer and amount agree one person is enough; any other likeness wants two, the second of whom confirms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from service.commands.compare_treasury import ask_for_comparison
from service.commands.import_receipts import may_import
from service.commands.match_receipt import reconcile_notice
from service.commands.match_refund import end_of_day
from service.commands.services import Services
from service.commands.take_payment import TakePayment, take_payment
from service.database.tables import (
    difference_act,
    ledger_entry,
    payment_notice,
    receipt_share,
    treasury_difference,
    treasury_receipt,
    unmatched_payment,
)
from service.errors import Detail, Refused, not_found
from service.fees.books import post
from service.fees.ledger import Account, Entry, receipt_reference
from service.notices.writing import add_to_outbox
from service.people.actor import Actor
from service.reads.candidates import CandidateView, read_candidates

BOOK_KIND: Final = "book_receipt_share"
_RECEIPT = select(treasury_receipt).where(treasury_receipt.c.id == bindparam("id")).with_for_update()
_PROPOSED = select(receipt_share.c.pay_code, receipt_share.c.amount_fen, receipt_share.c.decided_by).where(
    receipt_share.c.receipt_id == bindparam("id"), receipt_share.c.decision == "proposed"
)
_SHARE = insert(receipt_share).returning(receipt_share.c.id)
_BOOKED = (
    select(receipt_share, treasury_receipt.c.receipt_no, treasury_receipt.c.paid_on)
    .join(treasury_receipt, treasury_receipt.c.id == receipt_share.c.receipt_id)
    .where(receipt_share.c.id == bindparam("id"))
)
_SETTLED = (
    update(treasury_receipt)
    .where(treasury_receipt.c.id == bindparam("b_id"))
    .values({name: bindparam(name) for name in ("status", "why", "case_id", "matched_code")})
)
_CASE = select(payment_notice.c.case_id).where(payment_notice.c.pay_code == bindparam("pay_code"))
_DIFFERENCES = select(treasury_difference.c.id).where(treasury_difference.c.receipt_id == bindparam("id"))
# Money under a code that nobody gave stands in the ledger as belonging to nobody.
_NOBODYS = select(ledger_entry.c.amount_fen).where(
    ledger_entry.c.reference == bindparam("reference"), ledger_entry.c.credit == Account.UNMATCHED.value
)
_SETTLE_UNMATCHED = (
    update(unmatched_payment)
    .where(unmatched_payment.c.bank_reference == bindparam("b_no"), unmatched_payment.c.status == "open")
    .values({name: bindparam(name) for name in ("status", "settled_at", "settled_by", "ground")})
)


@dataclass(frozen=True, slots=True)
class ConfirmMatch:
    """`parts`: payment code -> fen, as a candidate has them."""

    receipt_id: int
    parts: Mapping[str, int]
    reason: str


@dataclass(frozen=True, slots=True)
class DeclineMatch:
    """The receipt does not pay this notice."""

    receipt_id: int
    pay_code: str
    reason: str


def confirm_match(
    connection: Connection, services: Services, actor: Actor, command: ConfirmMatch, now: datetime
) -> bool:
    """Whether the receipt is matched now; False where a second person has to confirm it.

    Raises Refused: not_permitted, not_found, invalid_request for what is no candidate (any more), or without a reason,
    or where the same person would confirm his own proposal.
    """
    receipt = _checked(connection, actor, command.receipt_id, command.reason)
    calendar = services.calendars.get(connection)
    found = read_candidates(connection, calendar, receipt.id)
    wanted = dict(command.parts)
    chosen = next((one for one in found if {code: fen for code, _, fen in one.parts} == wanted), None)
    if chosen is None:
        raise _wrong("parts", "没有这一对应关系", "Expected one of the candidates")
    if not chosen.sure and not _second_person(connection, actor, receipt.id, wanted):
        _keep_shares(
            connection, actor, receipt, {code: ("", fen) for code, fen in wanted.items()}, "proposed", command, now
        )
        _note(connection, actor, receipt.id, "proposed", command.reason, ",".join(wanted), now)
        return False
    _match(connection, services, actor, receipt, chosen, command, now)
    _note(connection, actor, receipt.id, "matched", command.reason, ",".join(wanted), now)
    ask_for_comparison(connection, f"match/{receipt.id}/{now.isoformat()}", now)
    return True


def decline_match(connection: Connection, actor: Actor, command: DeclineMatch, now: datetime) -> None:
    """Say that a receipt is not a notice's money: it is no candidate any more.

    Raises Refused: not_permitted, not_found, invalid_request without a reason.
    """
    receipt = _checked(connection, actor, command.receipt_id, command.reason)
    if connection.execute(_CASE, {"pay_code": command.pay_code}).one_or_none() is None:
        raise not_found("该缴款码", f"payment notice {command.pay_code[:40]}")
    _keep_shares(connection, actor, receipt, {command.pay_code: ("", receipt.amount_fen)}, "declined", command, now)
    _note(connection, actor, receipt.id, "declined", command.reason, command.pay_code, now)


def book_share(connection: Connection, services: Services, payload: dict[str, Any], now: datetime) -> None:
    """Outbox message `book_receipt_share`: booked on the treasury's word, once; what the bank told stands already."""
    row = connection.execute(_BOOKED, {"id": payload["share_id"]}).one()
    paid_at = end_of_day(services, row.paid_on, now)
    take_payment(
        connection, services, TakePayment(row.pay_code, row.amount_fen, row.stands_for, paid_at, "treasury"), now
    )
    reconcile_notice(connection, services, row.pay_code, now)


def _checked(connection: Connection, actor: Actor, receipt_id: int, reason: str) -> Any:
    if not may_import(actor):
        raise Refused(
            "not_permitted", "只有财政、二级监察和控制中心可以办理", "Expected finance, level 2 or the centre"
        )
    receipt = connection.execute(_RECEIPT, {"id": receipt_id}).one_or_none()
    if receipt is None:
        raise not_found("该票据", f"a receipt {receipt_id}")
    if not reason.strip():
        raise _wrong("reason", "请写明理由", "Say why")
    if receipt.status != "unmatched":
        raise _wrong("parts", "该票据已有对应", "Expected a receipt that is not matched yet")
    return receipt


def _second_person(connection: Connection, actor: Actor, receipt_id: int, wanted: Mapping[str, int]) -> bool:
    """Whether somebody else has proposed the same. Raises Refused where this person has himself."""
    proposed: dict[int, dict[str, int]] = {}
    for row in connection.execute(_PROPOSED, {"id": receipt_id}):
        proposed.setdefault(row.decided_by, {})[row.pay_code] = row.amount_fen
    by = [person for person, parts in proposed.items() if wanted.items() <= parts.items()]
    if by == [actor.person_id]:
        raise _wrong("parts", "须由另一人确认", "Expected another person to confirm it")
    return any(person != actor.person_id for person in by)


def _match(
    connection: Connection,
    services: Services,
    actor: Actor,
    receipt: Any,
    chosen: CandidateView,
    command: ConfirmMatch,
    now: datetime,
) -> None:
    """Shares with the numbers under which they stand in the ledger; what the bank has not told is booked."""
    told = chosen.told_as
    found_before = connection.execute(
        _NOBODYS, {"reference": receipt_reference(receipt.receipt_no)}
    ).scalar_one_or_none()
    if found_before is not None:
        _give_back(connection, actor, receipt, int(found_before), command.reason, now)
    alone = len(chosen.parts) == 1 and found_before is None
    shares = {
        code: (told or (receipt.receipt_no if alone else f"{receipt.receipt_no}#{place}"), fen)
        for place, (code, _, fen) in enumerate(chosen.parts, 1)
    }
    ids = _keep_shares(connection, actor, receipt, shares, "confirmed", command, now)
    single = chosen.parts[0][0] if len(chosen.parts) == 1 else None
    case_id = connection.execute(_CASE, {"pay_code": single}).scalar_one() if single else None
    status = {"status": "matched" if told else "booked", "why": None, "case_id": case_id, "matched_code": single}
    connection.execute(_SETTLED, {"b_id": receipt.id, **status})
    for share_id in ids:
        add_to_outbox(connection, BOOK_KIND, f"{BOOK_KIND}/{share_id}", {"share_id": share_id}, now)


def _give_back(connection: Connection, actor: Actor, receipt: Any, fen: int, reason: str, now: datetime) -> None:
    """What stood in the ledger as nobody's money has its owner now."""
    entry = Entry("reversed", f"found/{receipt.receipt_no}", Account.UNMATCHED, Account.BANK, fen)
    post(connection, None, [entry], now, person_id=actor.person_id, ground=reason.strip()[:500])
    settled = {"status": "settled", "settled_at": now, "settled_by": actor.person_id, "ground": reason.strip()[:500]}
    connection.execute(_SETTLE_UNMATCHED, {"b_no": receipt.receipt_no, **settled})


def _keep_shares(
    connection: Connection,
    actor: Actor,
    receipt: Any,
    parts: Mapping[str, tuple[str, int]],
    decision: str,
    command: ConfirmMatch | DeclineMatch,
    now: datetime,
) -> list[int]:
    common = {"receipt_id": receipt.id, "decision": decision, "reason": command.reason.strip()[:500]}
    common |= {"decided_at": now, "decided_by": actor.person_id}
    return [
        int(
            connection.execute(
                _SHARE, {**common, "pay_code": code, "amount_fen": fen, "stands_for": stands_for[:64]}
            ).scalar_one()
        )
        for code, (stands_for, fen) in parts.items()
    ]


def _note(
    connection: Connection, actor: Actor, receipt_id: int, act: str, reason: str, evidence: str, now: datetime
) -> None:
    """In the trail of the receipt's difference."""
    said = {"at": now, "person_id": actor.person_id, "act": act, "reason": reason.strip()[:500]}
    rows = [
        {"difference_id": each, **said, "evidence": evidence[:300]}
        for each in connection.execute(_DIFFERENCES, {"id": receipt_id}).scalars()
    ]
    if rows:
        connection.execute(insert(difference_act), rows)


def _wrong(name: str, zh: str, en: str) -> Refused:
    return Refused("invalid_request", zh, en, [Detail("invalid", zh, en, pointer=f"/{name}")])
