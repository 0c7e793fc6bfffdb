"""Bytes that anyone may have sent: nothing is expanded, fetched or raised, and the answer says what is wrong."""

from __future__ import annotations

import codecs
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.modelling.lint import lint
from service.modelling.problem import LONGEST_SHOWN
from service.modelling.xml_reading import MAX_BYTES, MAX_FLOWS, MAX_NODES, READING_RULES, read_diagram
from tests.unit.lint.drawing import BPMN, END, HEAD, START, element, flows, line, user

GOOD = line(user("a"))
ROOT = f'<definitions xmlns="{BPMN}" id="d" targetNamespace="urn:test">'
ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{ENTITIES}]>{ROOT}&l9;</definitions>'
BLOW_UP = f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>{ROOT}{"&a;" * 20_000}</definitions>'


def code_of(xml: bytes) -> str:
    (problem,) = lint(xml)
    return problem.code


def external(path: Path) -> str:
    return f'<!DOCTYPE d [<!ENTITY x SYSTEM "{path.as_uri()}">]>{ROOT}<process id="p" name="&x;"/></definitions>'


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        BLOW_UP,
        f"<!DOCTYPE definitions>{ROOT}</definitions>",
        f'<!DOCTYPE d SYSTEM "http://127.0.0.1:1/d.dtd">{ROOT}</definitions>',
        f"<!-- a --><?b c?>\n<!DOCTYPE d [<!ENTITY % p SYSTEM 'x'> %p;]>{ROOT}</definitions>",
        f"\ufeff<!DOCTYPE d>{ROOT}</definitions>",
    ],
    ids=["billion laughs", "quadratic blow-up", "plain", "external subset", "behind a comment", "behind a second mark"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_type_is_refused_before_anything_is_expanded(text: str, encoding: str) -> None:
    begun = time.process_time()
    assert code_of(text.encode(encoding)) == "doctype_refused"
    assert time.process_time() - begun < 1


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("明镜高悬", encoding="utf-8")
    diagram = read_diagram(external(secret).encode())
    assert [problem.code for problem in diagram.problems] == ["doctype_refused"]
    assert "明镜" not in repr(diagram)


def test_a_refused_document_type_has_its_line() -> None:
    (problem,) = lint(f"<?xml version='1.0'?>\n<!-- -->\n<!DOCTYPE d>{ROOT}</definitions>".encode())
    assert (problem.line, "3" in problem.message_en) == (3, True)


def test_words_that_only_look_like_a_document_type_are_no_harm() -> None:
    commented = GOOD.replace(b"<process", b"<!-- <!DOCTYPE d> --><process")
    assert read_diagram(commented).problems == ()
    assert read_diagram(GOOD.replace(b'name="a"', b'name="&lt;!DOCTYPE"')).problems == ()


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n\t ", "empty_file"),
        (b"\x00\x00\x00", "malformed_xml"),
        (b"PK\x03\x04 not xml", "malformed_xml"),
        (b"<definitions>", "malformed_xml"),
        (f"{ROOT}&unknown;</definitions>".encode(), "malformed_xml"),
        (b"<definitions/>", "wrong_root"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "wrong_root"),
        (b'<definitions xmlns="http://schema.omg.org/spec/BPMN/1.0"/>', "wrong_root"),
        (f"{ROOT}{'<a>' * 400}{'</a>' * 400}</definitions>".encode(), "too_deep"),
        (GOOD + b" " * MAX_BYTES, "file_too_large"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><définitions/>'.encode("latin-1"), "bad_encoding"),
        ('<?xml version="1.0" encoding="GB18030"?><流程/>'.encode("gb18030"), "bad_encoding"),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADw-', "bad_encoding"),
        (b"<definitions name='\xff\xfe'/>", "bad_encoding"),
        (codecs.BOM_UTF16_LE + b"<\x00d", "bad_encoding"),
    ],
)
def test_what_is_no_diagram_is_told_why(xml: bytes, code: str) -> None:
    assert code_of(xml) == code


def test_malformed_xml_has_its_line() -> None:
    (problem,) = lint(f"{ROOT}\n<process>\n</proces></definitions>".encode())
    assert problem.line == 3
    assert "Opening and ending tag mismatch" in problem.message_en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_a_diagram_in_utf_8_or_utf_16_reads_the_same(encoding: str) -> None:
    name = encoding.removesuffix("-sig").removesuffix("-be")
    text = f'<?xml version="1.0" encoding="{name}"?>' + GOOD.decode().replace('name="a"', 'name="现场踏勘"')
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    diagram = read_diagram(mark + text.encode(encoding))
    assert diagram.by_id["a"].name == "现场踏勘"
    assert diagram == read_diagram(text.replace(f' encoding="{name}"', "").encode())


def test_a_diagram_has_the_lines_of_its_file() -> None:
    xml = f'{HEAD}\n<process id="p">\n{START}\n{user("a")}\n{END}\n{flows("start -> a")}\n</process></definitions>'
    diagram = read_diagram(xml.encode())
    assert [node.line for node in diagram.nodes] == [3, 4, 5]
    assert [flow.line for flow in diagram.flows] == [6]


def test_a_diagram_with_too_many_nodes_or_flows_is_not_walked() -> None:
    many = line(*(user(f"u{number}") for number in range(MAX_NODES)))
    assert [problem.code for problem in read_diagram(many).problems] == ["too_many_elements"]
    way = flows("start -> end") * (MAX_FLOWS + 1)
    crowded = f'{HEAD}<process id="p">{START}{END}{way}</process></definitions>'.encode()
    assert [problem.code for problem in read_diagram(crowded).problems] == ["too_many_elements"]


def test_a_huge_name_is_not_repeated_in_full() -> None:
    long_name = "长" * 300_000
    xml = line(user("a", post="x" * 300_000), user("b" * 300)).replace(b'name="a"', f'name="{long_name}"'.encode())
    found = lint(xml)
    assert found
    assert max(len(problem.message_zh) + len(problem.message_en) for problem in found) < 8 * LONGEST_SHOWN
    assert max(len(step) for problem in found for step in (problem.element_id or "", *problem.path)) <= LONGEST_SHOWN


def test_a_rule_that_is_broken_everywhere_does_not_flood_the_answer() -> None:
    found = lint(line(*(element("userTask", f"u{number}") for number in range(200))))
    assert max(sum(problem.code == code for problem in found) for code in {p.code for p in found}) <= 50


@pytest.mark.parametrize(
    "inner",
    [
        "<extensionElements/>" * 60_000,
        "<incoming>a</incoming>" * 60_000,
        f"<conditionExpression>{' ' * 1_000_000}x</conditionExpression>",
        "<documentation/>" * 60_000,
    ],
    ids=["extensions", "references", "blanks", "documentation"],
)
def test_a_file_made_to_be_slow_is_read_in_seconds(inner: str) -> None:
    begun = time.process_time()
    lint(f'{HEAD}<process id="p">{START}<userTask id="a">{inner}</userTask></process></definitions>'.encode())
    assert time.process_time() - begun < 5


def test_every_rule_on_files_speaks_both_languages() -> None:
    for rule in READING_RULES:
        assert rule.severity == "error"
        assert rule.zh.startswith("期望")
        assert rule.en.startswith("Expected ")


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_random_bytes_never_raise(xml: bytes) -> None:
    assert lint(xml)


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_diagram_with_bytes_struck_out_or_changed_never_raises(data: st.DataObject) -> None:
    xml = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(xml) - 1))
        xml[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=4))
    assert isinstance(lint(bytes(xml)), list)
