"""Rules on elements that the engine cannot run safely, or runs otherwise than BPMN says; each with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from service.modelling.diagram import Node
from service.modelling.lint.registry import Finding, at, at_oddity, oddities, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.wording import names
from service.modelling.problem import Words, shown


@rule(
    "task_without_kind",
    "error",
    zh="期望用户任务或服务任务，但{at}没有人或程序来完成。",
    en="Expected a user task or a service task, but nobody and nothing completes the {at}.",
    why="The engine waits at plain and manual tasks for a person, and neither has a post or a form.",
)
def task_without_kind(scene: Scene) -> Iterator[Finding]:
    return (at(node, path=scene.graph.path_to(node.id)) for node in scene.diagram.of_kind("task", "manualTask"))


@rule(
    "business_rule_task",
    "error",
    zh="期望用派生变量或网关条件表达规则，但发现{at}。",
    en="Expected a derived variable or gateway conditions to carry the rule, but found the {at}.",
    why="A definition holds no decision tables, and the engine's are Python, not FEEL: they are not the closed "
    "evaluator.",
)
def business_rule_task(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.of_kind("businessRuleTask"))


@rule(
    "send_task",
    "error",
    zh="期望用服务任务通知，但{at}是发送任务。",
    en="Expected a service task to tell others, but the {at} is a send task.",
    why="What leaves the case goes through registered operations and the outbox; the engine has no send task.",
)
def send_task(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.of_kind("sendTask"))


@rule(
    "data_store",
    "error",
    zh="期望资料放在表单和附件里，但发现数据存储（{at}）。",
    en="Expected data in forms and attachments, but found a data store ({at}).",
    why="No data store has an implementation here, so the engine refuses the diagram.",
)
def data_store(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "data_store")


@rule(
    "data_association",
    "error",
    zh="期望值都在办件的变量里，但{at}有 {found}。",
    en="Expected values in the case's variables, but the {at} has a {found}.",
    why="Variables belong to the case, not to the engine's tokens: a data object goes stale when work is done again.",
)
def data_association(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "data_association")


@rule(
    "correlation",
    "error",
    zh="期望消息按办件编号送达，但{at}定义了关联表达式（{found}）。",
    en="Expected messages to find their case by its number, but the {at} defines correlation expressions ({found}).",
    why="The engine would evaluate them as Python without bounds.",
)
def correlation(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "correlation")


@rule(
    "link_event",
    "error",
    zh="期望用顺序流连接，但{at}是链接事件。",
    en="Expected a sequence flow, but the {at} is a link event.",
    why="The engine reads a link as an event without meaning: the throwing side ends there and the case hangs.",
)
def link_event(scene: Scene) -> Iterator[Finding]:
    return (at(node, path=scene.graph.path_to(node.id)) for node in scene.diagram.nodes if node.has_event("link"))


@rule(
    "event_sub_process",
    "error",
    zh="期望用边界事件，但{at}是事件子流程。",
    en="Expected a boundary event, but the {at} is an event sub-process.",
    why="Its message start changes the specification that all cases share, and later cases never complete.",
)
def event_sub_process(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.nodes if node.by_event)


@rule(
    "compensation",
    "error",
    zh="期望明确画出的退回或更正步骤，但{at}使用补偿。",
    en="Expected steps that are drawn to undo work, but the {at} uses compensation.",
    why="The engine ignores a thrown compensation without a word, and nothing is undone.",
)
def compensation(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.nodes if node.compensates or node.has_event("compensate"))


@rule(
    "ad_hoc",
    "error",
    zh="期望步骤的次序由顺序流画出，但{at}是即席子流程。",
    en="Expected flows to say the order of steps, but the {at} is an ad-hoc sub-process.",
    why="Sequential ones are refused by the engine, and of parallel ones nobody could prove that a step was not "
    "skipped.",
)
def ad_hoc(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.of_kind("adHocSubProcess"))


@rule(
    "cancel_outside_transaction",
    "error",
    zh="期望取消事件只用于事务子流程，但{at}不在其中。",
    en="Expected cancel events in and on transactions only, but the {at} is elsewhere.",
    why="The engine refuses them (BPMN 2.0, 10.4.4).",
)
def cancel_outside_transaction(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        home = scene.diagram.node(node.attached_to if node.kind == "boundaryEvent" else node.scope)
        if node.has_event("cancel") and (home is None or home.kind != "transaction"):
            yield at(node)


@rule(
    "multi_instance",
    "error",
    zh="期望只给出次数（loopCardinality）的多实例，或有上限、条件的循环，但{at}{found}。",
    en="Expected a multi-instance with a number (loopCardinality) alone, or a loop with a maximum or condition, but "
    "the "
    "{at} {found}.",
    why="Collections would be read from token data, which holds no variables; a vendor's flavour changes the shared "
    "specification at run time; without a number or a maximum the engine refuses.",
)
def multi_instance(scene: Scene) -> Iterator[Finding]:
    for node in scene.diagram.nodes:
        wrong = _wrong_loop(node)
        if wrong is not None:
            yield at(node, found=wrong)


def _wrong_loop(node: Node) -> Words | None:
    loop = node.loop
    if loop is None:
        return None
    if loop.kind == "standardLoopCharacteristics":
        return _wrong_maximum(loop.maximum, loop.condition)
    if loop.collection is not None:
        collection = shown(loop.collection)
        return Words(f"使用集合 {collection}", f"uses a collection, {collection}")
    return None if loop.cardinality else Words("没有次数", "has no number")


def _wrong_maximum(maximum: str | None, condition: str | None) -> Words | None:
    if maximum is None:
        return None if condition else Words("既无上限也无条件", "has neither a maximum nor a condition")
    if not maximum.isdecimal() or len(maximum) > 6 or int(maximum) < 1:
        return Words(f"的上限是“{shown(maximum)}”", f'has the maximum "{shown(maximum)}"')
    return None


@rule(
    "lanes",
    "warning",
    zh="期望岗位写在任务的 post 属性上，但发现泳道 {found}，它们不起作用。",
    en="Expected posts in the property post of each task, but found the lanes {found}, which have no effect.",
    why="Lanes stop at a sub-process; who may act is read from the task alone.",
)
def lanes(scene: Scene) -> Iterator[Finding]:
    if scene.diagram.lanes:
        unnamed = Words("未命名", "unnamed")
        found = [name for name, _ in scene.diagram.lanes if name]
        yield Finding(None, scene.diagram.lanes[0][1] or None, {"found": names(found) if found else unnamed})


# Executable text -----------------------------------------------------------------------------------------------------


@rule(
    "script_task",
    "error",
    zh="期望服务任务和登记的操作，但{at}是脚本任务。",
    en="Expected a service task with a registered operation, but the {at} is a script task.",
    why="Scripts run with the engine's full rights: an uploaded diagram would be a program on the county's server.",
)
def script_task(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.of_kind("scriptTask"))


@rule(
    "script",
    "error",
    zh="期望没有脚本，但{at}含有 script。",
    en="Expected no scripts, but the {at} holds one.",
    why="Conditions, timers and decisions go through the closed evaluator; everything else is a registered operation.",
)
def script(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "script")


@rule(
    "executable_extension",
    "error",
    zh="期望扩展中没有可执行内容，但{at}有 {found}。",
    en="Expected no executable extension, but the {at} has {found}.",
    why="Scripts, listeners and operators of other engines would not run here, or would run with full rights.",
)
def executable_extension(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "executable")


@rule(
    "foreign_extension",
    "warning",
    zh="期望控制属性写在 spiffworkflow:properties 中，但{at}有 {found}，它不起作用。",
    en="Expected control properties in spiffworkflow:properties, but the {at} has {found}, which has no effect.",
    why="What another product reads from its extension (an assignee, a form) is not enforced here.",
)
def foreign_extension(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "foreign")


@rule(
    "comment_in_text",
    "error",
    zh="期望 {found} 中没有 XML 注释，但{at}的第 {row} 行有。",
    en="Expected no XML comment within {found}, but the {at} has one on line {row}.",
    why="A reader that keeps comments and instructions takes the text up to it and drops the rest, so a condition "
    "would "
    "mean less than it shows; within a script task the engine crashes.",
)
def comment_in_text(scene: Scene) -> Iterator[Finding]:
    for oddity in scene.diagram.oddities:
        if oddity.kind == "comment":
            yield at_oddity(oddity, row=str(oddity.line))
