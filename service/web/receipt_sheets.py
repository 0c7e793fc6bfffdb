"""The sheets of a block of paper receipts, as the interface and the pages hand them out."""

from __future__ import annotations

from service.certificates.paper_receipt import Receipts, render_receipts
from service.errors import not_found
from service.outages.receipts import BLANK
from service.people.organs import organ_in_english, organ_in_full
from service.reads.outages import BlockView


def sheets_of(block: BlockView, public_url: str, locale: str) -> bytes:
    """A sheet for each number that is still blank, as PDF. Raises Refused not_found where none is."""
    numbers = [one.number for one in block.numbers if one.status == BLANK]
    if not numbers:
        raise not_found("未用的收件凭证", "blank receipts in this block")
    names = block.department_name_zh, block.department_name_en
    organ = organ_in_english(*names) if locale == "en" else organ_in_full(block.department_name_zh)
    addresses = [f"{public_url}/public/paper-receipts/{number}" for number in numbers]
    return render_receipts(Receipts(organ, block.place, numbers, addresses, block.printed_at, locale))
