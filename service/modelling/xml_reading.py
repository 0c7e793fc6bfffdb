"""Bytes that anyone may have sent become a Diagram, or a Diagram that says why not; nothing here raises.

A document type is refused before anything is expanded, so no entity is ever declared (OWASP XML External Entity).
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from lxml import etree

from service.modelling.diagram import Diagram
from service.modelling.diagram_reading import diagram_of
from service.modelling.problem import Problem, Rule
from service.modelling.xml_nodes import BPMN, line_of

MAX_BYTES: Final = 2_000_000
MAX_NODES: Final = 1_000
MAX_FLOWS: Final = 2_000
_RESOURCE_LIMIT: Final = 114  # libxml2's XML_ERR_RESOURCE_LIMIT: 256 elements deep, or one value over 10 MB.
_DECLARED: Final = re.compile(r"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_PROLOGUE: Final = (("<?", "?>"), ("<!--", "-->"))
_READ_AS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})

EMPTY_FILE: Final = Rule(
    "empty_file",
    "error",
    "期望一个 BPMN 文件，但文件是空的。",
    "Expected a BPMN file, but found no content.",
    "An empty upload has nothing to run.",
)
FILE_TOO_LARGE: Final = Rule(
    "file_too_large",
    "error",
    "期望文件不超过 {limit} 字节，但有 {found} 字节。",
    "Expected at most {limit} bytes, but found {found}.",
    "A hundred steps with their drawing take about 100 KB; a file far beyond that is a mistake or an attack.",
)
BAD_ENCODING: Final = Rule(
    "bad_encoding",
    "error",
    "期望文件编码为 UTF-8 或 UTF-16，但发现 {found}。请另存为 UTF-8。",
    "Expected a file in UTF-8 or UTF-16, but found {found}. Save it as UTF-8.",
    "Every XML reader must know these two (XML 1.0, section 4.3.3); with others two readers may see two diagrams.",
)
DOCTYPE_REFUSED: Final = Rule(
    "doctype_refused",
    "error",
    "期望没有 DOCTYPE 的文件，但第 {row} 行有文档类型声明。",
    "Expected a file without a DOCTYPE, but found one on line {row}.",
    "BPMN needs no document type; one can declare entities that grow without bound or read files and addresses.",
)
MALFORMED_XML: Final = Rule(
    "malformed_xml",
    "error",
    "期望格式完好的 XML，但第 {row} 行有错：{found}",
    "Expected well-formed XML, but line {row} is not: {found}",
    "What is not XML cannot be a diagram.",
)
TOO_DEEP: Final = Rule(
    "too_deep",
    "error",
    "期望元素嵌套不超过 256 层、单个值不超过 10 MB，但第 {row} 行超出。",
    "Expected elements at most 256 deep and values under 10 MB, but line {row} goes beyond.",
    "Such nesting is no diagram; it is made to exhaust whoever reads it.",
)
WRONG_ROOT: Final = Rule(
    "wrong_root",
    "error",
    "期望根元素为 BPMN 2.0 的 definitions，但发现 {found}。",
    "Expected the root element definitions of BPMN 2.0, but found {found}.",
    "Some other kind of XML was sent, or BPMN of another version.",
)
TOO_MANY_ELEMENTS: Final = Rule(
    "too_many_elements",
    "error",
    "期望不超过 {nodes} 个节点、{flows} 条顺序流，但发现 {found}。",
    "Expected at most {nodes} nodes and {flows} flows, but found {found}.",
    "No one can read such a diagram, and a case in it would not be run.",
)
READING_RULES: Final = (
    EMPTY_FILE,
    FILE_TOO_LARGE,
    BAD_ENCODING,
    DOCTYPE_REFUSED,
    MALFORMED_XML,
    TOO_DEEP,
    WRONG_ROOT,
    TOO_MANY_ELEMENTS,
)


def read_diagram(xml: bytes, *, max_bytes: int = MAX_BYTES) -> Diagram:
    """The diagram in `xml`; one that cannot be read has `problems` and nothing else."""
    root = read_root(xml, max_bytes=max_bytes)
    return _unreadable(root) if isinstance(root, Problem) else _within_limits(root)


def read_root(xml: bytes, *, max_bytes: int = MAX_BYTES) -> etree._Element | Problem:
    """The root element of XML that anyone may have sent, or why it is not read."""
    if not xml.strip():
        return EMPTY_FILE.problem({})
    if len(xml) > max_bytes:
        return FILE_TOO_LARGE.problem({"limit": str(max_bytes), "found": str(len(xml))})
    text = _decoded(xml)
    if isinstance(text, Problem):
        return text
    row = _doctype_line(text)
    if row is not None:
        return DOCTYPE_REFUSED.problem({"row": str(row)}, line=row)
    return _parsed(text)


def _unreadable(problem: Problem) -> Diagram:
    return Diagram(problems=(problem,))


def _decoded(xml: bytes) -> str | Problem:
    """The text, decoded strictly here, so that the check for a DOCTYPE and the parser see the same characters."""
    mark, encoding = next(((mark, name) for mark, name in _MARKS if xml.startswith(mark)), (b"", "utf-8"))
    try:
        text = xml[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        return BAD_ENCODING.problem({"found": f"{_declared(xml) or encoding} (byte {error.start})"})
    declared = _declared(xml) if not mark else None
    if declared is not None and declared.lower() not in _READ_AS:
        return BAD_ENCODING.problem({"found": declared})
    return text.lstrip("\ufeff")  # libxml2 would skip a second mark, and the check for a DOCTYPE would not.


def _declared(xml: bytes) -> str | None:
    found = _DECLARED.match(xml[:300].decode("latin-1"))
    return None if found is None else found[1]


def _doctype_line(text: str) -> int | None:
    """The line of a markup declaration before the root element, the only place where XML allows one."""
    position = _after_blanks(text, 0)
    while opened := next((pair for pair in _PROLOGUE if text.startswith(pair[0], position)), None):
        opening, closing = opened
        end = text.find(closing, position + len(opening))
        if end < 0:
            return None
        position = _after_blanks(text, end + len(closing))
    return text.count("\n", 0, position) + 1 if text.startswith("<!", position) else None


def _after_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _parsed(text: str) -> etree._Element | Problem:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        row = error.lineno or 1
        rule = TOO_DEEP if getattr(error, "code", 0) == _RESOURCE_LIMIT else MALFORMED_XML
        return rule.problem({"row": str(row), "found": _without_place(error.msg)}, line=row)
    if root.getroottree().docinfo.internalDTD is not None:
        return DOCTYPE_REFUSED.problem({"row": "1"}, line=1)
    return root


def _without_place(message: str | None) -> str:
    return re.sub(r", line \d+, column \d+.*", "", message or "", flags=re.DOTALL)


def _within_limits(root: etree._Element) -> Diagram:
    if root.tag != f"{{{BPMN}}}definitions":
        return _unreadable(WRONG_ROOT.problem({"found": str(root.tag)}, line=line_of(root)))
    diagram = diagram_of(root)
    nodes, flows = len(diagram.nodes), len(diagram.flows)
    if nodes <= MAX_NODES and flows <= MAX_FLOWS:
        return diagram
    found = f"{nodes} + {flows}"
    return _unreadable(TOO_MANY_ELEMENTS.problem({"nodes": str(MAX_NODES), "flows": str(MAX_FLOWS), "found": found}))
