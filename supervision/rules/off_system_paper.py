"""网下运行: numbered receipts of an outage that nobody has entered, voided or accounted for."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, OpenReceipts, Place
from supervision.rules.rule import Choose, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for block in facts.open_receipts:
        place = Place(block.department)
        if block.numbers and block.enter_by < facts.now and choose(place) is not None:
            yield _finding(block, place)


def _finding(block: OpenReceipts, place: Place) -> Finding:
    at, count = block.enter_by.isoformat(), len(block.numbers)
    rows = tuple({"at": at, "receipt": number, "zh": number, "en": number} for number in block.numbers)
    return Finding(
        RULE,
        "red",
        f"paper/{block.block_id}",
        f"paper/{block.outage}/{block.department}",
        place,
        f"{block.outage} 的收件凭证有 {count} 份既未补录也未作废",
        f"{count} receipts of the outage {block.outage} were neither entered nor voided",
        rows,
    )


RULE = Rule(
    "off_system.paper",
    1,
    "停机恢复两个工作日后，仍有收件凭证既未补录也未作废。",
    "Two working days after an outage some of its receipts are neither entered nor voided.",
    "S24, DOMAIN 7",
    find,
)
