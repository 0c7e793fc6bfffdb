"""A document with made-up facts, so that one sees how its words will look before anybody issues it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from service.certificates.document import DocumentData, PaymentDue, Remedy
from service.certificates.rendering import render_document
from service.certificates.templating import Sections

# Stands where the number would: a sample is no document.
SAMPLE_NUMBER: Final = "样张 · 不具效力"
_HOLDER: Final = "（当事人名称）"
_ROWS: Final = (("栏目", "内容"), ("另一栏目", "较长的内容会在表格中自动换行，不影响正文的版式"))
_MATERIALS: Final = (("申请书", "原件", "1"), ("营业执照", "复印件", "1"))


def sample_document(kind: str, title: str, item: str, organ: str, sections: Sections, variant: str, day: date) -> bytes:
    """The PDF, without seal and number. `variant` picks the sections that end in `_variant`."""
    data = DocumentData(
        number=SAMPLE_NUMBER,
        title_zh=title,
        organ_zh=organ,
        item_name_zh=item,
        case_number="（办件编号）",
        holder=_HOLDER,
        made_on=day,
        fields=_ROWS,
        materials=_MATERIALS if kind in ("acceptance_notice", "correction_notice") else (),
        variant=variant,
        legal_basis=("《（法律名称）》第（ ）条",),
        reason="（理由）",
        competent_organ="（有权机关）",
        received_on=day - timedelta(days=2),
        accepted_on=day,
        due_on=day + timedelta(days=20),
        payment=PaymentDue("0" * 20, 123_456) if kind == "payment_notice" else None,
        remedy=Remedy("（复议机关）", "（有管辖权的人民法院）"),
        sections=tuple(sections.items()),
        more=(
            *(
                ("facts", "（违法事实）"),
                ("violated", "《（法律名称）》第（ ）条"),
                ("heard", "（陈述、申辩情况）"),
                ("decision_no", "（处罚决定书文号）"),
            ),
            *((name, day) for name in ("decided_on", "notice_served_on", "served_on")),
        ),
    )
    return render_document(kind, data).pdf
