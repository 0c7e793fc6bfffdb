"""What the engine will not run, each with its reason: the second line behind the linter, read off the XML alone.

Each of these parses well and then hangs, is ignored, changes the shared model or evaluates Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF: Final = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"

_NOTHING_ON_TOKENS: Final = "values of a case are its variables, so that data tied to a token would be lost on reload"
_NO_SCRIPTS: Final = "scripts are Python without bounds"
REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        BPMN + "scriptTask": _NO_SCRIPTS,
        SPIFF + "preScript": _NO_SCRIPTS,
        SPIFF + "postScript": _NO_SCRIPTS,
        BPMN + "correlationProperty": "its retrieval expressions are Python without bounds",
        SPIFF + "processVariableCorrelation": "its expressions are Python without bounds",
        BPMN + "businessRuleTask": "decision tables are Python without bounds; draw a gateway",
        BPMN + "sendTask": "nobody outside the case would get the message; draw a service task",
        BPMN + "task": "nobody would be told of it; draw a user task or a service task",
        BPMN + "manualTask": "nobody would be told of it; draw a user task",
        BPMN + "adHocSubProcess": "its completion condition is Python without bounds",
        BPMN + "complexGateway": "it is not supported",
        BPMN + "linkEventDefinition": "a case that reaches a link hangs",
        BPMN + "compensateEventDefinition": "a thrown compensation is silently ignored",
        BPMN + "conditionalEventDefinition": "a change of variables would not be noticed",
        BPMN + "dataInputAssociation": _NOTHING_ON_TOKENS,
        BPMN + "dataOutputAssociation": _NOTHING_ON_TOKENS,
        BPMN + "ioSpecification": _NOTHING_ON_TOKENS,
        BPMN + "loopDataInputRef": _NOTHING_ON_TOKENS,
        BPMN + "loopDataOutputRef": _NOTHING_ON_TOKENS,
    }
)
_TIMES: Final = frozenset({BPMN + "timeDate", BPMN + "timeDuration", BPMN + "timeCycle"})
_CHOOSING: Final = frozenset({BPMN + "exclusiveGateway", BPMN + "inclusiveGateway"})
_CATCHING: Final = frozenset({BPMN + "intermediateCatchEvent", BPMN + "boundaryEvent"})
_THROWING: Final = frozenset({BPMN + "intermediateThrowEvent", BPMN + "endEvent"})


def refusals(tree: Any) -> Iterator[str]:
    """One English sentence for each element that the engine refuses, in the order of the diagram."""
    for node in tree.iter(etree.Element):
        reason = REFUSED.get(node.tag) or _reason(node)
        if reason is not None:
            yield f"Expected no {_named(node)}: {reason}"


def _reason(node: Any) -> str | None:
    if node.tag in _TIMES and not (node.text or "").strip():
        return "it says nothing"
    if node.tag == BPMN + "message" and not node.get("name"):
        return "nobody can send a message without a name"
    if node.tag == BPMN + "receiveTask" and not node.get("messageRef"):
        return "without a message it would not wait"
    if node.tag == BPMN + "sequenceFlow" and node.find(BPMN + "conditionExpression") is not None:
        return _flow_reason(node)
    if node.tag == BPMN + "timeCycle":
        return _cycle_reason(node)
    return _event_reason(node)


def _cycle_reason(cycle: Any) -> str | None:
    event = cycle.getparent().getparent()
    if event.tag == BPMN + "boundaryEvent" and event.get("cancelActivity") == "false":
        return None
    return "only a boundary event that interrupts nothing can come again"


def _flow_reason(flow: Any) -> str | None:
    sources = (node for node in flow.getparent() if node.get("id") == flow.get("sourceRef"))
    return None if all(node.tag in _CHOOSING for node in sources) else "only a gateway asks the condition of a flow"


def _event_reason(node: Any) -> str | None:
    if node.tag == BPMN + "subProcess" and node.get("triggeredByEvent", "false") != "false":
        return "an event sub-process changes the model that all cases share"
    if node.get("cancelActivity", "true") not in ("true", "false"):
        return f"whether it interrupts is true or false, not {node.get('cancelActivity')}"
    definitions = [child for child in node if str(child.tag).endswith("EventDefinition")]
    if node.tag in _CATCHING and not definitions:
        return "an event that waits for nothing does not wait"
    if len(definitions) > 1:
        return "an event waits for one thing"
    if node.tag in _THROWING and any(child.tag == BPMN + "messageEventDefinition" for child in definitions):
        return "nobody outside the case would get the message; draw a service task"
    if node.tag == BPMN + "eventBasedGateway" and len(_timers_behind(node)) > 1:
        return "two timers behind one gateway would share one instant"
    return None


def _timers_behind(gateway: Any) -> list[Any]:
    scope = gateway.getparent()
    targets = {f.get("targetRef") for f in scope.iter(BPMN + "sequenceFlow") if f.get("sourceRef") == gateway.get("id")}
    events = (e for e in scope.iter(BPMN + "intermediateCatchEvent") if e.get("id") in targets)
    return [event for event in events if event.find(BPMN + "timerEventDefinition") is not None]


def _named(node: Any) -> str:
    """`scriptTask compute`, or `preScript in accept` for something that has no id of its own."""
    name = str(etree.QName(node).localname)
    if node.get("id"):
        return f"{name} {node.get('id')}"
    owner = next((above.get("id") for above in node.iterancestors() if above.get("id")), None)
    return f"{name} in {owner}" if owner else name
