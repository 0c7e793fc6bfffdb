"""The stand-in bank's day as a file: one line a payment, and a line that adds them up."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

from service.standins.shelf import Record

HEADINGS = (
    *("票据号码", "缴款码", "执收单位编码", "项目编码", "缴款人", "金额"),
    *("缴款日期", "入库日期", "代收银行", "收入种类", "备注"),
)


def settlement_csv(day: date, bank: str, receipts: Sequence[Record]) -> str:
    """The text of the file; amounts in yuan with two places. What was taken back stands below nothing (冲正)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for one in receipts:
        codes = [one[name] for name in ("receipt_no", "pay_code", "department_code", "item_code", "payer")]
        writer.writerow([*codes, _yuan(one["amount_fen"]), day, "", bank, one["kind"], one.get("note", "")])
    total = sum(one["amount_fen"] for one in receipts)
    writer.writerow(["合计", f"{len(receipts)}笔", "", "", "", _yuan(total), *[""] * 5])
    return text.getvalue()


def _yuan(amount_fen: int) -> str:
    return f"{'-' if amount_fen < 0 else ''}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}"
