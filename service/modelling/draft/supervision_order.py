"""The supervision order (督办单): level 1 signs and answers, its limits lead on to level 2 and the centre."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.modelling.draft.sketch import Kind, Message, Node, Sketch, Terminate, Timer

LEVEL_1 = "level1"
ISSUE, ACTION, CLOSURE = 0, 1, 2
RETURNED = "confirm_result == 'returned'"
# A second limit that passes in one round must not start a second escalation; a returned answer begins a new round,
# in which `sign` is not open any more, so that one limit alone can pass.
NOT_YET_ESCALATED = f"not escalated or {RETURNED}"
NOT_YET_AT_CENTRE = "not centre_notified"


@dataclass(frozen=True)
class _Task:
    id: str
    name: str
    name_en: str
    post: str
    group: str
    form: str


_TASKS = (
    _Task("sign", "签收督办单", "Sign for the order", "sup1", "supervise", "order_sign"),
    _Task("answer", "查处并答复", "Act and answer", "sup1", "supervise", "order_answer"),
    _Task("urge", "二级监察员督促", "Level 2 urges", "sup2", "supervise_level2", "order_urge"),
    _Task("centre_demand", "控制中心责成", "Control centre demands", "centre", "centre", "order_centre"),
)
_CONFIRM = _Task("confirm", "确认答复", "Confirm the answer", "sup2", "supervise_level2", "order_confirm")
_LIMITS = (
    ("sign", "office_hours(4)", "4 个工作小时", "4 office hours"),
    ("answer", "working_days(1)", "1 个工作日", "1 working day"),
    ("urge", "working_days(1)", "1 个工作日", "1 working day"),
    ("centre_demand", "working_days(2)", "2 个工作日", "2 working days"),
)
_OPERATIONS = (
    ("notify_level2", "通知二级监察员", "Notify level 2"),
    ("notify_urged", "短信催办一级", "Text level 1"),
    ("notify_centre", "通知控制中心", "Notify the control centre"),
)


def supervision_order() -> Sketch:
    """DOMAIN rungs 2 to 4: order, urging by level 2, demand by the control centre.

    `answered` ends the sub-process with everything open in it, so that an escalation does not outlive the answer;
    the message `halt_ruled` (the ruling inside the halted case) answers the order as well.
    """
    sketch = Sketch("supervision_order", "督办单", "Supervision order")
    _add_frame(sketch)
    _add_level_1(sketch)
    _connect_frame(sketch)
    _connect_level_1(sketch)
    _arrange(sketch)
    return sketch


def _user(task: _Task, scope: str | None) -> Node:
    properties = {"formKey": task.form, "post": task.post, "separationGroup": task.group}
    return Node(task.id, Kind.USER, task.name, task.name_en, tuple(properties.items()), scope)


def _operation(operation: str, name: str, name_en: str, scope: str | None) -> Node:
    return Node(operation, Kind.SERVICE, name, name_en, (("operation", operation),), scope)


def _add_frame(sketch: Sketch) -> None:
    sketch.add(Node("start", Kind.START, "督办单发出", "Order issued", phase=ISSUE))
    sketch.add(replace(_operation("notify_level1", "通知一级监察员", "Notify level 1", None), phase=ISSUE))
    words = ("一级处置与逐级升级", "Level 1 acts, escalation by rungs")
    sketch.add(Node(LEVEL_1, Kind.SUBPROCESS, *words, phase=ACTION))
    sketch.add(
        Node(
            "answered_in_case",
            Kind.BOUNDARY,
            "案内已处置",
            "Ruled in the case",
            (("role", "move"),),
            attached_to=LEVEL_1,
            trigger=Message("halt_ruled"),
            slot="bottom-start",
            phase=ACTION,
        )
    )
    sketch.add(replace(_user(_CONFIRM, None), phase=CLOSURE))
    sketch.add(Node("confirm_gateway", Kind.EXCLUSIVE, "答复是否认可？", "Answer accepted?", phase=CLOSURE))
    outcome = (("outcome", "closed"),)
    sketch.add(Node("end_closed", Kind.END, "销号", "Closed", outcome, phase=CLOSURE, trigger=Terminate()))


def _connect_frame(sketch: Sketch) -> None:
    for source, target in (
        ("start", "notify_level1"),
        ("notify_level1", LEVEL_1),
        (LEVEL_1, "confirm"),
        ("answered_in_case", "confirm"),
        ("confirm", "confirm_gateway"),
    ):
        sketch.connect(source, target)
    sketch.connect("confirm_gateway", LEVEL_1, name="退回重新答复", name_en="Returned", condition=RETURNED)
    sketch.connect("confirm_gateway", "end_closed", name="认可", name_en="Accepted", is_default=True)


def _add_level_1(sketch: Sketch) -> None:
    sketch.add(Node("level1_start", Kind.START, "待处置", "To be acted on", scope=LEVEL_1))
    _gateway(sketch, "level1_gateway", "退回的答复？", "Returned answer?")
    for task in _TASKS:
        sketch.add(_user(task, LEVEL_1))
    for host, expression, name, name_en in _LIMITS:
        sketch.add(_limit(host, expression, name, name_en))
    for operation in _OPERATIONS:
        sketch.add(_operation(*operation, LEVEL_1))
    sketch.add(Node("answered", Kind.END, "已答复", "Answered", scope=LEVEL_1, trigger=Terminate()))
    _gateway(sketch, "escalation_gateway", "尚未升级？", "Not escalated yet?")
    _gateway(sketch, "centre_gateway", "尚未报控制中心？", "Centre not told yet?")
    wait = Node("wait_answer", Kind.CATCH, "1 个工作日", "1 working day", scope=LEVEL_1)
    sketch.add(_with_timer(wait, "working_days(1)"))
    sketch.add(Node("already_escalated", Kind.END, "已在升级", "Already escalated", scope=LEVEL_1))
    sketch.add(Node("already_at_centre", Kind.END, "已报控制中心", "Centre told already", scope=LEVEL_1))
    sketch.add(Node("demanded", Kind.END, "已责成", "Demanded", scope=LEVEL_1))
    sketch.add(Node("centre_demand_limit_passed", Kind.END, "红色报警", "Red alarm", scope=LEVEL_1, slot="stub"))


def _gateway(sketch: Sketch, node_id: str, name: str, name_en: str) -> None:
    sketch.add(Node(node_id, Kind.EXCLUSIVE, name, name_en, scope=LEVEL_1))


def _limit(host: str, expression: str, name: str, name_en: str) -> Node:
    node = Node(f"{host}_limit", Kind.BOUNDARY, name, name_en, (("role", "step_limit"),), LEVEL_1, host, False)
    return _with_timer(node, expression, slot="top-right" if host == "centre_demand" else "bottom-right")


def _with_timer(node: Node, expression: str, slot: str = "") -> Node:
    return replace(node, trigger=Timer(expression), slot=slot)


def _connect_level_1(sketch: Sketch) -> None:
    for source, target in (
        ("level1_start", "level1_gateway"),
        ("sign", "answer"),
        ("answer", "answered"),
        ("sign_limit", "escalation_gateway"),
        ("answer_limit", "escalation_gateway"),
        ("notify_level2", "urge"),
        ("urge", "notify_urged"),
        ("notify_urged", "wait_answer"),
        ("wait_answer", "centre_gateway"),
        ("urge_limit", "centre_gateway"),
        ("notify_centre", "centre_demand"),
        ("centre_demand", "demanded"),
        ("centre_demand_limit", "centre_demand_limit_passed"),
    ):
        sketch.connect(source, target)
    _fork(sketch, "level1_gateway", "answer", RETURNED, ("是", "Yes"), "sign", ("否", "No"))
    _fork(sketch, "escalation_gateway", "notify_level2", NOT_YET_ESCALATED, ("是", "Yes"), "already_escalated")
    _fork(sketch, "centre_gateway", "notify_centre", NOT_YET_AT_CENTRE, ("是", "Yes"), "already_at_centre")


def _fork(
    sketch: Sketch,
    gateway: str,
    target: str,
    condition: str,
    yes: tuple[str, str],
    otherwise: str,
    no: tuple[str, str] = ("否", "No"),
) -> None:
    sketch.connect(gateway, target, name=yes[0], name_en=yes[1], condition=condition)
    sketch.connect(gateway, otherwise, name=no[0], name_en=no[1], is_default=True)


def _arrange(sketch: Sketch) -> None:
    cells = {
        "start": (0, 0),
        "notify_level1": (1, 0),
        LEVEL_1: (0, 0),
        "confirm": (1, 0),
        "confirm_gateway": (2, 0),
        "end_closed": (3, 0),
        "level1_start": (0, 0),
        "level1_gateway": (1, 0),
        "sign": (2, 0),
        "answer": (3, 0),
        "answered": (4, 0),
        "escalation_gateway": (3, 1),
        "already_escalated": (3, 1.5),
        "notify_level2": (4, 1),
        "urge": (5, 1),
        "notify_urged": (6, 1),
        "wait_answer": (7, 1),
        "centre_gateway": (7, 2),
        "already_at_centre": (7, 2.5),
        "notify_centre": (8, 2),
        "centre_demand": (9, 2),
        "demanded": (10, 2),
    }
    for node_id, cell in cells.items():
        sketch.at(node_id, *cell)
