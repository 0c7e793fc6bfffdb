"""A fee is reduced or given back (减免、退付): proposed, reviewed, decided with a paper; a case of its own."""

from __future__ import annotations

from typing import Final, NamedTuple

from service.modelling.draft.sketch import Kind, Node, Sketch, Timer

PAPER: Final = "fee_paper"
_LIMITS: Final = (
    ("review", "working_days(3)", "3 个工作日", "3 working days"),
    ("decide", "working_days(5)", "5 个工作日", "5 working days"),
)


class _Words(NamedTuple):
    name: str
    name_en: str
    gateway: str
    gateway_en: str
    effect: str
    effect_en: str
    end: str
    end_en: str
    kept: str
    kept_en: str


_REDUCTION: Final = _Words(
    *("收费减免审批", "Reduction of a fee", "准予减免？", "Reduction granted?"),
    *("减免入账", "The reduction is posted", "已减免", "Reduced", "不予减免", "Not reduced"),
)
_REFUND: Final = _Words(
    *("收费退付审批", "Refund of a fee", "准予退付？", "Refund granted?"),
    *("通知银行退款", "The bank is told to pay back", "已批准退付", "Refund approved", "不予退付", "Not paid back"),
)


def fee_reduction() -> Sketch:
    """Nobody edits an amount: what is taken off is decided by another person, and posted by the service."""
    return _change("fee_reduction", _REDUCTION)


def fee_refund() -> Sketch:
    """Money goes back by the bank alone, along the way on which it came, once a head has decided it."""
    return _change("fee_refund", _REFUND)


def _change(key: str, words: _Words) -> Sketch:
    sketch = Sketch(key, words.name, words.name_en)
    sketch.add(Node("start", Kind.START, "提出", "Proposed", phase=0))
    _add_task(sketch, "review", "科室审核", "Review by the section", "section", "review")
    _add_task(sketch, "decide", "负责人决定", "Decision by the head", "head", "decide")
    for host, expression, name, name_en in _LIMITS:
        role = (("role", "step_limit"),)
        timer = {"attached_to": host, "interrupting": False, "trigger": Timer(expression), "slot": "top-right"}
        sketch.add(Node(f"{host}_limit", Kind.BOUNDARY, name, name_en, role, **timer))  # type: ignore[arg-type]
        sketch.add(Node(f"{host}_limit_passed", Kind.END, "红色报警", "Red alarm", slot="stub"))
    sketch.add(Node("decision_gateway", Kind.EXCLUSIVE, words.gateway, words.gateway_en, phase=0))
    operation = (("operation", "apply_fee_change"),)
    sketch.add(Node("apply_fee_change", Kind.SERVICE, words.effect, words.effect_en, operation, phase=0))
    changed, kept = (("outcome", "changed"),), (("outcome", "kept"),)
    sketch.add(Node("end_changed", Kind.END, words.end, words.end_en, changed, phase=0))
    sketch.add(Node("end_kept", Kind.END, words.kept, words.kept_en, kept, phase=0))
    _connect(sketch)
    return sketch


def _add_task(sketch: Sketch, step: str, name: str, name_en: str, post: str, group: str) -> None:
    properties = [("formKey", step), ("post", post), ("separationGroup", group)]
    if step == "decide":
        properties.append(("requiredMaterials", PAPER))
    sketch.add(Node(step, Kind.USER, name, name_en, tuple(properties), phase=0))


def _connect(sketch: Sketch) -> None:
    for source, target in (
        ("start", "review"),
        ("review", "decide"),
        ("decide", "decision_gateway"),
        ("apply_fee_change", "end_changed"),
        *((f"{limit[0]}_limit", f"{limit[0]}_limit_passed") for limit in _LIMITS),
    ):
        sketch.connect(source, target)
    granted = "change_decision == 'grant'"
    sketch.connect("decision_gateway", "apply_fee_change", name="准予", name_en="Granted", condition=granted)
    sketch.connect("decision_gateway", "end_kept", name="不予", name_en="Refused", is_default=True)
    cells = ("start", "review", "decide", "decision_gateway", "apply_fee_change", "end_changed")
    for column, node_id in enumerate(cells):
        sketch.at(node_id, column, 0)
    sketch.at("end_kept", 4, 1)
