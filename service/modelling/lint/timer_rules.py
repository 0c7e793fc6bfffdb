"""Rules on timers. Every timer is an expression that is evaluated when its element is entered and must give an ISO 8601
text; what fails then fails in a running case, so all of it is found here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from service.modelling.diagram import Node
from service.modelling.lint.graph import reach
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Placed, Scene
from service.modelling.problem import Words

_DURATION: Final = re.compile(
    r"P(?!\Z)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?!\Z)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?|P(?P<weeks>\d+)W"
)
"""ISO 8601-1:2019, 5.5.2, as far as the engine reads it: weeks stand alone, a fraction in the seconds only."""

_CYCLE: Final = re.compile(r"R(?P<count>\d*)/(?P<interval>P[^/]*)")
_LOOKS_BARE: Final = re.compile(r"-?P[\dT]|R\d*/|\d{4}-\d\d", re.IGNORECASE)
_PLACE: Final = {
    "duration": "timeDuration",
    "negative": "timeDuration",
    "instant": "timeDate",
    "local": "timeDate",
}
_EXAMPLE: Final = {
    "timeDuration": "'PT30M'",
    "timeDate": "working_days(5) / '2026-11-23T09:30:00+08:00'",
    "timeCycle": "'R3/PT1H'",
}


def classify(text: str) -> str:
    """What an ISO 8601 text is: duration, negative, instant, local (instant without offset), cycle, mixed or none."""
    if _DURATION.fullmatch(text):
        return "duration"
    if text[:1] in "+-" and _DURATION.fullmatch(text[1:]):
        return "negative" if text[0] == "-" else "none"
    if _CYCLE.fullmatch(text):
        return "cycle"
    if text.startswith("R") and "/" in text:
        return "mixed"
    try:
        return "local" if datetime.fromisoformat(text).tzinfo is None else "instant"
    except ValueError:
        return "none"


def is_zero(duration: str) -> bool:
    return not re.search(r"[1-9]", duration)


@rule(
    "timer_empty",
    "error",
    zh="期望{at}有时间（timeDate、timeDuration 或 timeCycle），但没有内容。",
    en="Expected the {at} to have a time (timeDate, timeDuration or timeCycle), but found none.",
    why="The engine accepts it and raises when a case arms the timer.",
)
def timer_empty(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        for event in node.events:
            if event.kind == "timer" and not any(timer.text for timer in event.timers):
                yield at(node, line=event.line, path=scene.graph.path_to(node.id))


@rule(
    "timer_several_times",
    "error",
    zh="期望{at}只有一种时间，但发现 {found} 种。",
    en="Expected the {at} to have one time, but found {found}.",
    why="The engine takes a date before a duration before a cycle and ignores the rest.",
)
def timer_several_times(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        for event in node.events:
            if len(event.timers) > 1:
                yield at(node, line=event.line, found=str(len(event.timers)))


def _written(scene: Scene) -> Iterator[Placed]:
    return (placed for placed in scene.placed("timer") if placed.source)


def _bare(placed: Placed) -> bool:
    refused = placed.refused is not None and _LOOKS_BARE.match(placed.source) is not None
    return refused or _is_bare_name(placed)


def _is_bare_name(placed: Placed) -> bool:
    tree = placed.compiled.tree if placed.compiled is not None else None
    return isinstance(tree, ast.Name) and classify(tree.id.upper()) == "duration"


@rule(
    "timer_unquoted",
    "error",
    zh="期望{at}的时间写在引号里（'{found}'），但发现没有引号的 {found}。",
    en="Expected the time of the {at} in quotes ('{found}'), but found it without: {found}.",
    why="Every timer is an expression: without quotes P5D is the name of a variable that nobody sets.",
)
def timer_unquoted(scene: Scene) -> Iterator[Finding]:
    return (at(placed.element, line=placed.line, found=placed.source) for placed in _written(scene) if _bare(placed))


@rule(
    "timer_bad_expression",
    "error",
    zh="期望{at}的时间是可计算的表达式，但“{found}”第 {column} 个字符处写法不对。",
    en='Expected the time of the {at} to be an expression, but "{found}" is none (character {column}): {reason}',
    why="The engine accepts it and raises when a case arms the timer.",
)
def timer_bad_expression(scene: Scene) -> Iterator[Finding]:
    for placed in _written(scene):
        if placed.refused is not None and not _bare(placed):
            column = str(placed.refused.column or 1)
            yield at(placed.element, line=placed.line, found=placed.source, column=column, reason=placed.refused.reason)


def _results(tree: ast.expr) -> Iterator[ast.expr]:
    """What an expression may give: both arms of a conditional."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.IfExp):
            waiting.extend((node.orelse, node.body))
        else:
            yield node


def _timed(scene: Scene) -> Iterator[tuple[Placed, str, ast.expr]]:
    """Every result of every readable timer, with the element that it stands in (timeDate, ...)."""
    for placed in _written(scene):
        if placed.compiled is not None and placed.timer is not None and not _bare(placed):
            for result in _results(placed.compiled.tree):
                yield placed, placed.timer.kind, result


def _texts(scene: Scene) -> Iterator[tuple[Placed, str, str]]:
    for placed, kind, result in _timed(scene):
        if isinstance(result, ast.Constant) and isinstance(result.value, str):
            yield placed, kind, result.value


@rule(
    "timer_not_a_time",
    "error",
    zh="期望{at}的时间是 ISO 8601 文本（如 {example}）或时限函数，但发现 {found}。",
    en="Expected the time of the {at} to be an ISO 8601 text (such as {example}) or a call that gives one, but found "
    "{found}.",
    why="The engine accepts “5 days” and a number alike, and raises when a case arms the timer.",
)
def timer_not_a_time(scene: Scene) -> Iterator[Finding]:
    for placed, kind, result in _timed(scene):
        if not isinstance(result, ast.Constant | ast.Call | ast.Name) or _no_time(result, kind):
            yield at(placed.element, line=placed.line, found=ast.unparse(result), example=_EXAMPLE[kind])


def _no_time(result: ast.expr, kind: str) -> bool:
    if not isinstance(result, ast.Constant):
        return kind == "timeCycle" and not isinstance(result, ast.Call)
    said = classify(result.value) if isinstance(result.value, str) else "none"
    if kind == "timeCycle":
        return said not in ("cycle", "mixed")
    return said in ("none", "cycle", "mixed")


@rule(
    "timer_wrong_field",
    "warning",
    zh="期望 {kind} 中写 {example} 这样的值，但{at}写了 {found}，它应放在 {other} 中。",
    en="Expected a value such as {example} in {kind}, but the {at} has {found}, which belongs in {other}.",
    why="Calls such as working_days(5) give an instant, texts such as 'PT30M' a duration (BPMN 2.0, 10.5.5); with one "
    "place for each, guides, comparisons and simulations read them alike.",
)
def timer_wrong_field(scene: Scene) -> Iterator[Finding]:
    for placed, kind, result in _timed(scene):
        belongs = None if kind == "timeCycle" and isinstance(result, ast.Call) else _belongs(result)
        if belongs is not None and belongs != kind:
            values = {"kind": kind, "example": _EXAMPLE[kind], "found": ast.unparse(result), "other": belongs}
            yield at(placed.element, line=placed.line, **values)


def _belongs(result: ast.expr) -> str | None:
    if isinstance(result, ast.Call):
        return "timeDate"
    if isinstance(result, ast.Constant) and isinstance(result.value, str):
        return _PLACE.get(classify(result.value))
    return None


@rule(
    "timer_instant_without_offset",
    "error",
    zh="期望{at}的时刻带时区（如 +08:00），但“{found}”没有。",
    en='Expected the instant of the {at} with its offset (such as +08:00), but "{found}" has none.',
    why="Without it the engine uses an offset that it fixed when it was loaded.",
)
def timer_instant_without_offset(scene: Scene) -> Iterator[Finding]:
    for placed, kind, text in _texts(scene):
        if kind != "timeCycle" and classify(text) == "local":
            yield at(placed.element, line=placed.line, found=text)


@rule(
    "timer_negative",
    "error",
    zh="期望{at}的时间不为负，但发现 {found}。",
    en="Expected the time of the {at} not to be negative, but found {found}.",
    why="The engine accepts it and the timer has fired before anyone could act, or the case fails.",
)
def timer_negative(scene: Scene) -> Iterator[Finding]:
    for placed, _, result in _timed(scene):
        if _is_negative(result):
            yield at(placed.element, line=placed.line, found=ast.unparse(result))


def _is_negative(result: ast.expr) -> bool:
    if isinstance(result, ast.Constant) and isinstance(result.value, str):
        parts = result.value.split("/")
        return any(classify(part) == "negative" for part in parts)
    if isinstance(result, ast.Call) and result.args:
        first = result.args[0]
        return isinstance(first, ast.UnaryOp) and isinstance(first.op, ast.USub)
    return False


@rule(
    "timer_call_arguments",
    "error",
    zh="期望时限函数写作 {example}，但{at}写了 {found}。",
    en="Expected a call like {example}, but the {at} has {found}.",
    why="A call takes one whole number and, if the count starts on another day than entry, since=, or before= to count "
    "back.",
)
def timer_call_arguments(scene: Scene) -> Iterator[Finding]:
    for placed, _, result in _timed(scene):
        if isinstance(result, ast.Call) and not _well_called(result):
            example = f"{ast.unparse(result.func)}(5) / {ast.unparse(result.func)}(5, since=accepted_on)"
            yield at(placed.element, line=placed.line, example=example, found=ast.unparse(result))


def _well_called(call: ast.Call) -> bool:
    if (
        len(call.args) != 1
        or any(keyword.arg not in ("since", "before") for keyword in call.keywords)
        or len(call.keywords) > 1
    ):
        return False
    count = call.args[0]
    return not (isinstance(count, ast.Constant) and (isinstance(count.value, bool) or not isinstance(count.value, int)))


@rule(
    "timer_cycle",
    "error",
    zh="期望周期 timeCycle 只用于不中断的提醒（角色 reminder），但{at}不是。",
    en="Expected a cycle (timeCycle) at a reminder that interrupts nothing (role reminder), but the {at} is none.",
    why="A limit passes once, and what interrupts or stands in the flow happens once; the engine refuses one there.",
)
def timer_cycle(scene: Scene) -> Iterator[Finding]:
    for placed in _written(scene):
        node = scene.diagram.node(placed.element.id)
        repeats = placed.timer is not None and placed.timer.kind == "timeCycle"
        if repeats and (node is None or node.role != "reminder" or node.interrupting):
            yield at(placed.element, line=placed.line)


@rule(
    "timer_cycle_zero",
    "error",
    zh="期望{at}的周期有次数和间隔，但“{found}”为零。",
    en='Expected the cycle of the {at} to have a count and an interval, but "{found}" is zero.',
    why="A count of zero never fires; an interval of zero fires at every look.",
)
def timer_cycle_zero(scene: Scene) -> Iterator[Finding]:
    for placed, _, text in _texts(scene):
        cycle = _CYCLE.fullmatch(text)
        if cycle is not None and (cycle["count"].strip("0") == "" != cycle["count"] or is_zero(cycle["interval"])):
            yield at(placed.element, line=placed.line, found=text)


@rule(
    "timer_cycle_mixed",
    "error",
    zh="期望周期写作“R次数/间隔”，如 'R3/PT1H'，但{at}写了“{found}”。",
    en="Expected a cycle as count and interval, such as 'R3/PT1H', but the {at} has \"{found}\".",
    why="Cycles with a start or an end, or with an interval that is no duration, are read wrongly or not at all.",
)
def timer_cycle_mixed(scene: Scene) -> Iterator[Finding]:
    for placed, _, text in _texts(scene):
        cycle = _CYCLE.fullmatch(text)
        interval = classify(cycle["interval"]) if cycle is not None else ""
        if classify(text) == "mixed" or interval in ("none", "mixed"):
            yield at(placed.element, line=placed.line, found=text)


def counts_since(placed: Placed) -> bool:
    """Whether every result of a timer counts from a recorded date (`since=`) or is a fixed instant."""
    if placed.compiled is None:
        return True
    return all(_recorded(result) for result in _results(placed.compiled.tree))


def _recorded(result: ast.expr) -> bool:
    if isinstance(result, ast.Call):
        return any(keyword.arg in ("since", "before") for keyword in result.keywords)
    if isinstance(result, ast.Constant) and isinstance(result.value, str):
        return classify(result.value) != "duration"
    return True


# Days that limits count from ------------------------------------------------------------------------------------------


@rule(
    "since_never_set",
    "error",
    zh="期望办件到达{at}之前可能已有 {name}，但没有一条路先经过设定它的步骤（{setter}）。",
    en="Expected some way to the {at} to set {name} before, but none goes through what sets it ({setter}).",
    why="A limit cannot count from a day that does not exist: entering the step would fail and make an incident.",
)
def since_never_set(scene: Scene) -> Iterator[Finding]:
    for placed, _, result in _timed(scene):
        if isinstance(placed.element, Node):
            armed_at = placed.element.attached_to or placed.element.id
            for name in sorted(_since(result) & (_SETTERS.keys() | scene.recorded_days)):
                if scene.graph.reached(armed_at) and armed_at not in _behind_setters(scene, name):
                    path = scene.graph.path_to(armed_at)
                    yield at(
                        placed.element, line=placed.line, path=path, name=name, setter=_SETTERS.get(name, _RECORDING)
                    )


_SETTERS: Final = {
    "accepted_on": Words(
        "操作 issue_acceptance、deem_acceptance 或 file_case",
        "operation issue_acceptance, deem_acceptance or file_case",
    ),
    "decided_on": Words("分离组 decide 的用户任务", "a user task of the group decide"),
}


_RECORDING: Final = Words("记录该日（recordsDay）的用户任务", "a user task that records the day (recordsDay)")


def _since(result: ast.expr) -> set[str]:
    keywords = result.keywords if isinstance(result, ast.Call) else []
    return {word.value.id for word in keywords if word.arg == "since" and isinstance(word.value, ast.Name)}


def _sets(node: Node, name: str) -> bool:
    if node.properties.get("recordsDay") == name:
        return True
    if name == "decided_on":
        return node.kind == "userTask" and node.group == "decide"
    setting = ("issue_acceptance", "deem_acceptance", "file_case")
    return name == "accepted_on" and node.properties.get("operation") in setting


def _behind_setters(scene: Scene, name: str) -> Mapping[str, str | None]:
    """What a case may come to after a step that sets the day. Which way it takes is data, so one way is enough."""
    setters = (node.id for node in scene.diagram.nodes if _sets(node, name))
    return reach((ahead for setter in setters for ahead in scene.graph.next[setter]), scene.graph.next)
