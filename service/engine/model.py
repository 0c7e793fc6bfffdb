"""A parsed bundle: SpiffWorkflow's specs for the run, and our own frozen view of its elements.

SpiffWorkflow loses process properties and flow order, and sorts a gateway's branches by where they are drawn; both
are read from the XML here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from sys import intern
from types import MappingProxyType
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs.mixins.exclusive_gateway import ExclusiveGateway
from SpiffWorkflow.bpmn.specs.mixins.inclusive_gateway import InclusiveGateway
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask

from service.engine.refusals import BPMN, SPIFF, refusals
from service.engine.specs import BundleParser, make_ours
from service.errors import MingjingError
from service.expressions import Expression, ExpressionError, compile_expression

# Facts are answered by the service alone; an answer of the same name in a form is not heard.
FACTS = frozenset(
    "fee_settled fee_exempt fine_settled objection_received paid fee_amount fee_due urgent_decision_recorded "
    "return_count redo_count prior_notice_served statement_closed written_off urge_amount".split()
)
TIMER_FUNCTIONS = frozenset({"working_days", "natural_days", "office_hours", "hours", "minutes"})
_OPTIONS = dict(
    resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
)
_SCOPES = (BPMN + "process", BPMN + "subProcess", BPMN + "transaction")
# Properties whose value is the name of a variable.
_NAMING = ("departmentFrom", "recordsDay", "personsFrom", "postFrom")
_EXPRESSIONS = (
    "conditionExpression",
    "timeDate",
    "timeDuration",
    "loopCardinality",
    "completionCondition",
    "loopCondition",
)


_NO_PROPERTIES: Mapping[str, str] = MappingProxyType({})


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
    def is_publicity(self) -> bool:
        """A wait in which the public may object (公示)."""
        return self.kind == "intermediateCatchEvent" and self.id.endswith("publicity")

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
    def department(self) -> str | None:
        """The department whose task this is in a joint review (并联审批); None is the department of the case."""
        return self.properties.get("department") or None

    @property
    def department_from(self) -> str | None:
        """The answer that names the department whose task this is (派单)."""
        return self.properties.get("departmentFrom") or None

    @property
    def records_day(self) -> str | None:
        """The variable under which the day of completing this task is kept."""
        return self.properties.get("recordsDay") or None

    @property
    def persons_from(self) -> str | None:
        """The variable that names the only persons who may do this task, as `,1,2,`."""
        return self.properties.get("personsFrom") or None

    @property
    def post_from(self) -> str | None:
        """The variable that says by which post this task is done, where that differs from case to case."""
        return self.properties.get("postFrom") or None

    @property
    def send_back_to(self) -> tuple[str, ...]:
        """Steps to which whoever reviews or decides here may send the case back."""
        return tuple(key for key in self.properties.get("sendBackTo", "").split("|") if key)

    @property
    def documents_printed(self) -> tuple[str, ...]:
        return tuple(key for key in self.properties.get("printsDocument", "").split("|") if key)


@dataclass(frozen=True)
class ProcessModel:
    """A bundle ready to run; shared by all cases of one definition version and never changed after it is built.

    `fingerprint` tells the states of one model from those of another: a state names elements by their place here.
    """

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
    fingerprint: bytes
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
    trees: list[Any] = [etree.fromstring(xml, etree.XMLParser(**_OPTIONS)) for xml in diagrams.values()]  # type: ignore[arg-type]
    specs = _specs(key, trees)
    processes = {process.get("id"): process for tree in trees for process in tree.iter(BPMN + "process")}
    properties = _properties(processes[key])
    derived = _derived([*(process for name, process in processes.items() if name != key), processes[key]])
    elements = {place: element for tree in trees for place, element in _elements(tree).items()}
    spec_names = {name: tuple(sorted(spec.task_specs)) for name, spec in sorted(specs.items())}
    return ProcessModel(
        key=key,
        name_zh=processes[key].get("name") or key,
        name_en=properties.get("nameEn") or processes[key].get("name") or key,
        spec=specs[key],
        subspecs=MappingProxyType({name: spec for name, spec in specs.items() if name != key}),
        elements=MappingProxyType(elements),
        derived=MappingProxyType(derived),
        names=_names(trees, derived),
        spec_names=MappingProxyType(spec_names),
        spec_indexes=MappingProxyType({n: {t: i for i, t in enumerate(ts)} for n, ts in spec_names.items()}),
        fingerprint=sha256(repr(spec_names).encode()).digest()[:4],
        processes=tuple(specs),
    )


def _specs(key: str, trees: list[Any]) -> dict[str, Any]:
    """SpiffWorkflow's specs by scope, made ours; the process that a case starts with comes first."""
    parser = BundleParser()
    for tree in trees:
        if tree.getroottree().docinfo.doctype:
            raise ModelError("Expected a diagram without DOCTYPE, but found one")
        for refusal in refusals(tree):
            raise ModelError(refusal)
        parser.add_bpmn_xml(tree, filename=key)
    specs = {key: parser.get_spec(key), **parser.get_subprocess_specs(key)}
    _expect_no_circle(specs, key, ())
    make_ours(list(specs.values()))
    _order_branches(trees, list(specs.values()))
    return specs


def _expect_no_circle(specs: Mapping[str, Any], scope: str, above: tuple[str, ...]) -> None:
    """A diagram that calls itself would open scope within scope without end."""
    if scope in above:
        raise ModelError(f"Expected no diagram that calls itself, but found {' -> '.join((*above, scope))}")
    for task_spec in specs[scope].task_specs.values():
        if isinstance(task_spec, SubWorkflowTask):
            _expect_no_circle(specs, task_spec.spec, (*above, scope))


def _derived(processes: list[Any]) -> dict[str, Expression]:
    """Derived variables of the whole bundle; of two with one name, the last process's counts."""
    return {
        name.removeprefix("variable:"): compile_expression(value)
        for process in processes
        for name, value in _properties(process).items()
        if name.startswith("variable:")
    }


def _properties(node: Any) -> dict[str, str]:
    path = f"{BPMN}extensionElements/{SPIFF}properties/{SPIFF}property"
    return {intern(p.get("name", "")): intern(p.get("value", "")) for p in node.findall(path)}


def _elements(tree: Any) -> dict[tuple[str, str], Element]:
    messages = {m.get("id"): m.get("name") for m in tree.iter(BPMN + "message")}
    found: dict[tuple[str, str], Element] = {}
    for scope in tree.iter(*_SCOPES):
        process = intern(scope.get("id", ""))
        for node in scope:
            if not isinstance(node.tag, str) or not node.get("id") or node.tag == BPMN + "sequenceFlow":
                continue
            properties = _properties(node)
            name, node_id = intern(node.get("name") or ""), intern(node.get("id"))
            found[(process, node_id)] = Element(
                id=node_id,
                kind=intern(etree.QName(node).localname),
                name_zh=name,
                name_en=properties.get("nameEn") or name,
                process=process,
                properties=MappingProxyType(properties) if properties else _NO_PROPERTIES,
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
    """Try conditions in the order of the gateway's outgoing flows (BPMN 2.0, 13.4.2), not of their y on the canvas."""
    scopes = {scope.get("id"): scope for tree in trees for scope in tree.iter(*_SCOPES)}
    for spec in specs:
        for task_spec in spec.task_specs.values():
            if isinstance(task_spec, ExclusiveGateway | InclusiveGateway):
                order = _branches(scopes[spec.name], task_spec.bpmn_id)
                task_spec.cond_task_specs.sort(key=partial(_position, order))


def _branches(scope: Any, gateway_id: str) -> list[tuple[str | None, str]]:
    """(condition, target) of a gateway's flows as it lists them; flows that it does not list come last."""
    gateway = next(node for node in scope if node.get("id") == gateway_id)
    listed = [(out.text or "").strip() for out in gateway.findall(BPMN + "outgoing")]
    flows = [flow for flow in scope.findall(BPMN + "sequenceFlow") if flow.get("sourceRef") == gateway_id]
    flows.sort(key=lambda flow: listed.index(flow.get("id")) if flow.get("id") in listed else len(listed))
    return [(flow.findtext(BPMN + "conditionExpression"), flow.get("targetRef")) for flow in flows]


def _position(order: list[tuple[str | None, str]], pair: Any) -> int:
    condition, spec_name = pair
    target = spec_name.removesuffix(".BoundaryEventSplit")
    if condition is None:
        return len(order)
    return order.index((condition.args[0], target))


def _names(trees: list[Any], derived: Mapping[str, Expression]) -> frozenset[str]:
    """Every name that an expression of the bundle reads: these answers become variables of the case."""
    sources = [node.text for tree in trees for tag in _EXPRESSIONS for node in tree.iter(BPMN + tag) if node.text]
    sources += [p.get("value", "") for tree in trees for p in tree.iter(SPIFF + "property") if p.get("name") == "gate"]
    expressions = [compile_expression(source.strip(), functions=TIMER_FUNCTIONS) for source in sources]
    names: set[str] = set()
    for expression in [*expressions, *derived.values()]:
        names |= expression.names
    names |= {p.get("value", "") for tree in trees for p in tree.iter(SPIFF + "property") if p.get("name") in _NAMING}
    return frozenset(names - set(derived))
