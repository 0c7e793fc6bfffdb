"""What the stand-in bank's two pages say, in Chinese and English. A bank brings its own words, so they stand here."""

from __future__ import annotations

_BOTH_PAGES_ZH = {
    "bank": "临江农村商业银行",
    "bank_note": "非税收入缴款",
    "demo": "演示银行：不动用真实资金，点击即视为缴款成功。",
    "other_language": "English",
    "foot": "本页由演示银行提供，仅在本机运行。",
}
_BOTH_PAGES_EN = {
    "bank": "Linjiang Rural Commercial Bank",
    "bank_note": "Non-tax revenue payments",
    "demo": "Stand-in bank: no real money moves, a press of the button counts as payment.",
    "other_language": "中文",
    "foot": "Served by the stand-in bank, on this machine alone.",
}
PAGE_WORDS = {
    "zh": _BOTH_PAGES_ZH
    | {
        "title_due": "确认缴款",
        "title_paid": "缴款成功",
        "title_duplicate": "该缴款码已缴清",
        "expired": "缴款期限已过，本行不再受理。请向收费单位重新索取缴款通知书。",
        "title_withdrawn": "缴款通知书已撤回",
        "withdrawn": "收费单位已撤回这份缴款通知书，本行不再受理。如仍需缴款，请使用新的缴款通知书。",
        "duplicate": "这笔款项此前已经缴纳，本次没有重复扣款。以下是原缴款凭证。",
        "paid": "款项已收，缴款结果会通知收费单位。",
        "amount": "应缴金额",
        "amount_paid": "实缴金额",
        "fixed": "金额由缴款通知书确定，不能更改。",
        "item": "收费项目",
        "payer": "缴款人",
        "pay_code": "缴款码",
        "case_number": "办件编号",
        "due_on": "缴款期限",
        "receipt_no": "票据号码",
        "paid_at": "缴款时间",
        "pay": "缴纳",
        "back": "返回办件页面",
        "reversed": "这笔缴款已被银行冲正，款项没有收到，请重新缴纳。",
        "reverse": "冲正这笔缴款（测试）",
    },
    "en": _BOTH_PAGES_EN
    | {
        "title_due": "Confirm the payment",
        "title_paid": "Payment received",
        "expired": "The last day has passed; this notice can no longer be paid. Ask the office for a new one.",
        "title_withdrawn": "Notice withdrawn",
        "withdrawn": "The office has withdrawn this notice; it can no longer be paid. If something is still owed, "
        "use the new notice.",
        "title_duplicate": "This payment code is already settled",
        "duplicate": "This sum was paid before; nothing was taken a second time. This is the first receipt.",
        "paid": "The money has been received; the bank tells the office that charges the fee.",
        "amount": "Amount due",
        "amount_paid": "Amount paid",
        "fixed": "The amount is fixed by the payment notice and cannot be changed.",
        "item": "Fee for",
        "payer": "Payer",
        "pay_code": "Payment code",
        "case_number": "Case number",
        "due_on": "Pay by",
        "receipt_no": "Receipt number",
        "paid_at": "Paid at",
        "pay": "Pay",
        "back": "Back to the case",
        "reversed": "The bank has taken this payment back: the money has not been received. Please pay again.",
        "reverse": "Take this payment back (test)",
    },
}
MISSING_WORDS = {
    "zh": _BOTH_PAGES_ZH
    | {
        "title": "没有这个缴款码",
        "advice": "请核对缴款通知书上的 20 位缴款码，或向收费单位查询。",
    },
    "en": _BOTH_PAGES_EN
    | {
        "title": "No such payment code",
        "advice": "Check the 20 digits on the payment notice, or ask the office that charges the fee.",
    },
}
