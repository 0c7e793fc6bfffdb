"""What stands in a BPMN file beside flow nodes and flows: ids used twice, foreign and executable extensions, scripts,
comments in texts, children out of order. One walk over the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from service.modelling.diagram import ACTIVITIES, EVENTS, GATEWAYS, REFUSED_NODES, SUB_PROCESSES, Oddity
from service.modelling.xml_nodes import BPMN, SPIFF, bpmn_kind, is_element, line_of, name_of

VENDORS: Final = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://camunda.org/schema/zeebe/1.0": "zeebe",
    "http://activiti.org/bpmn": "activiti",
    "http://flowable.org/bpmn": "flowable",
    "http://www.jboss.org/drools": "drools",
    SPIFF: "spiffworkflow",
}
EXECUTABLE: Final = frozenset(
    "script preScript postScript executionListener executionListeners taskListener taskListeners connector class "
    "expression delegateExpression serviceTaskOperator taskDefinition calledDecision calledDecisionId unitTests "
    "inputOutput ioMapping messagePayload messageVariable payloadExpression variableName resultVariable "
    "scriptsOnInstances "
    "decisionRef topic type taskMetadataValues processVariableCorrelation instructionsForEndUser".split()
)
_DATA_STORES: Final = frozenset({"dataStore", "dataStoreReference"})
_ASSOCIATIONS: Final = frozenset({"dataInputAssociation", "dataOutputAssociation", "ioSpecification"})
_CORRELATIONS: Final = frozenset({"correlationProperty", "correlationSubscription"})
_TEXTS: Final = frozenset(
    "conditionExpression condition timeDate timeDuration timeCycle script loopCardinality loopCondition "
    "completionCondition documentation flowNodeRef incoming outgoing".split()
)
_ORDER: Final = {
    "documentation": 0,
    "extensionElements": 1,
    "auditing": 2,
    "monitoring": 3,
    "categoryValueRef": 4,
    "incoming": 5,
    "outgoing": 6,
}
_SCOPES: Final = frozenset({"process", *SUB_PROCESSES})
_NODES: Final = ACTIVITIES | EVENTS | GATEWAYS | REFUSED_NODES
_BASE: Final = frozenset("documentation extensionElements auditing monitoring categoryValueRef".split())
_IN_A_NODE: Final = _BASE | frozenset(
    "incoming outgoing property ioSpecification ioBinding dataInput dataOutput inputSet outputSet dataInputAssociation "
    "dataOutputAssociation resourceRole performer humanPerformer potentialOwner rendering eventDefinitionRef script "
    "completionCondition activationCondition multiInstanceLoopCharacteristics standardLoopCharacteristics "
    "timerEventDefinition messageEventDefinition signalEventDefinition errorEventDefinition escalationEventDefinition "
    "terminateEventDefinition conditionalEventDefinition linkEventDefinition compensateEventDefinition "
    "cancelEventDefinition".split()
)
_IN_A_SCOPE: Final = (
    (_IN_A_NODE - {"script"})
    | _NODES
    | frozenset(
        "sequenceFlow laneSet dataObject dataObjectReference dataStoreReference textAnnotation association group "
        "correlationSubscription supports".split()
    )
)
_CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(_TEXTS, frozenset[str]()),
    **dict.fromkeys(_NODES, _IN_A_NODE),
    **dict.fromkeys(_SCOPES, _IN_A_SCOPE),
    "sequenceFlow": _BASE | {"conditionExpression"},
    "timerEventDefinition": _BASE | {"timeDate", "timeDuration", "timeCycle"},
}
"""What the schema puts into an element, as far as it concerns a run; other parents are not looked at."""

_NAME: Final = re.compile(r"[^\W\d][\w.\-·]{0,199}")


def oddities_of(root: etree._Element) -> Iterator[Oddity]:
    seen: set[str] = set()
    for element in root.iter():
        namespace, kind = name_of(element)
        if not kind:
            yield from _comment(element)
            continue
        yield from _id(element, kind, seen)
        yield from _misplaced(element, namespace, kind)
        if namespace == BPMN:
            yield from _bpmn(element, kind)
        elif namespace in VENDORS:
            yield from _vendor_element(element, namespace, kind)
        elif kind in EXECUTABLE and _in_extensions(element):
            yield Oddity("executable", line_of(element), owner(element), kind)
        yield from _vendor_attributes(element)


def owner(element: etree._Element) -> str | None:
    """The id of the nearest BPMN element around (or at) this one: what a designer can click."""
    found: etree._Element | None = element
    while found is not None:
        if bpmn_kind(found) and found.get("id"):
            return None if bpmn_kind(found) == "definitions" else found.get("id")
        found = found.getparent()
    return None


def _comment(element: etree._Element) -> Iterator[Oddity]:
    parent = element.getparent()
    kind = "" if parent is None else bpmn_kind(parent)
    if parent is not None and (kind in _TEXTS or kind == "scriptTask"):
        yield Oddity("comment", line_of(element), owner(parent), kind)


def _id(element: etree._Element, kind: str, seen: set[str]) -> Iterator[Oddity]:
    given = element.get("id")
    if given is None:
        return
    if given in seen:
        yield Oddity("id_twice", line_of(element), given, kind)
    elif not _NAME.fullmatch(given):
        yield Oddity("id_invalid", line_of(element), given, kind)
    seen.add(given)


def _bpmn(element: etree._Element, kind: str) -> Iterator[Oddity]:
    if kind in _DATA_STORES:
        yield Oddity("data_store", line_of(element), element.get("id"), kind)
    elif kind in _ASSOCIATIONS:
        yield Oddity("data_association", line_of(element), owner(element), kind)
    elif kind in _CORRELATIONS:
        yield Oddity("correlation", line_of(element), owner(element), kind)
    elif kind == "script":
        yield Oddity("script", line_of(element), owner(element), kind)
    elif kind in _ORDER:
        yield from _out_of_order(element, kind)


def _misplaced(element: etree._Element, namespace: str, kind: str) -> Iterator[Oddity]:
    parent = element.getparent()
    if parent is None:
        return
    around, parent_kind = name_of(parent)
    if around != BPMN or parent_kind == "extensionElements":
        fits = namespace != BPMN
    else:
        fits = parent_kind not in _CHILDREN or (namespace == BPMN and kind in _CHILDREN[parent_kind])
    if not fits:
        yield Oddity("unknown_element", line_of(element), owner(element), kind, inside=owner(parent) or parent_kind)


def _out_of_order(element: etree._Element, kind: str) -> Iterator[Oddity]:
    before = element.getprevious()
    if before is not None and _rank(before) > _ORDER[kind]:
        yield Oddity("disorder", line_of(element), owner(element), kind)


def _rank(element: etree._Element) -> int:
    """Where BPMN's schema wants a child of a flow element; comments stand anywhere."""
    return _ORDER.get(name_of(element)[1], 9) if is_element(element) else 0


def _vendor_element(element: etree._Element, namespace: str, kind: str) -> Iterator[Oddity]:
    name = f"{VENDORS[namespace]}:{kind}"
    if namespace == SPIFF and kind == "properties":
        yield from _property_pairs(element)
    elif namespace == SPIFF and kind == "property":
        return
    elif kind in EXECUTABLE:
        yield Oddity("executable", line_of(element), owner(element), name)
    else:
        yield Oddity("foreign", line_of(element), owner(element), name)


def _property_pairs(holder: etree._Element) -> Iterator[Oddity]:
    names: set[str] = set()
    for pair in holder.iterchildren(f"{{{SPIFF}}}property"):
        name = pair.get("name")
        if not name or pair.get("value") is None:
            yield Oddity("property_incomplete", line_of(pair), owner(pair), name or "")
        elif name in names:
            yield Oddity("property_twice", line_of(pair), owner(pair), name)
        names.add(name or "")


def _vendor_attributes(element: etree._Element) -> Iterator[Oddity]:
    for key in element.attrib:
        namespace, _, name = str(key)[1:].rpartition("}")
        if namespace in VENDORS:
            kind = "executable" if name in EXECUTABLE else "foreign"
            yield Oddity(kind, line_of(element), owner(element), f"{VENDORS[namespace]}:{name}")


def _in_extensions(element: etree._Element) -> bool:
    return any(True for _ in element.iterancestors(f"{{{BPMN}}}extensionElements"))
