"""A BPMN diagram as plain frozen values, with line numbers: what the linter and the other readers look at.

Nested sub-processes lie flat: every node names the scope (process or sub-process) that it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final

from service.modelling.problem import Problem

SUB_PROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
TASKS: Final = frozenset(
    {"task", "userTask", "serviceTask", "receiveTask", "sendTask", "scriptTask", "manualTask", "businessRuleTask"}
)
ACTIVITIES: Final = TASKS | SUB_PROCESSES | {"callActivity"}
GATEWAYS: Final = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"}
)
EVENTS: Final = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
REFUSED_NODES: Final = frozenset({"choreographyTask", "subChoreography", "callChoreography", "implicitThrowEvent"})
"""Flow nodes of BPMN that the engine does not know at all."""

NO_PROPERTIES: Final[Mapping[str, str]] = MappingProxyType({})


def _no_properties() -> Mapping[str, str]:
    return NO_PROPERTIES


@dataclass(frozen=True)
class TimerText:
    """`kind` is timeDate, timeDuration or timeCycle; `text` is an expression, as written, without outer blanks."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class EventDefinition:
    """`kind` is the element without its ending: timer, error, message, signal, escalation, link, terminate, ..."""

    kind: str
    line: int
    ref: str | None = None
    timers: tuple[TimerText, ...] = ()
    condition: str | None = None


@dataclass(frozen=True)
class Loop:
    """`kind` is multiInstanceLoopCharacteristics or standardLoopCharacteristics; texts are as written."""

    kind: str
    line: int
    cardinality: str | None = None
    completion: str | None = None
    condition: str | None = None
    maximum: str | None = None
    collection: str | None = None


@dataclass(frozen=True)
class Node:
    """A flow node; `kind` is the BPMN element's local name. `scope` is the id of what it stands in."""

    id: str
    kind: str
    scope: str
    line: int
    name: str | None = None
    properties: Mapping[str, str] = field(default_factory=_no_properties)
    events: tuple[EventDefinition, ...] = ()
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    called: str | None = None
    message_ref: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    by_event: bool = False
    compensates: bool = False
    loop: Loop | None = None

    def has_event(self, kind: str) -> bool:
        return any(event.kind == kind for event in self.events)

    @property
    def group(self) -> str | None:
        return self.properties.get("separationGroup")

    @property
    def post(self) -> str | None:
        return self.properties.get("post")

    @property
    def role(self) -> str | None:
        return self.properties.get("role")


@dataclass(frozen=True)
class Flow:
    id: str
    source: str | None
    target: str | None
    scope: str
    line: int
    name: str | None = None
    condition: str | None = None
    properties: Mapping[str, str] = field(default_factory=_no_properties)
    kind: str = "sequenceFlow"


@dataclass(frozen=True)
class Process:
    id: str
    line: int
    name: str | None = None
    executable: bool = True
    properties: Mapping[str, str] = field(default_factory=_no_properties)
    kind: str = "process"


@dataclass(frozen=True)
class Definition:
    """A message, error, signal or escalation that events refer to; `code` is its errorCode or escalationCode."""

    kind: str
    id: str
    line: int
    name: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class Oddity:
    """Something in the XML that the model has no place for; the linter has a rule for each `kind`."""

    kind: str
    line: int
    element_id: str | None = None
    found: str = ""
    inside: str = ""


Element = Process | Node | Flow | Definition
Scope = Process | Node


@dataclass(frozen=True)
class Diagram:
    """What one file says. `problems` tells why it could not be read; everything else is then empty.

    Ids of nodes are unique here: of two nodes with one id the first stays and the second becomes an oddity.
    """

    problems: tuple[Problem, ...] = ()
    processes: tuple[Process, ...] = ()
    nodes: tuple[Node, ...] = ()
    flows: tuple[Flow, ...] = ()
    definitions: tuple[Definition, ...] = ()
    lanes: tuple[tuple[str | None, int], ...] = ()
    oddities: tuple[Oddity, ...] = ()
    drawn: frozenset[str] = field(default_factory=frozenset)
    has_drawing: bool = False

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _definitions_by_id(self) -> Mapping[str, Definition]:
        return {definition.id: definition for definition in self.definitions}

    def node(self, node_id: str | None) -> Node | None:
        return None if node_id is None else self.by_id.get(node_id)

    def definition(self, kind: str, ref: str | None) -> Definition | None:
        """The message, error, signal or escalation that an event refers to."""
        found = None if ref is None else self._definitions_by_id.get(ref)
        return found if found is not None and found.kind == kind else None

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """Processes first, then sub-processes of every depth in the order of the file."""
        return (*self.processes, *(node for node in self.nodes if node.kind in SUB_PROCESSES))

    def of_kind(self, *kinds: str) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.kind in kinds)
