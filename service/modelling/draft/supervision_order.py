"""The supervision order (督办单): level 1 answers or asks its handler; limits lead on to level 2 and the centre."""

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
# What a handler has mended and level 1 accepts is settled, unless it climbed, came from above or concerns level 1.
SETTLED = "judge_result == 'accepted' and not confirm_result and not escalated and not level2_confirms"


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
    _Task("judge", "一级监察员认定", "Level 1 judges", "sup1", "supervise", "order_judge"),
    _Task("urge", "二级监察员督促", "Level 2 urges", "sup2", "supervise_level2", "order_urge"),
    _Task("centre_demand", "控制中心责成", "Control centre demands", "centre", "centre", "order_centre"),
)
# Whose they are the service sets: the handler whom level 1 has named, by the post that he handles by.
_HANDLERS_TASKS = (
    _Task("handler_sign", "经办人签收", "Handler signs for it", "officer", "mend", "order_handler_sign"),
    _Task(
        "handler_answer", "经办人说明并整改", "Handler explains and mends", "officer", "mend", "order_handler_answer"
    ),
)
_CONFIRM = _Task("confirm", "确认答复", "Confirm the answer", "sup2", "supervise_level2", "order_confirm")
_LIMITS = (
    ("sign", "office_hours(4)", "4 个工作小时", "4 office hours"),
    ("answer", "working_days(1)", "1 个工作日", "1 working day"),
    ("handler_sign", "office_hours(4)", "4 个工作小时", "4 office hours"),
    ("handler_answer", "working_days(1)", "1 个工作日", "1 working day"),
    ("judge", "working_days(1)", "1 个工作日", "1 working day"),
    ("urge", "working_days(1)", "1 个工作日", "1 working day"),
    ("centre_demand", "working_days(2)", "2 个工作日", "2 working days"),
)
_OPERATIONS = (
    ("notify_handler", "通知经办人", "Notify the handler"),
    ("notify_judge", "通知一级认定", "Ask level 1 to judge"),
    ("notify_returned", "退回经办人", "Back to the handler"),
    ("notify_late", "告知一级逾期", "Tell level 1 it is late"),
    ("notify_level2", "通知二级监察员", "Notify level 2"),
    ("notify_urged", "短信催办一级", "Text level 1"),
    ("notify_centre", "通知控制中心", "Notify the control centre"),
)
# How often is the county's choice (设置); the service answers with it whenever a reminder is armed.
_EVERY = "office_hours(remind_hours)"


def supervision_order() -> Sketch:
    """DOMAIN rungs 0 and 2 to 4: level 1 and, where it says so, the handler; urging by level 2; the control centre.

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


def _handlers(task: _Task) -> Node:
    node = _user(task, LEVEL_1)
    whose = (("postFrom", "handler_post"), ("personsFrom", "order_handlers"), ("gate", "order_handlers"))
    return replace(node, properties=(*node.properties, *whose))


def _operation(operation: str, name: str, name_en: str, scope: str | None) -> Node:
    return Node(operation, Kind.SERVICE, name, name_en, (("operation", operation),), scope)


def _add_frame(sketch: Sketch) -> None:
    sketch.add(Node("start", Kind.START, "督办单发出", "Order issued", phase=ISSUE))
    sketch.add(Node("addressee_gateway", Kind.EXCLUSIVE, "直接发给经办人？", "Straight to a handler?", phase=ISSUE))
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
    sketch.add(Node("settled_gateway", Kind.EXCLUSIVE, "一级可以销号？", "Settled at level 1?", phase=CLOSURE))
    sketch.add(replace(_operation("settle_level1", "一级销号", "Level 1 closes it", None), phase=CLOSURE))
    settled = (("outcome", "closed"),)
    sketch.add(Node("end_settled", Kind.END, "一级办结", "Settled", settled, phase=CLOSURE, trigger=Terminate()))
    sketch.add(replace(_operation("notify_confirm", "通知二级确认", "Ask level 2 to confirm", None), phase=CLOSURE))
    sketch.add(replace(_user(_CONFIRM, None), phase=CLOSURE))
    late = Node("confirm_limit", Kind.BOUNDARY, "1 个工作日", "1 working day", (("role", "step_limit"),))
    late = replace(late, attached_to="confirm", interrupting=False, phase=CLOSURE)
    sketch.add(_with_timer(late, "working_days(1)", slot="bottom-right"))
    told = _operation("notify_confirm_late", "报控制中心", "Tell the control centre", None)
    sketch.add(replace(told, phase=CLOSURE))
    sketch.add(Node("confirm_late", Kind.END, "红色报警", "Red alarm", phase=CLOSURE))
    sketch.add(replace(_reminder("confirm", None), phase=CLOSURE))
    sketch.add(Node("confirm_reminded", Kind.END, "已提醒", "Reminded", phase=CLOSURE, slot="stub"))
    sketch.add(Node("confirm_gateway", Kind.EXCLUSIVE, "答复是否认可？", "Answer accepted?", phase=CLOSURE))
    outcome = (("outcome", "closed"),)
    sketch.add(Node("end_closed", Kind.END, "销号", "Closed", outcome, phase=CLOSURE, trigger=Terminate()))


def _connect_frame(sketch: Sketch) -> None:
    for source, target in (
        ("start", "addressee_gateway"),
        ("notify_level1", LEVEL_1),
        (LEVEL_1, "settled_gateway"),
        ("answered_in_case", "notify_confirm"),
        ("notify_confirm", "confirm"),
        ("confirm_limit", "notify_confirm_late"),
        ("notify_confirm_late", "confirm_late"),
        ("settle_level1", "end_settled"),
        ("confirm", "confirm_gateway"),
        ("confirm_reminder", "confirm_reminded"),
    ):
        sketch.connect(source, target)
    _fork(sketch, "addressee_gateway", LEVEL_1, "direct", ("是", "Yes"), "notify_level1")
    _fork(sketch, "settled_gateway", "settle_level1", SETTLED, ("是", "Yes"), "notify_confirm")
    sketch.connect("confirm_gateway", LEVEL_1, name="退回重新答复", name_en="Returned", condition=RETURNED)
    sketch.connect("confirm_gateway", "end_closed", name="认可", name_en="Accepted", is_default=True)


def _add_level_1(sketch: Sketch) -> None:
    sketch.add(Node("level1_start", Kind.START, "待处置", "To be acted on", scope=LEVEL_1))
    _gateway(sketch, "level1_gateway", "由谁办理？", "Whose turn?")
    for task in _TASKS:
        sketch.add(_user(task, LEVEL_1))
    for task in _HANDLERS_TASKS:
        sketch.add(_handlers(task))
    for task in (*_TASKS, *_HANDLERS_TASKS):
        sketch.add(_reminder(task.id, LEVEL_1))
        sketch.add(Node(f"{task.id}_reminded", Kind.END, "已提醒", "Reminded", scope=LEVEL_1, slot="stub"))
    for host, expression, name, name_en in _LIMITS:
        sketch.add(_limit(host, expression, name, name_en))
    for operation in _OPERATIONS:
        sketch.add(_operation(*operation, LEVEL_1))
    sketch.add(Node("answered", Kind.END, "已答复", "Answered", scope=LEVEL_1, trigger=Terminate()))
    _gateway(sketch, "sign_gateway", "责成经办人？", "Ask the handler?")
    _gateway(sketch, "judge_gateway", "整改是否到位？", "Mended?")
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


def _reminder(host: str, scope: str | None) -> Node:
    name = f"{host}_reminder", Kind.BOUNDARY, "定期提醒", "Reminder", (("role", "reminder"),), scope, host, False
    return replace(Node(*name), trigger=Timer(_EVERY, repeats=True), slot="top-left")


def _with_timer(node: Node, expression: str, slot: str = "") -> Node:
    return replace(node, trigger=Timer(expression), slot=slot)


def _connect_level_1(sketch: Sketch) -> None:
    for source, target in (
        ("level1_start", "level1_gateway"),
        ("sign", "sign_gateway"),
        ("answer", "answered"),
        ("notify_handler", "handler_sign"),
        ("handler_sign", "handler_answer"),
        ("handler_answer", "notify_judge"),
        ("notify_judge", "judge"),
        ("judge", "judge_gateway"),
        ("notify_returned", "handler_answer"),
        ("handler_sign_limit", "notify_late"),
        ("handler_answer_limit", "notify_late"),
        ("notify_late", "escalation_gateway"),
        ("judge_limit", "escalation_gateway"),
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
    for task in (*_TASKS, *_HANDLERS_TASKS):
        sketch.connect(f"{task.id}_reminder", f"{task.id}_reminded")
    sketch.connect("level1_gateway", "answer", name="退回的答复", name_en="A returned answer", condition=RETURNED)
    _fork(sketch, "level1_gateway", "notify_handler", "direct", ("经办人", "The handler"), "sign", ("一级", "Level 1"))
    _fork(sketch, "sign_gateway", "notify_handler", "sent_to == 'handler'", ("是", "Yes"), "answer")
    _fork(
        sketch,
        "judge_gateway",
        "notify_returned",
        "judge_result == 'returned'",
        ("否", "No"),
        "answered",
        ("是", "Yes"),
    )
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
        "addressee_gateway": (1, 0),
        "notify_level1": (2, 0),
        LEVEL_1: (0, 0),
        "settled_gateway": (1, 0),
        "settle_level1": (2, 0),
        "end_settled": (3, 0),
        "notify_confirm": (1, 1),
        "confirm": (2, 1),
        "confirm_gateway": (3, 1),
        "end_closed": (4, 1),
        "notify_confirm_late": (3, 2),
        "confirm_late": (4, 2),
        "level1_start": (0, 0),
        "level1_gateway": (1, 0),
        "sign": (2, 0),
        "sign_gateway": (3, 0),
        "answer": (5, 0),
        "answered": (11, 0),
        "notify_handler": (4, 1),
        "handler_sign": (5, 1),
        "handler_answer": (6, 1),
        "notify_judge": (7, 1),
        "judge": (8, 1),
        "judge_gateway": (9, 1),
        "notify_returned": (7.5, 0.5),
        "notify_late": (6, 2),
        "escalation_gateway": (6, 3),
        "already_escalated": (6, 3.5),
        "notify_level2": (7, 3),
        "urge": (8, 3),
        "notify_urged": (9, 3),
        "wait_answer": (10, 3),
        "centre_gateway": (10, 4),
        "already_at_centre": (10, 4.5),
        "notify_centre": (11, 4),
        "centre_demand": (12, 4),
        "demanded": (13, 4),
    }
    for node_id, cell in cells.items():
        sketch.at(node_id, *cell)
