"""Rules on processes, ids and the order of the XML: what the engine would skip silently or refuse without a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.modelling.diagram import ACTIVITIES, EVENTS, GATEWAYS, SUB_PROCESSES
from service.modelling.lint.registry import Finding, at, at_oddity, oddities, rule
from service.modelling.lint.scene import Scene
from service.modelling.lint.wording import kind_words, names
from service.modelling.problem import LONGEST_SHOWN

_RESERVED: Final = re.compile(
    r"Start|End|StartEventSplit|StartEventJoin|.*\.EndJoin|.*\.BoundaryEvent(Split|Join)", re.DOTALL
)
_SUPPORTED: Final = (ACTIVITIES | EVENTS | GATEWAYS) - {"complexGateway"}


@rule(
    "no_process",
    "error",
    zh="期望文件中有一个流程，但没有发现 process 元素。",
    en="Expected a process in the file, but found none.",
    why="A file with nothing but a collaboration or a drawing starts no case.",
)
def no_process(scene: Scene) -> Iterator[Finding]:
    if not scene.diagram.processes:
        yield Finding(None, None, {})


@rule(
    "several_processes",
    "error",
    zh="期望一个文件只有一个可执行流程，但发现 {found}。",
    en="Expected one executable process in a file, but found {found}.",
    why="A definition is deployed and started by its one process id; shared processes are files of their own.",
)
def several_processes(scene: Scene) -> Iterator[Finding]:
    executable = [process for process in scene.diagram.processes if process.executable]
    if len(executable) > 1:
        yield at(executable[1], found=names(process.id for process in executable))


@rule(
    "not_executable",
    "error",
    zh="期望{at}可执行，但 isExecutable 不是 true。",
    en="Expected the {at} to be executable, but isExecutable is not true.",
    why="The engine refuses a process that is marked as a mere drawing.",
)
def not_executable(scene: Scene) -> Iterator[Finding]:
    return (at(process) for process in scene.diagram.processes if not process.executable)


@rule(
    "id_missing",
    "error",
    zh="期望第 {row} 行的{what}有 id，但没有。",
    en="Expected the {what} on line {row} to have an id, but it has none.",
    why="The engine indexes by id: a flow without one is skipped in silence, a message without one stops the parser.",
)
def id_missing(scene: Scene) -> Iterator[Finding]:
    for oddity in scene.diagram.oddities:
        if oddity.kind == "id_missing":
            yield at_oddity(oddity, what=kind_words(oddity.found), row=str(oddity.line))


@rule(
    "duplicate_id",
    "error",
    zh="期望 id 在文件中只出现一次，但“{id}”在第 {row} 行再次出现（{found}）。",
    en='Expected every id once in the file, but "{id}" is used again on line {row} ({found}).',
    why="Of two nodes with one id one is lost; two flows with one id are caught by the schema alone.",
)
def duplicate_id(scene: Scene) -> Iterator[Finding]:
    for oddity in scene.diagram.oddities:
        if oddity.kind == "id_twice":
            yield at_oddity(oddity, id=oddity.element_id or "", row=str(oddity.line))


@rule(
    "id_invalid",
    "error",
    zh="期望 id 以字母或下划线开头，只含字母、数字、“_”“-”“.”且不超过 {longest} 个字符，但发现“{id}”。",
    en="Expected an id that begins with a letter or underscore and holds letters, digits, _ - . only, at most "
    "{longest} "
    'characters, but found "{id}".',
    why="An id is an XML name (xsd:ID); the schema refuses others, and long ones fill tables and messages.",
)
def id_invalid(scene: Scene) -> Iterator[Finding]:
    for oddity in scene.diagram.oddities:
        if oddity.kind == "id_invalid":
            yield at_oddity(oddity, id=oddity.element_id or "", longest=str(LONGEST_SHOWN))


@rule(
    "id_reserved",
    "error",
    zh="期望{at}使用其他 id：引擎自己用 Start、End、….EndJoin、….BoundaryEventSplit 等名字。",
    en="Expected another id for the {at}: the engine itself uses Start, End, ….EndJoin, ….BoundaryEventSplit and the "
    "like.",
    why="A user task called End is taken for the engine's own node and skipped in silence; one called Start stops "
    "the parser.",
)
def id_reserved(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.nodes if _RESERVED.fullmatch(node.id))


@rule(
    "child_order",
    "warning",
    zh="期望{at}的子元素按 documentation、extensionElements、incoming、outgoing、其他的顺序排列，但 {found} 排在其后。",
    en="Expected the children of {at} in the order documentation, extensionElements, incoming, outgoing, others, but "
    "{found} comes too late.",
    why="BPMN's schema fixes the order (Semantic.xsd), and tools that validate against it do not open the file.",
)
def child_order(scene: Scene) -> Iterator[Finding]:
    return oddities(scene, "disorder")


@rule(
    "unknown_element",
    "error",
    zh="期望 {inside} 中只有 BPMN 规定的元素，但发现 {found}（{at}）。",
    en="Expected nothing in {inside} but what BPMN puts there, but found {found} ({at}).",
    why="A misspelt or misplaced element is left out of the case, or read by one tool and not by another.",
)
def unknown_element(scene: Scene) -> Iterator[Finding]:
    for oddity in scene.diagram.oddities:
        if oddity.kind == "unknown_element":
            yield at_oddity(oddity, inside=oddity.inside)


@rule(
    "unsupported_element",
    "error",
    zh="期望引擎能执行的元素，但{at}不在其中。",
    en="Expected an element that the engine can run, but the {at} is not one.",
    why="The engine's parser has no support for it.",
)
def unsupported_element(scene: Scene) -> Iterator[Finding]:
    return (at(node) for node in scene.diagram.nodes if node.kind not in _SUPPORTED | {"complexGateway"})


@rule(
    "nesting_too_deep",
    "error",
    zh="期望子流程嵌套不超过 {limit} 层，但{at}处于第 {found} 层。",
    en="Expected sub-processes at most {limit} deep, but the {at} stands at depth {found}.",
    why="Every level costs the engine a workflow of its own, and nobody can read what is folded that often.",
)
def nesting_too_deep(scene: Scene) -> Iterator[Finding]:
    limit, depth = 4, {process.id: 0 for process in scene.diagram.processes}
    for node in scene.diagram.of_kind(*SUB_PROCESSES):
        depth[node.id] = depth.get(node.scope, 0) + 1
        if depth[node.id] == limit + 1:
            yield at(node, limit=str(limit), found=str(depth[node.id]))
