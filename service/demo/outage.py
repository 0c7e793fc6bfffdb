"""An outage of one department in the demo county: declared, received on paper, entered, and accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import select

from service.commands.declare_outage import DeclareOutage, declare_outage, end_outage
from service.commands.enter_from_paper import PaperReceipt
from service.commands.paper_receipts import PrintReceipts, VoidReceipts, note_sheets, print_receipts, void_receipts
from service.commands.performing import perform
from service.database.session import reading
from service.database.tables import paper_receipt
from service.demo.answers import Story
from service.demo.playing import Player

ITEM, DEPARTMENT = "LJ-HB-XK-001", "HB"
# Days before the present: the sheets are printed, and the office is out.
PRINTED_BEFORE, OUT_BEFORE = timedelta(days=20), timedelta(days=2, hours=5)
_SHEETS = 5


def play_outage(player: Player, number: int, officers: tuple[str, str], until: datetime) -> Iterator[datetime]:
    """Begins when the sheets are printed; `number` is that of the first of two stories."""
    engine, services = player.engine, player.services
    story = Story(ITEM, number, player.now.date(), officers, {"doc_type": "form"})
    clerk, section, security = player.staff(story, "clerk"), player.staff(story, "section"), player.actor("secadmin")
    command = PrintReceipts(DEPARTMENT, _SHEETS, "一楼 2 号窗口", "停机备用")
    block = perform(engine, lambda c: print_receipts(c, services, clerk, command, player.now))
    perform(engine, lambda c: note_sheets(c, clerk, block, "", player.now))

    zone = services.settings.zone
    day = player.office_time_before(until - OUT_BEFORE).astimezone(zone).date()
    out_at = datetime.combine(day, time(9, 10), zone)
    yield out_at + timedelta(minutes=12)
    declared = DeclareOutage([DEPARTMENT], out_at, out_at + timedelta(hours=4), "机房停电，抢修约半天")
    outage = perform(engine, lambda c: declare_outage(c, services, security, declared, player.now))
    yield out_at + timedelta(hours=2, minutes=5)
    perform(engine, lambda c: end_outage(c, services, security, outage, "供电恢复，业务系统已检查", player.now))

    with reading(engine) as connection:
        rows = connection.execute(
            select(paper_receipt.c.number, paper_receipt.c.serial)
            .where(paper_receipt.c.block_id == block)
            .order_by(paper_receipt.c.serial)
        ).all()
    for place in range(2):
        yield out_at + timedelta(hours=2, minutes=20 + 15 * place)
        received_at = out_at + timedelta(minutes=35 + 40 * place)
        taken = Story(ITEM, number + 2 * place, player.now.date(), officers, {"doc_type": "form"})
        entered = player.start(taken, clerk, PaperReceipt(rows[place].number, received_at))
        player.put_applicant_materials(entered, taken, clerk)
    yield out_at + timedelta(hours=5, minutes=30)
    unused = VoidReceipts(block, rows[2].serial, rows[-1].serial, "恢复后清点收回，未使用")
    perform(engine, lambda c: void_receipts(c, section, unused, player.now))
