"""Words of reconciliation: classes of differences, what became of them, who did what."""

from __future__ import annotations

from typing import Final

from service.web.pages.words import N_, say

CLASSES: Final = {
    "D1": N_("未到期"),
    "D2": N_("逾期未缴"),
    "D3": N_("少缴"),
    "D4": N_("多缴"),
    "D5": N_("无办件"),
    "D6": N_("后补办件"),
    "D7": N_("串户"),
    "D8": N_("重复缴款"),
    "D9": N_("未入库"),
    "D10": N_("退付未批"),
}
# Money that came in past the system, and money that went out of it: what the county looks for first.
GRAVE: Final = ("D5", "D6", "D10")
STATUSES: Final = {
    "open": N_("待处理"),
    "explained": N_("已说明"),
    "entered_late": N_("事后补录"),
    "off_system": N_("网下运行"),
    "ordered": N_("已督办"),
    "cleared": N_("已消除"),
}
DECISIONS: Final = {
    "explained": N_("已说明（附依据）"),
    "entered_late": N_("事后补录（写明办件编号）"),
    "off_system": N_("网下运行"),
    "reopened": N_("重新核查"),
}
ACTS: Final = {
    "statement": N_("部门说明"),
    "explained": N_("认定：已说明"),
    "entered_late": N_("认定：事后补录"),
    "off_system": N_("认定：网下运行"),
    "reopened": N_("重新核查"),
    "ordered": N_("签发督办单"),
    "proposed": N_("提出对应"),
    "matched": N_("确认对应"),
    "declined": N_("否认对应"),
    "cleared": N_("比对：已消除"),
    "returned": N_("比对：再次出现"),
    "changed": N_("比对：金额变化"),
}
REASONS: Final = {
    "payer": N_("缴款人相同"),
    "amount": N_("金额相同"),
    "item": N_("项目相同"),
    "part": N_("部分缴款"),
    "sum": N_("几份通知书合计相等"),
    "together": N_("与其他票据合计相等"),
    "told": N_("银行已报、国库未见"),
}
TONES: Final = {
    "open": "yellow",
    "explained": "done",
    "entered_late": "red",
    "off_system": "red",
    "ordered": "now",
    "cleared": "done",
}


def class_word(kind: str) -> str:
    """`D5 无办件`."""
    return f"{kind} {say(CLASSES[kind])}"


def class_tone(kind: str) -> str:
    return "red" if kind in GRAVE else "" if kind == "D1" else "yellow"
