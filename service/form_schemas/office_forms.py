"""Forms of cases that the office opens about its own papers, written as rows of the catalogue."""

from __future__ import annotations

from typing import Any, Final

Row = dict[str, Any]


def _option(value: str, zh: str, en: str) -> Row:
    return {"value": value, "zh": zh, "en": en}


def _row(key: str, zh: str, en: str, kind: str = "textarea", *, required: bool = True, **more: object) -> Row:
    return {"key": key, "label_zh": zh, "label_en": en, "type": kind, "required": required, **more}


_DECISION = [_option("grant", "准予变动", "Grant the change"), _option("refuse", "维持原证", "Leave as it was")]

CERTIFICATE_CHANGE: Final[dict[str, list[Row]]] = {
    "await_statement": [_row("statement_text", "陈述申辩意见", "Statement and plea", min_length=2)],
    "legal_review": [
        _row(
            "legal_opinion",
            "审核结论",
            "Conclusion",
            "radio",
            options=[_option("lawful", "合法", "Lawful"), _option("doubtful", "存在问题", "Doubtful")],
        ),
        _row("legal_note", "法制审核意见", "Opinion of the legal reviewer"),
    ],
    "decide": [
        _row("change_decision", "决定", "Decision", "radio", options=_DECISION),
        _row("change_reason", "决定理由", "Reason of the decision", min_length=10),
    ],
    "review_reissue": [
        _row("change_decision", "审核结论", "Conclusion", "radio", options=_DECISION),
        _row("change_reason", "审核意见", "Opinion"),
    ],
    "serve": [
        _row(
            "delivery_way",
            "送达方式",
            "Way of delivery",
            "select",
            options=[
                _option("hand", "直接送达", "In person"),
                _option("post", "邮寄送达", "By post"),
                _option("electronic", "电子送达", "Electronically"),
                _option("left", "留置送达", "Left at the place"),
                _option("public", "公告送达", "By public notice"),
            ],
        ),
        _row("receiver_name", "受送达人", "Received by", "text"),
        _row("delivered_place", "送达地点", "Place", "text", required=False),
    ],
}

_REVIEW: Final[list[Row]] = [
    _row(
        "review_result",
        "审核结论",
        "Conclusion",
        "radio",
        options=[_option("agree", "同意", "Agree"), _option("disagree", "不同意", "Disagree")],
    ),
    _row("review_note", "审核意见", "Opinion", min_length=2),
]


def _fee_forms(granted: Row, refused: Row) -> dict[str, list[Row]]:
    decision = _row("change_decision", "决定", "Decision", "radio", options=[granted, refused])
    return {"review": _REVIEW, "decide": [decision, _row("change_reason", "决定理由", "Reason", min_length=10)]}


# Forms of the office's own cases, by the diagram that they belong to.
OFFICE_FORMS: Final[dict[str, dict[str, list[Row]]]] = {
    "certificate_change": CERTIFICATE_CHANGE,
    "fee_reduction": _fee_forms(
        _option("grant", "准予减免", "Grant the reduction"), _option("refuse", "不予减免", "Refuse it")
    ),
    "fee_refund": _fee_forms(
        _option("grant", "准予退付", "Grant the refund"), _option("refuse", "不予退付", "Refuse it")
    ),
}
