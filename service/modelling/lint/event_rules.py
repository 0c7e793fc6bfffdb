"""Rules on events and what they refer to, and on call activities."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from service.modelling.diagram import Diagram, Node
from service.modelling.lint.graph import reach
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.wording import describe, kind_words, names, nearest, value_or_nothing
from service.modelling.problem import Words

TOO_EARLY: Final = "TOO_EARLY"
_REFERRING: Final = frozenset({"message", "signal", "error", "escalation"})
Branches = dict[str, set[int]]
MAX_COMPARED: Final = 8
"""Handlers of one error code that are compared with each other; the first pairs tell enough."""
_WAITS_FOR: Final = frozenset({"timer", "message", "signal"})


@rule(
    "start_event_waits",
    "error",
    zh="期望{at}没有触发条件，但它等待 {found}。",
    en="Expected the {at} to have no trigger, but it waits for {found}.",
    why="A case starts with its application, a sub-process with its turn; nobody would send what this one waits for.",
)
def start_event_waits(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("startEvent"):
        home = scene.diagram.node(node.scope)
        if node.events and not (home is not None and home.by_event):
            yield at(node, found=names(event.kind for event in node.events))


@rule(
    "event_without_definition",
    "error",
    zh="期望{at}说明等待什么，但没有事件定义。",
    en="Expected the {at} to say what it waits for, but it has no event definition.",
    why="The engine passes a catching event without meaning at once, and stops the parser at a boundary event.",
)
def event_without_definition(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("intermediateCatchEvent", "boundaryEvent"):
        if not node.events:
            yield at(node, path=scene.graph.path_to(node.id))


@rule(
    "several_event_definitions",
    "error",
    zh="期望{at}只等待一件事，但发现 {found}。",
    en="Expected the {at} to have one event definition, but found {found}.",
    why="Several share one armed value in the engine; an event-based gateway draws the choice in the open.",
)
def several_event_definitions(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        if len(node.events) > 1:
            yield at(node, found=names(event.kind for event in node.events))


@rule(
    "catch_event_kind",
    "error",
    zh="期望{at}等待定时、消息或信号，但发现 {found}。",
    en="Expected the {at} to wait for a timer, a message or a signal, but found {found}.",
    why="The engine reads other definitions as none and passes at once.",
)
def catch_event_kind(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("intermediateCatchEvent"):
        for event in node.events:
            if event.kind not in _WAITS_FOR | {"link", "conditional"}:
                yield at(node, found=event.kind)


@rule(
    "conditional_event",
    "error",
    zh="期望用网关判断条件，但{at}等待条件成立。",
    en="Expected a gateway to ask for the condition, but the {at} waits for it to hold.",
    why="Nothing tells the engine that a variable has changed, so the event would wait for ever.",
)
def conditional_event(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.nodes if node.has_event("conditional"))


@rule(
    "message_thrown",
    "error",
    zh="期望用服务任务通知，但{at}抛出消息。",
    en="Expected a service task to tell others, but the {at} throws a message.",
    why="What leaves the case goes through registered operations and the outbox; a thrown message reaches nobody.",
)
def message_thrown(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("intermediateThrowEvent", "endEvent"):
        if node.has_event("message"):
            yield at(node)


def _references(scene: Scene) -> Iterator[tuple[Node, str, str | None]]:
    """Events and tasks that refer to something, with its kind and their reference."""
    for node in scene.diagram.nodes:
        if node.kind == "receiveTask":
            yield node, "message", node.message_ref
        for event in node.events:
            if event.kind in _REFERRING:
                yield node, event.kind, event.ref


@rule(
    "event_reference_missing",
    "error",
    zh="期望{at}指明一个{what}，但没有引用。",
    en="Expected the {at} to name a {what}, but it refers to none.",
    why="A receive task without a message is passed at once; an error event without an error catches every one.",
)
def event_reference_missing(scene: Scene) -> Iterator[Finding]:
    for node, kind, ref in _references(scene):
        if not ref and kind != "escalation":
            yield at(node, what=kind_words(kind))


@rule(
    "event_reference_unknown",
    "error",
    zh="期望{at}引用的{what}“{ref}”在文件中定义，但没有。",
    en='Expected the {what} "{ref}", to which the {at} refers, to be defined in the file, but it is not.',
    why="The engine surfaces this as a TypeError without a place.",
)
def event_reference_unknown(scene: Scene) -> Iterator[Finding]:
    for node, kind, ref in _references(scene):
        if ref and scene.diagram.definition(kind, ref) is None:
            yield at(node, what=kind_words(kind), ref=ref)


@rule(
    "nameless_message",
    "error",
    zh="期望{at}有名称，但没有。",
    en="Expected the {at} to have a name, but it has none.",
    why="Messages find their case by name; without one the engine surfaces a TypeError without a place.",
)
def nameless_message(scene: Scene) -> Iterator[Finding]:
    for definition in scene.diagram.definitions:
        if definition.kind in ("message", "signal") and not definition.name:
            yield at(definition)


@rule(
    "error_without_code",
    "error",
    zh="期望{at}有 errorCode，但没有。",
    en="Expected the {at} to have an errorCode, but it has none.",
    why="Errors are caught by their code; one without is caught by every handler.",
)
def error_without_code(scene: Scene) -> Iterator[Finding]:
    for definition in scene.diagram.definitions:
        if definition.kind == "error" and not definition.code:
            yield at(definition)


@rule(
    "message_unknown",
    "warning",
    zh="期望{at}等待 {known} 之一，但消息名为“{found}”，没有人会发送它。{hint}",
    en='Expected the {at} to wait for one of {known}, but its message is "{found}", which nobody sends.{hint}',
    why="Applicants' and parties' messages have fixed names; a step that waits for another waits until its limit.",
)
def message_unknown(scene: Scene) -> Iterator[Finding]:
    known = scene.vocabulary.messages
    for node, kind, ref in _references(scene):
        message = scene.diagram.definition(kind, ref)
        waits = node.kind in ("receiveTask", "intermediateCatchEvent", "boundaryEvent")
        if kind == "message" and waits and message is not None and message.name and message.name not in known:
            yield at(node, known=names(known), found=message.name, hint=nearest(message.name, known))


# Errors that find the wrong handler ----------------------------------------------------------------------------------


@rule(
    "error_code_parallel",
    "error",
    zh="期望错误代码“{code}”在同时进行的分支中只有一处捕获，但{at}与{other}都捕获它。",
    en='Expected the error code "{code}" to be caught once among branches that run at the same time, but the {at} and '
    "the {other} both catch it.",
    why="The engine gives the error to the wrong handler. TOO_EARLY is exempt: it is set off on its own step directly.",
)
def error_code_parallel(scene: Scene) -> Iterator[Finding]:
    catching: dict[str, list[Node]] = {}
    for node in scene.diagram.of_kind("boundaryEvent"):
        for event in node.events:
            error = scene.diagram.definition("error", event.ref)
            if error is not None and error.code and error.code != TOO_EARLY:
                catching.setdefault(error.code, []).append(node)
    branches = _branches(scene) if any(len(nodes) > 1 for nodes in catching.values()) else []
    for code, nodes in catching.items():
        for first, second in combinations(nodes[:MAX_COMPARED], 2):
            if _at_the_same_time(scene, branches, first.attached_to or "", second.attached_to or ""):
                yield at(second, code=code, other=describe(first), path=scene.graph.path_to(second.id))


def _at_the_same_time(scene: Scene, branches: list[Branches], first: str, second: str) -> bool:
    """Whether two steps may be open together: one inside the other, or on different branches of one split."""
    if first in _around(scene.diagram, second) or second in _around(scene.diagram, first):
        return True
    for split in branches:
        one, other = split.get(first, set()), split.get(second, set())
        if one and other and len(one | other) > 1:
            return True
    return False


def _around(diagram: Diagram, node_id: str) -> set[str]:
    """The sub-processes around a node, and itself."""
    found: set[str] = set()
    node = diagram.node(node_id)
    while node is not None and node.id not in found:
        found.add(node.id)
        node = diagram.node(node.scope)
    return found


def _branches(scene: Scene) -> list[Branches]:
    """For every gateway that opens several branches at once: on which of them each node lies, up to the joins."""
    splitting = scene.diagram.of_kind("parallelGateway", "inclusiveGateway")
    joins = {node.id for node in splitting if len(scene.graph.incoming[node.id]) > 1}
    found: list[Branches] = []
    for gateway in splitting:
        lies_on: Branches = {}
        for number, target in enumerate(scene.graph.targets(gateway.id)):
            for node in reach([target], scene.graph.next, blocked=joins):
                lies_on.setdefault(node, set()).add(number)
        found.append(lies_on)
    return found


# Call activities -----------------------------------------------------------------------------------------------------


@rule(
    "call_unknown",
    "error",
    zh="期望{at}调用一个已有的共享流程，但 calledElement 为{found}。{hint}",
    en="Expected the {at} to call a shared process that exists, but its calledElement is {found}.{hint}",
    why="The engine refuses a diagram that calls what it does not have.",
)
def call_unknown(scene: Scene) -> Iterator[Finding]:
    known = {*scene.called, *(process.id for process in scene.diagram.processes)}
    for node in scene.diagram.of_kind("callActivity"):
        if not node.called or node.called not in known:
            yield at(node, found=value_or_nothing(node.called), hint=nearest(node.called or "", known))


@rule(
    "call_unreadable",
    "error",
    zh="期望{at}调用的“{called}”可以读取，但：{found}",
    en='Expected "{called}", which the {at} calls, to be readable, but: {found}',
    why="What is called belongs to the definition and is deployed with it.",
)
def call_unreadable(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("callActivity"):
        called = scene.called.get(node.called or "")
        for problem in called.problems if called is not None else ():
            yield at(node, called=node.called or "", found=Words(problem.message_zh, problem.message_en))


@rule(
    "call_recursion",
    "error",
    zh="期望共享流程不会回头调用自己，但{at}形成循环：{found}。",
    en="Expected no process to call itself, but the {at} closes a circle: {found}.",
    why="Every call opens a workflow within the case; a circle opens them without end.",
)
def call_recursion(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.of_kind("callActivity"):
        way = _way_back(scene, node.called or "", scene.graph.process_of(node.id))
        if way:
            yield at(node, found=" → ".join(way))


def _way_back(scene: Scene, called: str, own: str) -> tuple[str, ...]:
    """Processes from the called one to the first that is met again or that the call stands in."""
    open_ways: list[tuple[str, ...]] = [(called,)]
    seen: set[str] = set()
    while open_ways:
        way = open_ways.pop()
        if way[-1] == own or way[-1] in way[:-1]:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            diagram = scene.called.get(way[-1], Diagram())
            open_ways.extend((*way, ahead.called or "") for ahead in diagram.of_kind("callActivity"))
    return ()


@rule(
    "call_id_clash",
    "error",
    zh="期望{at}调用的“{called}”中的流程和子流程另有 id，但 {found} 在两边都有。",
    en='Expected the processes and sub-processes of "{called}", which the {at} calls, to have ids of their own, but '
    "{found} is on both sides.",
    why="The engine keeps the specifications of a case by these ids: one would stand in for the other.",
)
def call_id_clash(scene: Scene) -> Iterator[Finding]:
    own = {scope.id for scope in scene.diagram.scopes}
    for node in scene.diagram.of_kind("callActivity"):
        called = scene.called.get(node.called or "")
        if called is not None and node.called not in own:
            both = own & {scope.id for scope in called.scopes}
            if both:
                yield at(node, called=node.called or "", found=names(both))
