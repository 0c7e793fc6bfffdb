"""A parsed bundle: SpiffWorkflow's specs for the run, and our own frozen view of its elements.

SpiffWorkflow loses process properties and flow order, and sorts a gateway's branches by where they are drawn; both
are read from the XML here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs.mixins.exclusive_gateway import ExclusiveGateway
from SpiffWorkflow.bpmn.specs.mixins.inclusive_gateway import InclusiveGateway

from service.engine.specs import BundleParser, use_case_timers
from service.errors import MingjingError
from service.expressions import Expression, ExpressionError, compile_expression

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
TIMER_FUNCTIONS = frozenset({"working_days", "natural_days", "office_hours", "hours"})
_OPTIONS = dict(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True)


class ModelError(MingjingError):
    """A bundle that the engine cannot run; the linter should have said so first."""

    code = "invalid_diagram"


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node as the service sees it. `kind` is the BPMN tag; `process` the process or sub-process it is in."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    process: str
    properties: Mapping[str, str]
    attached_to: str | None = None
    interrupting: bool = True
    called: str | None = None
    message: str | None = None

    @property
    def role(self) -> str:
        return self.properties.get("role", "move" if self.interrupting else "")

    @property
    def post(self) -> str:
        return self.properties.get("post", "")

    @property
    def separation_group(self) -> str | None:
        return self.properties.get("separationGroup") or None

    @property
    def required_materials(self) -> tuple[str, ...]:
        return tuple(key for key in self.properties.get("requiredMaterials", "").split("|") if key)

    @property
    def documents_printed(self) -> tuple[str, ...]:
        return tuple(key for key in self.properties.get("printsDocument", "").split("|") if key)


@dataclass(frozen=True)
class ProcessModel:
    """A bundle ready to run; shared by all cases of one definition version and never changed after it is built."""

    key: str
    name_zh: str
    name_en: str
    spec: Any
    subspecs: Mapping[str, Any]
    elements: Mapping[tuple[str, str], Element]
    derived: Mapping[str, Expression]
    names: frozenset[str]
    spec_names: Mapping[str, tuple[str, ...]]
    spec_indexes: Mapping[str, Mapping[str, int]]
    processes: tuple[str, ...] = field(default=())

    def element(self, process: str, element_id: str) -> Element:
        return self.elements[(process, element_id)]

    def find(self, element_id: str) -> Element | None:
        """The element of that id in whichever process of the bundle holds it first."""
        for process in self.processes:
            if (process, element_id) in self.elements:
                return self.elements[(process, element_id)]
        return None


def build_model(key: str, diagrams: Mapping[str, bytes]) -> ProcessModel:
    """Parse the bundle's diagrams ({process key: XML}); `key` names the process that a case starts with.

    The XML must have passed the linter. Raises ModelError.
    """
    try:
        return _build(key, diagrams)
    except ModelError:
        raise
    except ExpressionError as error:
        raise ModelError(f"Expected expressions of the closed grammar, but {error}") from error
    except Exception as error:
        # SpiffWorkflow's parser raises a dozen unrelated types (ValidationException, KeyError, TypeError, ...).
        raise ModelError(f"Expected a runnable diagram {key}, but the engine says: {error}") from error


def _build(key: str, diagrams: Mapping[str, bytes]) -> ProcessModel:
    trees = [etree.fromstring(xml, etree.XMLParser(**_OPTIONS)) for xml in diagrams.values()]  # type: ignore[arg-type]
    parser = BundleParser()
    for tree in trees:
        if tree.getroottree().docinfo.doctype:
            raise ModelError("Expected a diagram without DOCTYPE, but found one")
        parser.add_bpmn_xml(tree, filename=key)
    spec = parser.get_spec(key)
    subspecs = parser.get_subprocess_specs(key)
    use_case_timers([spec, *subspecs.values()])
    elements: dict[tuple[str, str], Element] = {}
    for tree in trees:
        elements.update(_elements(tree))
    _order_branches(trees, [spec, *subspecs.values()])
    process = next(p for tree in trees for p in tree.iter(BPMN + "process") if p.get("id") == key)
    properties = _properties(process)
    derived = {
        name.removeprefix("variable:"): compile_expression(value)
        for name, value in properties.items()
        if name.startswith("variable:")
    }
    all_specs = {spec.name: spec, **subspecs}
    spec_names = {name: tuple(s.task_specs) for name, s in all_specs.items()}
    return ProcessModel(
        key=key,
        name_zh=process.get("name") or key,
        name_en=properties.get("nameEn") or process.get("name") or key,
        spec=spec,
        subspecs=MappingProxyType(subspecs),
        elements=MappingProxyType(elements),
        derived=MappingProxyType(derived),
        names=_names(trees, derived),
        spec_names=MappingProxyType(spec_names),
        spec_indexes=MappingProxyType({n: {t: i for i, t in enumerate(ts)} for n, ts in spec_names.items()}),
        processes=(key, *(name for name in subspecs if name != key)),
    )


def _properties(node: Any) -> dict[str, str]:
    path = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
    return {p.get("name", ""): p.get("value", "") for p in node.findall(path)}


def _elements(tree: Any) -> dict[tuple[str, str], Element]:
    messages = {m.get("id"): m.get("name") for m in tree.iter(BPMN + "message")}
    found: dict[tuple[str, str], Element] = {}
    for scope in tree.iter(BPMN + "process", BPMN + "subProcess"):
        for node in scope:
            if not isinstance(node.tag, str) or not node.get("id") or node.tag == BPMN + "sequenceFlow":
                continue
            properties = _properties(node)
            name = node.get("name") or ""
            found[(scope.get("id"), node.get("id"))] = Element(
                id=node.get("id"),
                kind=etree.QName(node).localname,
                name_zh=name,
                name_en=properties.get("nameEn") or name,
                process=scope.get("id"),
                properties=MappingProxyType(properties),
                attached_to=node.get("attachedToRef"),
                interrupting=node.get("cancelActivity", "true") != "false",
                called=node.get("calledElement"),
                message=_message(node, messages),
            )
    return found


def _message(node: Any, messages: Mapping[str, str]) -> str | None:
    reference = node.get("messageRef")
    if reference is None:
        definition = node.find(BPMN + "messageEventDefinition")
        reference = definition.get("messageRef") if definition is not None else None
    return messages.get(reference) if reference else None


def _order_branches(trees: list[Any], specs: list[Any]) -> None:
    """Try a gateway's conditions in the order of its outgoing flows (BPMN 2.0, 13.4.2), not of their y on the canvas."""
    targets: dict[str, list[str]] = {}
    for tree in trees:
        flows = {f.get("id"): f.get("targetRef") for f in tree.iter(BPMN + "sequenceFlow")}
        for node in tree.iter(BPMN + "exclusiveGateway", BPMN + "inclusiveGateway"):
            targets[node.get("id")] = [flows[o.text.strip()] for o in node.findall(BPMN + "outgoing")]
    for spec in specs:
        for task_spec in spec.task_specs.values():
            if isinstance(task_spec, ExclusiveGateway | InclusiveGateway) and task_spec.bpmn_id in targets:
                order = targets[task_spec.bpmn_id]
                task_spec.cond_task_specs.sort(key=lambda pair, o=order: _position(pair[1], o))  # type: ignore[misc]


def _position(spec_name: str, order: list[str]) -> int:
    target = spec_name.removesuffix(".BoundaryEventSplit")
    return order.index(target) if target in order else len(order)


def _names(trees: list[Any], derived: Mapping[str, Expression]) -> frozenset[str]:
    """Every name that an expression of the bundle reads: these answers become variables of the case."""
    sources = [
        node.text
        for tree in trees
        for tag in ("conditionExpression", "timeDate", "timeDuration", "timeCycle")
        for node in tree.iter(BPMN + tag)
        if node.text
    ]
    sources += [p.get("value", "") for tree in trees for p in tree.iter(SPIFF + "property") if p.get("name") == "gate"]
    expressions = [compile_expression(source.strip(), functions=TIMER_FUNCTIONS) for source in sources]
    names: set[str] = set()
    for expression in [*expressions, *derived.values()]:
        names |= expression.names
    return frozenset(names - set(derived))
