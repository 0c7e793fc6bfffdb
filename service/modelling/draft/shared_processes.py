"""The processes that items share: correction, payment, delivery. Their limits stand in the callers."""

from __future__ import annotations

from itertools import pairwise

from service.modelling.draft.sketch import Kind, Message, Node, Sketch

_BEFORE_ACCEPTANCE = "before acceptance: the decision clock has not started (行政许可法 Art. 32)"
_AFTER_DECISION = "after the decision: no limit of the office runs"


def shared_processes() -> tuple[Sketch, ...]:
    return (_correction(), _payment(), _delivery())


def _correction() -> Sketch:
    return _chain(
        Sketch("correction", "补正", "Correction"),
        Node("start", Kind.START, "已发补正告知书", "Correction notice sent"),
        _wait("await_correction", "等待补正", "Wait for correction", "correction", _BEFORE_ACCEPTANCE),
        Node("end_corrected", Kind.END, "已补正", "Corrected"),
    )


def _payment() -> Sketch:
    return _chain(
        Sketch("payment", "缴费", "Payment"),
        Node("start", Kind.START, "应缴费", "Fee due"),
        Node(
            "payment_notice",
            Kind.SERVICE,
            "生成缴款通知书",
            "Make payment notice",
            (("operation", "payment_notice"),),
        ),
        _wait("await_payment", "等待缴费", "Wait for payment", "payment", _AFTER_DECISION),
        Node("end_paid", Kind.END, "已缴费", "Paid"),
    )


def _delivery() -> Sketch:
    properties = {"formKey": "deliver", "post": "printer", "separationGroup": "print"}
    return _chain(
        Sketch("delivery", "送达", "Delivery"),
        Node("start", Kind.START, "待送达", "To be delivered"),
        Node("deliver", Kind.USER, "送达", "Deliver", tuple(properties.items())),
        Node("end_delivered", Kind.END, "已送达", "Delivered"),
    )


def _wait(node_id: str, name: str, name_en: str, message: str, basis: str) -> Node:
    properties = {"post": "applicant", "stopsClock": "true", "stopBasis": basis}
    return Node(node_id, Kind.RECEIVE, name, name_en, tuple(properties.items()), trigger=Message(message))


def _chain(sketch: Sketch, *nodes: Node) -> Sketch:
    for column, node in enumerate(nodes):
        sketch.add(node)
        sketch.at(node.id, column, 0)
    for before, after in pairwise(nodes):
        sketch.connect(before.id, after.id)
    return sketch
