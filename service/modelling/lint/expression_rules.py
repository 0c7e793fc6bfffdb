"""Rules on conditions, gates and derived variables: what they say must be computable, what they read be set."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from functools import cache, partial
from typing import Final

from service.modelling.diagram import SUB_PROCESSES, Flow, Node
from service.modelling.lint.graph import Edges, a_cycle, backwards, reach
from service.modelling.lint.registry import Finding, at, rule
from service.modelling.lint.scene import Placed, Scene
from service.modelling.lint.wording import names, nearest

_RESERVED: Final = frozenset({"typename"})
"""SpiffWorkflow's serializer keeps its own mark under this key: a case that has it cannot be loaded again."""


def _refused(scene: Scene, place: str) -> Iterator[Finding]:
    for placed in scene.placed(place):
        if placed.refused is not None:
            column = placed.refused.column or 1
            yield at(
                placed.element,
                line=placed.line,
                found=placed.source,
                column=str(column),
                part=placed.source[column - 1 : column + 11],
                reason=placed.refused.reason,
            )


@rule(
    "condition_bad_expression",
    "error",
    zh="期望{at}的条件可以计算，但“{found}”在第 {column} 个字符处写法不对（“{part}”）。",
    en='Expected the condition of the {at} to be an expression, but "{found}" is none (character {column}): {reason}',
    why="The engine accepts any text and raises when a case comes to the gateway.",
)
def condition_bad_expression(scene: Scene) -> Iterator[Finding]:
    return _refused(scene, "condition")


@rule(
    "gate_bad_expression",
    "error",
    zh="期望{at}的 gate 可以计算，但“{found}”在第 {column} 个字符处写法不对（“{part}”）。",
    en='Expected the gate of the {at} to be an expression, but "{found}" is none (character {column}): {reason}',
    why="A gate that cannot be evaluated can never open.",
)
def gate_bad_expression(scene: Scene) -> Iterator[Finding]:
    return _refused(scene, "gate")


@rule(
    "variable_bad_expression",
    "error",
    zh="期望{at}的派生变量可以计算，但“{found}”在第 {column} 个字符处写法不对（“{part}”）。",
    en='Expected the derived variables of the {at} to be expressions, but "{found}" is none (character {column}): '
    "{reason}",
    why="Every condition that reads the variable would fail.",
)
def variable_bad_expression(scene: Scene) -> Iterator[Finding]:
    return _refused(scene, "variable")


@rule(
    "loop_bad_expression",
    "error",
    zh="期望{at}的次数和条件可以计算，但“{found}”在第 {column} 个字符处写法不对（“{part}”）。",
    en='Expected number and conditions of the {at} to be expressions, but "{found}" is none (character {column}): '
    "{reason}",
    why="The case would fail on entering the step.",
)
def loop_bad_expression(scene: Scene) -> Iterator[Finding]:
    return _refused(scene, "loop")


# Names ---------------------------------------------------------------------------------------------------------------


def _given(scene: Scene) -> Iterator[tuple[str, Placed | None, str]]:
    """Every name that the bundle gives to a value: derived variables, and the keys of forms."""
    for placed in scene.placed("variable"):
        yield placed.variable, placed, ""
    for form_key, keys in scene.form_keys.items():
        for name in sorted(keys):
            yield name, None, form_key


def _at_given(scene: Scene, placed: Placed | None, form_key: str, name: str) -> Finding:
    if placed is not None:
        return at(placed.element, name=name)
    for node in scene.diagram.of_kind("userTask"):
        if node.properties.get("formKey") == form_key:
            return at(node, name=name)
    where = f"{form_key}.json"
    return Finding(None, None, {"at": where, "name": name})


@rule(
    "variable_bad_name",
    "error",
    zh="期望{at}的派生变量用字母、数字和下划线命名，但发现“{name}”。",
    en="Expected the derived variables of the {at} to be named with letters, digits and underscores, but found "
    '"{name}".',
    why="No condition could read it.",
)
def variable_bad_name(scene: Scene) -> Iterator[Finding]:
    for name, placed, _ in _given(scene):
        if placed is not None and (not name.isidentifier() or keyword.iskeyword(name)):
            yield at(placed.element, name=name)


@rule(
    "name_reserved",
    "error",
    zh="期望{at}使用其他名字，但“{name}”是保留的。",
    en='Expected another name at the {at}, but "{name}" is reserved.',
    why="A data key called typename makes a case impossible to load again.",
)
def name_reserved(scene: Scene) -> Iterator[Finding]:
    for name, placed, form_key in _given(scene):
        if name in _RESERVED:
            yield _at_given(scene, placed, form_key, name)
    for read in scene.expressions:
        if not _RESERVED.isdisjoint(read.names):
            yield at(read.element, line=read.line, name=names(_RESERVED & read.names))


@rule(
    "name_shadows_function",
    "error",
    zh="期望{at}使用其他名字，但“{name}”是时限函数的名字。",
    en='Expected another name at the {at}, but "{name}" is a function of timers.',
    why="In a timer the name would mean the function, elsewhere the value.",
)
def name_shadows_function(scene: Scene) -> Iterator[Finding]:
    for name, placed, form_key in _given(scene):
        if name in scene.vocabulary.functions:
            yield _at_given(scene, placed, form_key, name)


@rule(
    "name_shadows_fact",
    "error",
    zh="期望“{name}”只由系统给出，但{at}给它赋值。",
    en='Expected "{name}" to be answered by the service alone, but the {at} gives it a value.',
    why="Whether a fee is paid or when a case was accepted is never a matter of filling in a form.",
)
def name_shadows_fact(scene: Scene) -> Iterator[Finding]:
    for name, placed, form_key in _given(scene):
        if name in scene.vocabulary.facts:
            yield _at_given(scene, placed, form_key, name)


@rule(
    "variable_cycle",
    "error",
    zh="期望派生变量不互相依赖，但发现循环：{found}。",
    en="Expected derived variables not to depend on each other, but found a circle: {found}.",
    why="Each would ask for the other without end.",
)
def variable_cycle(scene: Scene) -> Iterator[Finding]:
    variables = {placed.variable: placed for placed in scene.placed("variable")}
    reads = {name: tuple(sorted(placed.names & variables.keys())) for name, placed in variables.items()}
    circle = a_cycle(reads)
    if circle:
        yield at(variables[circle[0]].element, found=" → ".join(circle))


@rule(
    "name_unknown",
    "warning",
    zh="期望{at}读取的“{name}”由表单、派生变量或系统给出，但没有。{hint}",
    en='Expected "{name}", which the {at} reads, to come from a form, a derived variable or the service, but it does '
    "not.{hint}",
    why="A name that nobody sets is always empty: the gateway always takes the same way.",
)
def name_unknown(scene: Scene) -> Iterator[Finding]:
    if scene.forms is None or not _all_forms_known(scene):
        return
    derived = {placed.variable for placed in scene.placed("variable")}
    known = {*scene.form_steps, *derived, *scene.vocabulary.facts, *scene.recorded_days}
    for placed in scene.expressions:
        for name in sorted(placed.names - known):
            yield at(placed.element, line=placed.line, name=name, hint=nearest(name, known))


def _all_forms_known(scene: Scene) -> bool:
    """Whether the forms of the shared processes that are called are here too; their keys would be missed."""
    return all(
        node.properties.get("formKey") in scene.form_keys
        for called in scene.diagram.of_kind("callActivity")
        for node in scene.called.get(called.called or "", scene.diagram).of_kind("userTask")
    )


@rule(
    "name_set_later",
    "warning",
    zh="期望{at}读取的“{name}”在此之前填写，但只在之后的 {found} 填写。",
    en='Expected "{name}", which the {at} reads, to be filled in before it, but only {found} behind it asks for it.',
    why="The value is always empty there, so the condition never holds.",
)
def name_set_later(scene: Scene) -> Iterator[Finding]:
    derived = {placed.variable for placed in scene.placed("variable")}
    earlier = cache(partial(_earlier, scene, backwards(scene.graph.next)))
    for placed in scene.placed("condition", "gate", "timer"):
        where = _read_at(scene, placed)
        for name in sorted(placed.names - derived - set(scene.vocabulary.facts)) if where else ():
            steps = scene.form_steps.get(name, ())
            if steps and where and earlier(where).isdisjoint(steps):
                path = scene.graph.path_to(where)
                yield at(placed.element, line=placed.line, path=path, name=name, found=names(steps))


def _read_at(scene: Scene, placed: Placed) -> str | None:
    """The node at which the expression is evaluated: a flow's at its source, a boundary event's on its host's entry."""
    if isinstance(placed.element, Node):
        return placed.element.attached_to or placed.element.id
    source = placed.element.source if isinstance(placed.element, Flow) else None
    return source if source in scene.graph.nodes else None


def _earlier(scene: Scene, behind: Edges, where: str) -> frozenset[str]:
    """The nodes that a case may have gone through before it comes to one."""
    own = (where,) if where in scene.graph.nodes and scene.graph.nodes[where].kind in SUB_PROCESSES else ()
    return frozenset((*own, *reach(behind.get(where, ()), behind)))
