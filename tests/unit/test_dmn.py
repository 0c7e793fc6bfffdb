"""Decision tables of fee standards as DMN 1.3 files: what goes out comes back, and nothing else gets in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from service.fees.decision_table import HIT_POLICIES
from service.fees.dmn import DMN, DmnError, read_tables, write_tables

CELLS = ("-", '"dwelling"', '"a","b"', 'not("a","b")', "[0..5)", "> 5", "<= 2.5", "true", "3")
AMOUNTS = ("8000", "100 * m2", "100 * (m2 - 3) + 50", "-5 + m2")


def table(policy: str = "U", *rows: tuple[str, ...], inputs: tuple[str, ...] = ("use",)) -> dict[str, Any]:
    rules = [{"entries": list(row[:-1]), "amount": row[-1]} for row in rows or (('"a"', "8000"), ('"b"', "100 * m2"))]
    return {"kind": "table", "hit_policy": policy, "inputs": list(inputs), "rules": rules}


def written(*charges: dict[str, Any]) -> str:
    xml = write_tables("不动产登记费", charges)
    assert xml is not None
    return xml.decode()


@given(
    policy=st.sampled_from([one for one in HIT_POLICIES if one not in ("U", "A")]),
    rows=st.lists(st.tuples(st.sampled_from(CELLS), st.sampled_from(CELLS), st.sampled_from(AMOUNTS)), min_size=1),
    notes=st.lists(st.text("一二 ab", max_size=5), min_size=200, max_size=200),
)
def test_what_goes_out_comes_back(policy: str, rows: list[tuple[str, ...]], notes: list[str]) -> None:
    one = table(policy, *rows, inputs=("use", "m2"))
    for rule, note in zip(one["rules"], notes, strict=False):
        if note.strip():
            rule["note"] = note.strip()
    assert read_tables(written(one).encode()) == [one]


def test_several_tables_stay_in_their_order_and_other_charges_stay_out() -> None:
    first, second = table("U"), table("A", ("true", "1"), ("-", "1"))
    xml = written(first, {"kind": "fixed", "amount_fen": 5}, second)
    assert read_tables(xml.encode()) == [first, second]


def test_a_standard_without_a_table_that_dmn_can_say_gives_no_file() -> None:
    assert write_tables("x", [{"kind": "fixed", "amount_fen": 5}]) is None
    conditions = {"kind": "table", "hit_policy": "F", "inputs": [], "rules": [{"when": "m2 > 3", "amount": "5"}]}
    assert write_tables("x", [conditions]) is None
    assert write_tables("x", [table("U", ('"a"', "m2 // 2"))]) is None


def test_the_file_is_dmn_1_3_with_its_inputs() -> None:
    root = etree.fromstring(written(table("C+")).encode())
    assert root.tag == f"{{{DMN}}}definitions"
    drawn = root.find(f".//{{{DMN}}}decisionTable")
    assert drawn is not None and (drawn.get("hitPolicy"), drawn.get("aggregation")) == ("COLLECT", "SUM")
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert [one.get("href") for one in root.iter(f"{{{DMN}}}requiredInput")] == ["#input_use"]


FOREIGN = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="{DMN}" xmlns:x="urn:x" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" id="d" name="n"
  namespace="urn:y">
  <inputData id="i" name="use"/>
  <decision id="fee" name="fee">
    <description>费率</description>
    <decisionTable hitPolicy="FIRST">
      <input id="c"><inputExpression typeRef="string"><text> use </text></inputExpression></input>
      <output id="o" name="amount_fen"/>
      <annotation name="依据"/>
      <rule id="r1"><inputEntry id="e1"><text>"a"</text></inputEntry><outputEntry id="a1"><text>5</text></outputEntry>
        <annotationEntry><text>第三条</text></annotationEntry></rule>
      <rule id="r2"><inputEntry id="e2"><text></text></inputEntry>
        <outputEntry id="a2"><text>7 * m2</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI/>
</definitions>
"""


def test_a_table_drawn_elsewhere_is_taken_with_its_notes() -> None:
    assert read_tables(FOREIGN.encode()) == [
        {
            "kind": "table",
            "hit_policy": "F",
            "inputs": ["use"],
            "rules": [
                {"entries": ['"a"'], "amount": "5", "note": "第三条"},
                {"entries": ["-"], "amount": "7 * m2"},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("20191111/MODEL/", "20180521/MODEL/", 3, "DMN 1.3"),
        ("<text> use </text>", "<text>upper case(use)</text>", 8, "upper case"),
        ('hitPolicy="FIRST"', 'hitPolicy="PRIORITY"', 7, "PRIORITY"),
        ('hitPolicy="FIRST"', 'hitPolicy="COLLECT" aggregation="COUNT"', 7, "COUNT"),
        ('name="amount_fen"', 'name="amount"', 9, "amount_fen"),
        ("<text>5</text>", "<text>5.5</text>", 11, "'5.5'"),
        ("<text>5</text>", "<text>if use = 1 then 2 else 3</text>", 11, "sums and products"),
        ("<text>5</text>", "<text>m2 // 2</text>", 11, "sums and products"),
        ("<text>7 * m2</text>", "<text>7 * </text>", 14, "sums and products"),
        ('<text>"a"</text>', "<text>date(2020)</text>", 11, "double quotes"),
        ('<text>"a"</text></inputEntry>', '<text>"a"</text></inputEntry><inputEntry/>', 11, "1 input entries"),
        ('name="amount_fen"/>', 'name="amount_fen"><defaultOutputEntry/></output>', 9, "default"),
        ("</inputExpression>", "</inputExpression><inputValues/>", 8, "inputValues"),
        ("<description>费率</description>", "<literalExpression/>", 6, "literalExpression"),
        ('<inputData id="i" name="use"/>', "<businessKnowledgeModel/>", 4, "businessKnowledgeModel"),
        (
            "<description>费率</description>",
            '<informationRequirement><requiredDecision href="#x"/></informationRequirement>',
            6,
            "another decision",
        ),
        ('"FIRST"', '"UNIQUE"', 13, "overlap"),
        ("<decision ", "<x:decision ", 0, ""),
        ("<definitions", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><definitions", 0, "DOCTYPE"),
    ],
)  # fmt: skip
def test_what_our_evaluator_does_not_take_is_refused_with_its_line(old: str, new: str, line: int, said: str) -> None:
    assert old in FOREIGN
    with pytest.raises(DmnError) as refused:
        read_tables(FOREIGN.replace(old, new, 1).encode())
    assert refused.value.line == line, refused.value
    assert said in refused.value.en
    assert refused.value.zh


@pytest.mark.parametrize("content", [b"", b"use;amount", b"<definitions/>", b"\xff\xfe\x00", b"<a>" * 300])
def test_what_is_no_dmn_file_is_refused(content: bytes) -> None:
    with pytest.raises(DmnError):
        read_tables(content)
