"""Decision tables of fee standards as DMN 1.3 XML, out and in; what our evaluator does not take is refused by line.

The output of a table is called `amount_fen`: whole fen, so that no table in yuan is taken for one in fen. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NoReturn

from lxml import etree

from service.expressions import ExpressionError, compile_expression
from service.fees.decision_table import MOST_INPUTS, MOST_RULES
from service.fees.standard_reading import MOST_CHARGES, StandardError, read_table
from service.modelling.problem import Problem
from service.modelling.xml_nodes import is_element, line_of, name_of
from service.modelling.xml_reading import read_root

# DMN 1.3, 12.3.1: the namespace of the model.
DMN: Final = "https://www.omg.org/spec/DMN/20191111/MODEL/"
NAMESPACE: Final = "urn:mingjing:fees"
AMOUNT: Final = "amount_fen"
MAX_BYTES: Final = 500_000
# Our letter for a hit policy -> hitPolicy and aggregation (DMN 1.3, 8.2.8 and 8.2.9).
_POLICIES: Final[Mapping[str, tuple[str, str | None]]] = {
    "U": ("UNIQUE", None),
    "A": ("ANY", None),
    "F": ("FIRST", None),
    "C+": ("COLLECT", "SUM"),
    "C<": ("COLLECT", "MIN"),
    "C>": ("COLLECT", "MAX"),
}
# What documents a model and decides nothing.
_TOLD: Final = frozenset(
    "description extensionElements inputData knowledgeSource authorityRequirement organizationUnit "
    "performanceIndicator textAnnotation association group question allowedAnswers variable DMNDI "
    "informationRequirement".split()
)
# Sums and products of whole numbers and answers: the same in FEEL and in our grammar.
_AMOUNT: Final = re.compile(r"[\w\s+*()-]+")
_NOT_NAMES: Final = frozenset("and or not in if else is True False None true false null for some every".split())


class DmnError(ValueError):
    """What is wrong in a file, at which line (0: with the file as a whole), in two languages."""

    def __init__(self, line: int, zh: str, en: str) -> None:
        super().__init__(f"line {line}: {en}")
        self.line = line
        self.zh = f"第 {line} 行：{zh}" if line else zh
        self.en = f"Line {line}: {en}" if line else en


def write_tables(name: str, charges: Sequence[Mapping[str, Any]]) -> bytes | None:
    """The tables among the charges of a standard's content as a DMN file; None where DMN can say none of them.

    A table without input columns states its conditions in our own grammar, which no DMN file can carry.
    """
    tables = [one for one in charges if one.get("kind") == "table" and one.get("inputs")]
    if not tables or not all(_plain_amount(str(row.get("amount"))) for one in tables for row in one["rules"]):
        return None
    attributes = {"id": "fees", "name": name, "namespace": NAMESPACE, "exporter": "Mingjing", "exporterVersion": "1"}
    root = etree.Element(f"{{{DMN}}}definitions", attributes, {"dmn": DMN})
    names = sorted({str(one) for table in tables for one in table["inputs"]})
    for one in names:
        given = _add(root, "inputData", id=f"input_{one}", name=one)
        _add(given, "variable", id=f"variable_{one}", name=one)
    for number, table in enumerate(tables, start=1):
        _write_table(root, f"{name} {number}" if len(tables) > 1 else name, number, table)
    etree.indent(root, space="  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def read_tables(xml: bytes) -> list[dict[str, Any]]:
    """The tables of a DMN file as charges of a standard's content, in their order. Raises DmnError."""
    root = read_root(xml, max_bytes=MAX_BYTES)
    if isinstance(root, Problem):
        raise DmnError(0, root.message_zh, root.message_en)
    if name_of(root) != (DMN, "definitions"):
        _refuse(root, f"期望 DMN 1.3 的 definitions，但发现 {root.tag}", f"Expected DMN 1.3, but found {root.tag}")
    _elements(root, {"decision"})
    decisions = _children(root, "decision")
    if not 1 <= len(decisions) <= MOST_CHARGES:
        words = f"期望 1 至 {MOST_CHARGES} 个决策表", f"Expected 1 to {MOST_CHARGES} decisions, found {len(decisions)}"
        _refuse(root, *words)
    return [_read_decision(one) for one in decisions]


def _write_table(root: etree._Element, name: str, number: int, table: Mapping[str, Any]) -> None:
    decision = _add(root, "decision", id=f"decision_{number}", name=name)
    _add(decision, "variable", id=f"decision_{number}_variable", name=name, typeRef="number")
    for n, one in enumerate(table["inputs"]):
        required = _add(decision, "informationRequirement", id=f"requirement_{number}_{n}")
        _add(required, "requiredInput", href=f"#input_{one}")
    policy, aggregation = _POLICIES[str(table["hit_policy"])]
    told = {"hitPolicy": policy} | ({"aggregation": aggregation} if aggregation else {})
    drawn = _add(decision, "decisionTable", id=f"table_{number}", **told)
    for n, one in enumerate(table["inputs"]):
        column = _add(drawn, "input", id=f"column_{number}_{n}", label=str(one))
        _add_text(_add(column, "inputExpression", id=f"expression_{number}_{n}"), str(one))
    _add(drawn, "output", id=f"output_{number}", name=AMOUNT, typeRef="number")
    for n, row in enumerate(table["rules"]):
        rule = _add(drawn, "rule", id=f"rule_{number}_{n}")
        if row.get("note"):
            _add(rule, "description").text = str(row["note"])
        for c, cell in enumerate(row["entries"]):
            _add_text(_add(rule, "inputEntry", id=f"entry_{number}_{n}_{c}"), str(cell))
        _add_text(_add(rule, "outputEntry", id=f"amount_{number}_{n}"), str(row["amount"]))


def _add(parent: etree._Element, kind: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{DMN}}}{kind}", attributes)


def _add_text(parent: etree._Element, text: str) -> None:
    _add(parent, "text").text = text


def _read_decision(decision: etree._Element) -> dict[str, Any]:
    for required in decision.iter(f"{{{DMN}}}requiredDecision", f"{{{DMN}}}requiredKnowledge"):
        _refuse(required, "决策表不能依赖其他决策", "Expected a table over answers alone, not over another decision")
    _elements(decision, {"decisionTable"})
    tables = _children(decision, "decisionTable")
    if len(tables) != 1:
        _refuse(decision, "期望一个决策表", "Expected one decision table")
    table = tables[0]
    _elements(table, {"input", "output", "rule", "annotation"})
    policy, rows = _policy(table), _children(table, "rule")
    inputs = [_input(one) for one in _children(table, "input")]
    if not 1 <= len(inputs) <= MOST_INPUTS:
        _refuse(table, f"期望 1 至 {MOST_INPUTS} 个输入列", f"Expected 1 to {MOST_INPUTS} input columns")
    _require_amount(table, _children(table, "output"))
    if not 1 <= len(rows) <= MOST_RULES:
        _refuse(table, f"期望 1 至 {MOST_RULES} 条规则", f"Expected 1 to {MOST_RULES} rules, found {len(rows)}")
    rules = [_rule(one, len(inputs)) for one in rows]
    content = {"kind": "table", "hit_policy": policy, "inputs": inputs, "rules": rules}
    _require_ours(content, table, rows)
    return content


def _require_ours(content: Mapping[str, Any], table: etree._Element, rows: Sequence[etree._Element]) -> None:
    """All that the standard itself checks, told with the line of the file."""
    try:
        read_table(content)
    except StandardError as wrong:
        _, part, *rest = wrong.pointer.split("/")
        row = rows[int(rest[0])] if part == "rules" and rest else table
        if part == "rules" and rest[1:2] == ["entries"] and len(rest) > 2:
            row = _children(row, "inputEntry")[int(rest[2])]
        elif part == "rules" and rest[1:2] == ["amount"]:
            row = _children(row, "outputEntry")[0]
        _refuse(row, wrong.zh, wrong.en)


def _policy(table: etree._Element) -> str:
    asked = table.get("hitPolicy", "UNIQUE"), table.get("aggregation")
    for letter, known in _POLICIES.items():
        if known == asked:
            return letter
    told = " ".join(filter(None, asked))
    expected = "、".join(" ".join(filter(None, known)) for known in _POLICIES.values())
    _refuse(table, f"命中策略应为 {expected} 之一，但发现 {told}", f"Expected a hit policy of {expected}, found {told}")


def _input(column: etree._Element) -> str:
    _elements(column, {"inputExpression"})
    expressions = _children(column, "inputExpression")
    name = _text(expressions[0]) if len(expressions) == 1 else ""
    if not name.isidentifier() or name in _NOT_NAMES:
        _refuse(column, "输入列须为一个字段的键名", f"Expected the key of an answer as input, found {name!r}")
    return name


def _require_amount(table: etree._Element, outputs: Sequence[etree._Element]) -> None:
    if len(outputs) != 1 or outputs[0].get("name") != AMOUNT:
        at = outputs[0] if outputs else table
        _refuse(at, f"期望唯一的输出列 {AMOUNT}（金额，单位为分）", f"Expected one output called {AMOUNT}, in fen")
    _elements(outputs[0])


def _rule(row: etree._Element, columns: int) -> dict[str, Any]:
    _elements(row, {"inputEntry", "outputEntry", "annotationEntry"})
    cells, amounts = _children(row, "inputEntry"), _children(row, "outputEntry")
    if len(cells) != columns or len(amounts) != 1:
        _refuse(row, f"期望 {columns} 个条件和一个金额", f"Expected {columns} input entries and one output entry")
    amount = _text(amounts[0])
    if not _plain_amount(amount):
        zh, en = "金额只能是整数和字段的加、减、乘", f"Expected sums and products of whole numbers, found {amount!r}"
        _refuse(amounts[0], zh, en)
    notes = [*_children(row, "description"), *_children(row, "annotationEntry")]
    note = next((text for one in notes if (text := _text(one) or (one.text or "").strip())), "")
    found = {"entries": [_text(cell) or "-" for cell in cells], "amount": amount}
    return found | ({"note": note[:200]} if note else {})


def _plain_amount(text: str) -> bool:
    names = set(re.findall(r"[^\W\d]\w*", text))
    if not _AMOUNT.fullmatch(text) or "**" in text or names & _NOT_NAMES:
        return False
    try:
        compile_expression(text)
    except ExpressionError:
        return False
    return True


def _elements(parent: etree._Element, also: Collection[str] = ()) -> list[etree._Element]:
    """The children; DmnError for one that would decide something and that we do not know."""
    found = []
    for one in parent:
        if not is_element(one):
            continue
        namespace, name = name_of(one)
        if name not in _TOLD and (namespace != DMN or name not in also):
            _refuse(one, f"不支持元素 {name}", f"Expected nothing that is not supported, found {name}")
        found.append(one)
    return found


def _children(parent: etree._Element, name: str) -> list[etree._Element]:
    return parent.findall(f"{{{DMN}}}{name}")


def _text(parent: etree._Element) -> str:
    return (parent.findtext(f"{{{DMN}}}text") or "").strip()


def _refuse(element: etree._Element, zh: str, en: str) -> NoReturn:
    raise DmnError(line_of(element), zh, en)
