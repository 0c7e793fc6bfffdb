"""Puts more desks into departments that get more cases than the demo county's people could deal with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import ceil
from secrets import token_urlsafe

from sqlalchemy import Connection, insert

from service.commands.post_people import GrantPost, grant_post
from service.database.tables import person
from service.people.sign_in import hash_password

# Cases that one row of desks, from the window to the printer, takes in on an ordinary working day.
A_DAY = 8.0
# Of seven days people work five, and feasts take some more.
_WORKING = 0.68
# What a case passes through (DOMAIN: 4); supervision and what comes rarely stays one desk.
_DESKS = (
    ("clerk", "clerk"),
    ("clerk2", "clerk"),
    ("officer", "officer"),
    ("officer2", "officer"),
    ("section", "section"),
    ("vice", "vice"),
    ("head", "head"),
    ("printer", "printer"),
    ("cashier", "cashier"),
)
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "安平康宁远明志文海山松柏春秋福"


def desks_needed(shares: Mapping[str, int], cases: int, days: int) -> Mapping[str, int]:
    """{department: rows of desks} for so many cases in so many days, of which each item has its share."""
    of_department: dict[str, int] = {}
    for item, share in shares.items():
        code = item.split("-")[1]
        of_department[code] = of_department.get(code, 0) + share
    a_day = cases / (days * _WORKING) / sum(shares.values())
    return {code: max(1, ceil(share * a_day / A_DAY)) for code, share in of_department.items()}


def username(department: str, post: str, desk: int) -> str:
    """Who sits there; the first desk of each is the demo county's."""
    return at_desk(f"{department.lower()}_{post}", desk)


def at_desk(first: str, desk: int) -> str:
    """Who does at that row of desks what somebody does at the first."""
    return f"{first}.{desk}" if desk else first


def staff(connection: Connection, desks: Mapping[str, int], now: datetime) -> None:
    """The people of every desk behind the first, with their posts."""
    # Nobody signs in there: acts are done by the real commands, and not through pages.
    hashed = hash_password(token_urlsafe())
    names = _names()
    for code, many in desks.items():
        for desk in range(1, many):
            for suffix, post in _DESKS:
                _add(connection, code, username(code, suffix, desk), post, next(names), hashed, now)


def _add(connection: Connection, code: str, name: str, post: str, called: str, hashed: str, now: datetime) -> None:
    row = {
        "username": name,
        "name": called,
        "department": code,
        "officer_number": f"F-{name}".upper()[:32] if post == "officer" else None,
        "password_hash": hashed,
        "totp_secret": "",
        "active": True,
    }
    person_id = connection.execute(insert(person).values(row).returning(person.c.id)).scalar_one()
    grant_post(connection, None, GrantPost(person_id, post, code, "按办件量增设岗位"), now)


def _names() -> Iterator[str]:
    while True:
        for first in _GIVEN:
            for second in _GIVEN:
                for surname in _SURNAMES:
                    yield f"{surname}{first}{second}"
