"""Forms that every catalogue row of a kind needs, written as rows of the catalogue: rulings, corrections, orders.

The level-1 supervisor's ruling lifts or upholds a halt; the order's forms follow 一事一督办: answer, urge, confirm.
"""

from __future__ import annotations

from typing import Any, Final

Row = dict[str, Any]


def _option(value: str, zh: str, en: str) -> Row:
    return {"value": value, "zh": zh, "en": en}


def _row(key: str, zh: str, en: str, kind: str = "textarea", *, required: bool = True, **more: object) -> Row:
    return {"key": key, "label_zh": zh, "label_en": en, "type": kind, "required": required, **more}


HALT_RULING: Final[list[Row]] = [
    _row(
        "halt_ruling",
        "监察处理",
        "Ruling",
        "radio",
        options=[_option("redo", "重办", "Redo"), _option("release", "认可", "Accept as done")],
    ),
    _row("ruling_reason", "监察意见", "Supervisor's opinion", min_length=10),
    _row("ruling_ground", "认可依据", "Ground for accepting", "text", condition="halt_ruling == 'release'"),
]

AWAIT_CORRECTION: Final[list[Row]] = [_row("correction_note", "补正说明", "What has been corrected")]

AWAIT_RECTIFICATION: Final[list[Row]] = [_row("rectification_note", "整改情况说明", "What has been rectified")]

AWAIT_COMPLETION: Final[list[Row]] = [_row("completion_note", "竣工情况说明", "What has been completed")]

AWAIT_REPORT: Final[list[Row]] = [_row("report_note", "节点完成说明", "What has been completed")]

OBJECTION: Final[list[Row]] = [
    _row("objector_name", "姓名或单位名称", "Name or organisation", "text"),
    _row("objector_mobile", "联系电话", "Mobile number", "mobile"),
    _row("objection_text", "意见和理由", "Objection and reasons", min_length=10),
]

_ORDER_ANSWER: Final[list[Row]] = [
    _row(
        "cause",
        "原因类别",
        "Cause",
        "select",
        options=[
            _option("clerk", "经办人员", "Handling staff"),
            _option("leader", "领导", "Leader"),
            _option("applicant", "申请人", "Applicant"),
            _option("system", "系统", "System"),
            _option("other", "其他", "Other"),
        ],
    ),
    _row("explanation", "情况说明", "Explanation", min_length=10),
    _row("measure", "整改措施", "Measures taken"),
    _row("evidence", "依据、证据", "Basis and evidence"),
]

_SIGN_NOTE: Final = _row("sign_note", "签收说明", "Note on receipt", required=False)

SUPERVISION_ORDER: Final[dict[str, list[Row]]] = {
    "order_sign": [
        _SIGN_NOTE,
        _row(
            "sent_to",
            "由谁说明和整改",
            "Who explains and mends",
            "radio",
            required=False,
            options=[
                _option("self", "本人查处并答复", "I look into it and answer"),
                _option("handler", "责成经办人", "The handler"),
            ],
        ),
    ],
    "order_answer": _ORDER_ANSWER,
    "order_handler_sign": [_SIGN_NOTE],
    "order_handler_answer": _ORDER_ANSWER,
    "order_judge": [
        _row(
            "judge_result",
            "认定结论",
            "Conclusion",
            "radio",
            options=[
                _option("accepted", "整改到位", "Mended"),
                _option("returned", "退回重办", "Back to the handler"),
            ],
        ),
        _row("judge_opinion", "认定意见", "Opinion"),
    ],
    "order_urge": [_row("urge_note", "催办意见", "What is urged")],
    "order_confirm": [
        _row(
            "confirm_result",
            "确认结论",
            "Conclusion",
            "radio",
            options=[
                _option("accepted", "认可销号", "Accepted, order closed"),
                _option("returned", "退回重答", "Returned for another answer"),
            ],
        ),
        _row("confirm_opinion", "确认意见", "Opinion"),
    ],
    "order_centre": [
        _row("centre_demand", "控制中心要求", "Demand of the control centre"),
        _row(
            "proposal",
            "追加处理",
            "Further proposal",
            "radio",
            options=[
                _option("none", "不追加", "None"),
                _option("circular", "通报", "Circular"),
                _option("interview", "约谈", "Interview"),
            ],
        ),
    ],
}

# Words for rules that the catalogue states without any: what the person at the form should do.
RULE_NOTES: Final[dict[str, tuple[str, str]]] = {
    "facts_clear == 'yes' or penalty_decision in ('none', 'ordinary')": (
        "违法事实不清或者没有法定依据的，不得当场处罚（行政处罚法第五十一条）",
        "facts that are not clear are no ground for a penalty on the spot (Administrative Penalty Law, Art. 51)",
    ),
    "fine_amount <= (20000 if party_kind == 'person' else 300000)": (
        "当场罚款，对公民不超过二百元，对单位不超过三千元（行政处罚法第五十一条）",
        "on the spot a citizen is fined at most 200 yuan, an organisation 3,000 (Administrative Penalty Law, Art. 51)",
    ),
    "pay_way != 'none' if penalty_decision == 'fine' else pay_way == 'none'": (
        "罚款的，选择到银行缴纳或者当场收缴；警告的，没有罚款",
        "a fine is paid at a bank or taken on the spot; a warning has none",
    ),
    "spot_ground != 'small' or fine_amount <= 10000": (
        "超过一百元的，不属于第六十八条第一项，不得以此当场收缴（行政处罚法第六十八条）",
        "more than 100 yuan is not taken on the spot under Art. 68(1) of the Administrative Penalty Law",
    ),
    "officer_b != officer_a": ("两名人员不能是同一人", "the two officers must be different people"),
    "check_result == 'not_competent' if beyond_county == 'yes' else True": (
        "涉及剧毒化学品、重点监管危险化学品或重点监管化工工艺的，不属于本机关职权",
        "toxic or specially supervised chemicals and processes are beyond this organ's competence",
    ),
    "members_person >= 50 or members_unit >= 30 or "
    "(members_person > 0 and members_unit > 0 and members_person + members_unit >= 50)": (
        "个人会员应不少于 50 个，或单位会员不少于 30 个，混合组成的会员总数不少于 50 个",
        "50 individual members, or 30 organisations, or 50 of both kinds together are needed",
    ),
}
