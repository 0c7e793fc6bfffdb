"""The demo county's money: a file of the treasury and the volumes of earlier years, taken in by the real commands.

The treasury has what the bank has told, and money that came in past the system: 2.9 million yuan in eight departments,
1.3 million of it in city management over 25 charges. Penalties fell by 13.6 % in the last full half-year, those of city
management by 22.5 % (the county's own report).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, func, select

from service.commands.import_receipts import ImportReceipts, examine, import_receipts
from service.commands.import_volumes import import_volumes
from service.commands.performing import perform
from service.commands.services import Services
from service.database.session import reading
from service.database.tables import case, ledger_entry, payment_notice, person
from service.fees.ledger import receipt_reference
from service.fees.receipt_mapping import BUILT_IN, FIELDS
from service.people.actor import Actor
from service.people.queries import read_actor
from service.reads.reconciliation import half_year

# What came in past the system: department -> (number of charges, yuan in all).
PAST_THE_SYSTEM: Final[Mapping[str, tuple[int, int]]] = {
    "CG": (25, 1_300_000),
    "JT": (9, 580_000),
    "SG": (7, 390_000),
    "HB": (4, 240_000),
    "WJ": (5, 180_000),
    "ZJ": (3, 120_000),
    "ZR": (2, 60_000),
    "SL": (2, 30_000),
}
# Penalties of a half-year by department: (the year before, this year).
PENALTIES: Final[Mapping[str, tuple[int, int]]] = {"CG": (80, 62), "SG": (25, 26), "HB": (12, 12), "WJ": (8, 8)}
LICENCES: Final[Mapping[str, tuple[int, int]]] = {"SG": (162, 171), "YJ": (70, 74), "MZ": (81, 77), "WJ": (79, 82)}
# The pass tells of a receipt without a case after fifteen days; these are younger.
_YOUNGEST_DAYS, _OLDEST_DAYS = 3, 13
_TOLD = (
    select(
        ledger_entry.c.reference,
        ledger_entry.c.pay_code,
        func.sum(ledger_entry.c.amount_fen).label("amount_fen"),
        func.min(ledger_entry.c.at).label("at"),
        case.c.department,
        payment_notice.c.item_code,
        payment_notice.c.payer,
        payment_notice.c.name_zh,
    )
    .join(case, case.c.id == ledger_entry.c.case_id)
    .join(payment_notice, payment_notice.c.pay_code == ledger_entry.c.pay_code)
    .where(ledger_entry.c.kind == "received")
    .group_by(
        ledger_entry.c.reference,
        ledger_entry.c.pay_code,
        case.c.department,
        payment_notice.c.item_code,
        payment_notice.c.payer,
        payment_notice.c.name_zh,
    )
    .order_by(func.min(ledger_entry.c.id))
)
_PAYERS = ("临江县口岸餐饮有限公司", "临江县家常小吃店", "临江县新港机械有限公司", "王建国", "李秀兰", "张海")
Row = dict[str, Any]


def load_treasury(engine: Engine, services: Services, drain: Callable[[datetime], int]) -> None:
    """Import the treasury's file of today and the volumes; then let the worker match and compare."""
    now = services.clock.now()
    with reading(engine) as connection:
        today = services.calendars.get(connection).local_date(now)
        told = [_told(row, services) for row in connection.execute(_TOLD)]
        finance, level2 = (_actor(connection, username, now) for username in ("cz_cashier", "sup2"))
        content = _as_file([*told, *_past_the_system(today)])
        command = ImportReceipts(io.BytesIO(content), f"国库入库{today:%Y%m%d}.csv", "treasury")
        examined = examine(connection, services, finance, command)
    perform(engine, lambda connection: import_receipts(connection, services, finance, examined, now))
    perform(engine, lambda connection: import_volumes(connection, level2, _volumes(today), now))
    drain(now)


def _actor(connection: Any, username: str, now: datetime) -> Actor:
    person_id = connection.execute(select(person.c.id).where(person.c.username == username)).scalar_one()
    actor = read_actor(connection, person_id, now)
    if actor is None:
        raise LookupError(username)
    return actor


def _told(row: Any, services: Services) -> Row:
    on = row.at.astimezone(services.settings.zone).date()
    return _row(
        str(row.reference).removeprefix(receipt_reference("")),
        row.department,
        row.item_code,
        row.payer,
        int(row.amount_fen),
        on,
        code=row.pay_code,
        kind=row.name_zh,
    )


def _past_the_system(today: date) -> Iterator[Row]:
    """Receipts that no case stands behind, one for each charge; their sums are the report's to the fen."""
    number = 118_000
    for department, (charges, yuan) in PAST_THE_SYSTEM.items():
        # Shares 1, 2, 3 … of the sum, the last takes what is left.
        unit = yuan * 100 // (charges * (charges + 1) // 2) // 1000 * 1000
        for place in range(1, charges + 1):
            number += 7
            fen = unit * place if place < charges else yuan * 100 - unit * (charges * (charges - 1) // 2)
            on = today - timedelta(days=_YOUNGEST_DAYS + (number // 7) % (_OLDEST_DAYS - _YOUNGEST_DAYS))
            item = f"1030501{place:02d}"
            payer = _PAYERS[number % len(_PAYERS)]
            yield _row(f"{today.year % 100:04d}-{number}", department, item, payer, fen, on, kind="罚没收入")


def _row(
    receipt_no: str, department: str, item: str, payer: str, fen: int, on: date, *, code: str = "", kind: str = ""
) -> Row:
    return {
        "receipt_no": receipt_no,
        "pay_code": code,
        "dept_code": department,
        "item_code": item,
        "payer": payer,
        "amount_fen": f"{fen // 100}.{fen % 100:02d}",
        "paid_on": on.isoformat(),
        "treasury_on": (on + timedelta(days=1)).isoformat(),
        "bank": "临江农商行",
        "kind": kind,
        "note": "",
    }


def _as_file(rows: list[Row]) -> bytes:
    """As the treasury writes it: its own headings, yuan, and a line of totals."""
    text = io.StringIO()
    writer = csv.writer(text)
    columns = BUILT_IN["treasury"].columns
    writer.writerow([columns[name] for name in FIELDS])
    writer.writerows([row[name] for name in FIELDS] for row in rows)
    total = sum(int(row["amount_fen"].replace(".", "")) for row in rows)
    sums = {"receipt_no": "合计", "pay_code": f"{len(rows)}笔", "amount_fen": f"{total // 100}.{total % 100:02d}"}
    writer.writerow([sums.get(name, "") for name in FIELDS])
    return text.getvalue().encode("gb18030")


def _volumes(today: date) -> bytes:
    """The last full half-year and the one a year before, spread over its months."""
    first, _last = half_year(today)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["部门编码", "权力类别", "月份", "办件数"])
    for category, counts in (("CF", PENALTIES), ("XK", LICENCES)):
        for department, both in counts.items():
            for years_ago, cases in zip((1, 0), both, strict=True):
                for place in range(6):
                    month = f"{int(first[:4]) - years_ago}-{int(first[5:]) + place:02d}"
                    writer.writerow([department, category, month, cases // 6 + (place < cases % 6)])
    return text.getvalue().encode("utf-8")
