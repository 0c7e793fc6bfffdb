"""停机收件凭证: a numbered receipt for times in which the system is out, a sheet with a part for each side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from service.certificates.document import printable
from service.certificates.rendering import compiled, qr_code
from service.certificates.wording import words_for


@dataclass(frozen=True, slots=True)
class Receipts:
    """What is printed at once: `numbers` in order, each with the public address that tells whether it is genuine."""

    organ: str
    place: str
    numbers: Sequence[str]
    addresses: Sequence[str]
    printed_at: datetime
    locale: str = "zh-CN"


def render_receipts(receipts: Receipts) -> bytes:
    """A page for each number, as PDF; the same receipts give the same bytes."""
    words = words_for(receipts.locale)["paper_receipt"]
    content = {
        "title": words["heading"],
        "organ": printable(receipts.organ),
        "place": printable(receipts.place),
        "number": "",
        "labels": {},
        "colon": words_for(receipts.locale)["colon"],
        "words": words,
        "receipts": [
            {"number": printable(number), "qr": qr_code(address)}
            for number, address in zip(receipts.numbers, receipts.addresses, strict=True)
        ],
    }
    inputs = {"document": json.dumps(content, ensure_ascii=False), "locale": receipts.locale}
    return compiled("paper_receipt.typ", inputs, receipts.printed_at.astimezone(UTC)).pdf
