"""Somebody loses a post or leaves: only when nothing of it is in hand any more, and with a reason."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from service.commands.check_staff import ask_for_check
from service.commands.office_changes import OfficeChange, note_change, stated
from service.database.tables import delegation, person, post_holding
from service.errors import Detail, Refused, not_found
from service.people.actor import Actor, Holding
from service.people.permissions import may
from service.people.posts import post_name
from service.people.separation import THREE_OFFICES
from service.people.sign_in import close_sessions_of
from service.reads.held_things import HeldThings, held_by_post, held_things
from service.reads.open_work import held_back_by

_HOLDING = select(post_holding).where(post_holding.c.id == bindparam("id"), post_holding.c.ended_at.is_(None))
_HELD = select(post_holding).where(
    post_holding.c.person_id == bindparam("person_id"), post_holding.c.ended_at.is_(None)
)
_END = update(post_holding).where(post_holding.c.id == bindparam("b_id")).values(ended_at=bindparam("now"))
_LOCK = select(person).where(person.c.id == bindparam("person_id")).with_for_update()
_DEACTIVATE = update(person).where(person.c.id == bindparam("b_id")).values(active=False)
_END_LOANS = (
    update(delegation)
    .where(
        or_(delegation.c.principal_id == bindparam("b_id"), delegation.c.delegate_id == bindparam("b_id")),
        delegation.c.revoked_at.is_(None),
        delegation.c.ends_at > bindparam("now"),
    )
    .values(revoked_at=bindparam("now"))
)
_OTHERS_OF = (
    select(post_holding.c.id)
    .join(person, person.c.id == post_holding.c.person_id)
    .where(post_holding.c.post == bindparam("post"), post_holding.c.ended_at.is_(None))
    .where(person.c.id != bindparam("person_id"), person.c.active)
    .limit(1)
)
_MOST_NAMED = 20


def withdraw_post(connection: Connection, actor: Actor, holding_id: int, reason: str, now: datetime) -> None:
    """End a holding; it stays on record.

    Raises Refused: not_permitted, invalid_request, not_found, work_open while tasks of the post are in hand,
    move_refused for the last administrator of a kind.
    """
    _require_secadmin(actor)
    given = stated(reason)
    found = connection.execute(_HOLDING, {"id": holding_id}).one_or_none()
    if found is None:
        raise not_found("该岗位", f"holding {holding_id}")
    connection.execute(_LOCK, {"person_id": found.person_id}).one()
    held = connection.execute(_HELD, {"person_id": found.person_id}).all()
    if holding_id not in {row.id for row in held}:
        raise not_found("该岗位", f"holding {holding_id}")
    kept = [Holding(row.post, row.department) for row in held if row.id != holding_id]
    numbers = held_back_by(connection, found.person_id, Holding(found.post, found.department), kept, now)
    held_by_it = held_by_post(held_things(connection, found.person_id), Holding(found.post, found.department), kept)
    if numbers or held_by_it:
        raise work_open(numbers, held_by_it)
    _require_not_last(connection, found.person_id, [found.post])
    connection.execute(_END, {"b_id": holding_id, "now": now})
    before = {"post": found.post, "department": found.department}
    note_change(connection, actor, OfficeChange("post_withdrawn", f"person/{found.person_id}", given, before), now)
    ask_for_check(connection, found.post, found.department, f"{holding_id}/ended", ended=True, now=now)


def deactivate_person(connection: Connection, actor: Actor, person_id: int, reason: str, now: datetime) -> None:
    """Somebody has left: no post, no loan and no session is left; the account and its history stay.

    Raises Refused: not_permitted, invalid_request, not_found, work_open while anything is in hand, move_refused for the
    last administrator of a kind.
    """
    _require_secadmin(actor)
    if person_id == actor.person_id:
        raise Refused("not_permitted", "不能停用本人账户", "Expected another person's account")
    given = stated(reason)
    found = connection.execute(_LOCK, {"person_id": person_id}).one_or_none()
    if found is None or not found.active:
        raise not_found("在用的该人员", f"an active person {person_id}")
    numbers = held_back_by(connection, person_id, None, (), now)
    things = held_things(connection, person_id)
    if numbers or things:
        raise work_open(numbers, things)
    held = connection.execute(_HELD, {"person_id": person_id}).all()
    _require_not_last(connection, person_id, [row.post for row in held])
    for row in held:
        connection.execute(_END, {"b_id": row.id, "now": now})
        ask_for_check(connection, row.post, row.department, f"{row.id}/ended", ended=True, now=now)
    connection.execute(_END_LOANS, {"b_id": person_id, "now": now})
    connection.execute(_DEACTIVATE, {"b_id": person_id})
    close_sessions_of(connection, person_id)
    before = {"active": True, "posts": [_said(row) for row in held]}
    change = OfficeChange("person_deactivated", f"person/{person_id}", given, before, {"active": False})
    note_change(connection, actor, change, now)


def work_open(numbers: list[str], things: HeldThings) -> Refused:
    """Cases whose work is in hand, books of tickets and money; at most so many are named."""
    details = [
        Detail("work_open", f"办件 {one} 尚未交接", f"Case {one} is not handed over") for one in numbers[:_MOST_NAMED]
    ]
    details += [
        Detail(
            "book_held",
            f"罚款票据 {one.series}（空白 {one.blank} 份）尚未交回",
            f"The book {one.series} with {one.blank} blank leaves is not given back",
        )
        for one in things.books[:_MOST_NAMED]
    ]
    details += [
        Detail("cash_held", f"票据 {one.ticket} 的罚款尚未交清", f"The money of ticket {one.ticket} is not paid in")
        for one in things.cash[:_MOST_NAMED]
    ]
    zh = [f"{len(numbers)} 件未办结的工作"] if numbers else []
    en = [f"work on {len(numbers)} cases"] if numbers else []
    if things.books:
        zh, en = [*zh, f"{len(things.books)} 本罚款票据"], [*en, f"{len(things.books)} books of tickets"]
    if things.cash:
        yuan = f"{things.cash_fen / 100:,.2f}"
        zh, en = [*zh, f"当场收缴的罚款 {yuan} 元"], [*en, f"{yuan} yuan taken on the spot"]
    return Refused(
        "work_open",
        f"该人员手上还有 {'、'.join(zh)}，须先交接",
        f"Expected nothing in hand, but {', '.join(en)} are: hand over first",
        details,
    )


def _require_not_last(connection: Connection, person_id: int, posts: list[str]) -> None:
    """Of each of the three administrators (三员) one stays: without them nobody runs, grants or reads the books."""
    for post in sorted(THREE_OFFICES.intersection(posts)):
        if connection.execute(_OTHERS_OF, {"post": post, "person_id": person_id}).first() is None:
            zh, en = post_name(post, "zh-CN"), post_name(post, "en")
            raise Refused(
                "move_refused",
                f"这是唯一的{zh}，请先授予另一人",
                f"Expected another {en}, but there is none: grant the post to somebody first",
            )


def _require_secadmin(actor: Actor) -> None:
    if not may(actor, "grant_posts"):
        raise Refused("not_permitted", "只有安全管理员可以收回岗位、停用人员", "Expected a security administrator")


def _said(row: Row[tuple[object, ...]]) -> str:
    return f"{row.post}/{row.department}"
