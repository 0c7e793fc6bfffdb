"""The namespaces of a BPMN file, and what an lxml node is: its namespace, local name and line."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DRAWING: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
SPIFF: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"


def name_of(node: etree._Element) -> tuple[str, str]:
    """Namespace and local name; both empty for a comment or a processing instruction, whose tag is a function."""
    tag: Any = node.tag
    if not isinstance(tag, str):
        return "", ""
    namespace, _, name = tag.rpartition("}")
    return namespace[1:], name


def is_element(node: etree._Element) -> bool:
    return name_of(node) != ("", "")


def bpmn_kind(node: etree._Element) -> str:
    """The local name of a BPMN element; empty for everything else."""
    namespace, name = name_of(node)
    return name if namespace == BPMN else ""


def line_of(node: etree._Element) -> int:
    line: Any = node.sourceline
    return line or 0
