"""Diagrams of the county changed as a designer, careless or not, might change them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_PROCESSES = Path(__file__).parents[2] / "processes"
_REFERENCES = ("id", "sourceRef", "targetRef", "attachedToRef", "default", "bpmnElement")


class Variant:
    """A shipped diagram, opened for changes; `xml` is what a designer would deploy."""

    def __init__(self, key: str) -> None:
        safe = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        self.tree = etree.parse(str(next(_PROCESSES.rglob(f"{key}.bpmn"))), safe)

    @property
    def xml(self) -> bytes:
        return etree.tostring(self.tree, xml_declaration=True, encoding="UTF-8")

    def element(self, element_id: str) -> Any:
        (found,) = self.tree.xpath("//*[@id=$id]", id=element_id)
        return found

    def set(self, element_id: str, name: str, value: str | None) -> None:
        """Change a property of an element; None takes it away."""
        properties = self.element(element_id).find(f"{BPMN}extensionElements/{SPIFF}properties")
        for one in properties.findall(f"{SPIFF}property[@name='{name}']"):
            properties.remove(one)
        if value is not None:
            etree.SubElement(properties, f"{SPIFF}property", name=name, value=value)

    def duration(self, element_id: str, value: str) -> None:
        """The time of a timer event."""
        self.element(element_id).find(f"{BPMN}timerEventDefinition")[0].text = value

    def condition(self, flow_id: str, value: str) -> None:
        self.element(flow_id).find(f"{BPMN}conditionExpression").text = value

    def rename(self, element_id: str, name: str) -> None:
        """Give an element another id wherever it is named."""
        for node in self.tree.iter():
            for attribute in _REFERENCES:
                if node.get(attribute) == element_id:
                    node.set(attribute, name)

    def remove(self, *element_ids: str) -> None:
        """Take elements, their flows and their shapes away."""
        gone = set(element_ids)
        for flow in self.tree.findall(f".//{BPMN}sequenceFlow"):
            if gone & {flow.get("sourceRef"), flow.get("targetRef")}:
                gone.add(flow.get("id"))
        for node in list(self.tree.iter()):
            if node.get("id") in gone or node.get("bpmnElement") in gone:
                node.getparent().remove(node)
            elif node.tag in (f"{BPMN}incoming", f"{BPMN}outgoing") and node.text in gone:
                node.getparent().remove(node)

    def double(self, step: str, name: str) -> None:
        """A second step of the same kind beside the first, with timers and ruling of its own, by the same gateways."""
        own = [n.get("id") for n in self.tree.xpath("//*[@id]") if self._is_of(n.get("id"), step)]
        gateways = self._neighbours(own)
        for node in [n for n in self.tree.xpath("//*") if self._belongs(n, own)]:
            double = copy.deepcopy(node)
            for part in double.iter():
                self._rename(part, own, step, name)
            node.getparent().append(double)
        for gateway, kind, flow in gateways:
            self._link(gateway, kind, flow.replace(step, name))

    @staticmethod
    def _is_of(element_id: str, step: str) -> bool:
        return element_id.startswith(step) and not element_id.startswith(f"{step}_again")

    def _belongs(self, node: Any, own: list[str]) -> bool:
        if node.tag == f"{BPMN}sequenceFlow":
            return node.get("sourceRef") in own or node.get("targetRef") in own
        if node.tag in (f"{DI}BPMNShape", f"{DI}BPMNEdge"):
            element = self.tree.xpath("//*[@id=$id]", id=node.get("bpmnElement"))[0]
            return self._belongs(element, own)
        return node.get("id") in own and node.getparent().tag in (f"{BPMN}subProcess", f"{BPMN}process")

    def _neighbours(self, own: list[str]) -> list[tuple[str, str, str]]:
        found = []
        for flow in self.tree.findall(f".//{BPMN}sequenceFlow"):
            source, target = flow.get("sourceRef"), flow.get("targetRef")
            if source in own and target not in own:
                found.append((target, "incoming", flow.get("id")))
            elif target in own and source not in own:
                found.append((source, "outgoing", flow.get("id")))
        return found

    @staticmethod
    def _rename(part: Any, own: list[str], step: str, name: str) -> None:
        for attribute in _REFERENCES:
            value = part.get(attribute)
            if value is not None and (value in own or attribute in ("id", "default", "bpmnElement")):
                part.set(attribute, value.replace(step, name))
        if part.tag in (f"{BPMN}incoming", f"{BPMN}outgoing"):
            part.text = part.text.replace(step, name)

    def _link(self, element_id: str, kind: str, flow_id: str) -> None:
        element = self.element(element_id)
        link = etree.Element(f"{BPMN}{kind}")
        link.text = flow_id
        before = [n for n in element if n.tag in (f"{BPMN}extensionElements", f"{BPMN}incoming", f"{BPMN}outgoing")]
        if kind == "incoming":
            before = [n for n in before if n.tag != f"{BPMN}outgoing"]
        element.insert(element.index(before[-1]) + 1 if before else 0, link)
