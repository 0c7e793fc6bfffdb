"""What a model is never built from: broken XML, entities, Python in any disguise, and what would hang or be ignored."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.engine import CaseRun, ModelError, build_model
from service.engine.evaluator import ENGINE
from service.modelling.lint import lint
from tests.engine.county import MONDAY, Office, desk
from tests.engine.drawing import (
    EVENTS,
    PARALLEL,
    TERMINATE,
    XOR,
    Node,
    after,
    at,
    boundary,
    call,
    catch,
    draw,
    end,
    every,
    on_message,
    receive,
    scope,
    user,
)

PYTHON = "__import__('os').putenv('CAUGHT', '1')"


def test_broken_xml_is_refused_as_a_model_error() -> None:
    """Trap: what is not well formed comes out of the XML parser as an error of its own, which nobody expects."""
    with pytest.raises(ModelError, match="runnable diagram"):
        build_model("p", {"p": draw("p", "start -> a -> end")[:-20]})


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE x>",
        b'<!DOCTYPE x [<!ENTITY a "b">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_a_doctype_is_refused_whatever_it_declares(doctype: bytes) -> None:
    """Trap: entities read files and grow without bound, so no document type is allowed in."""
    with pytest.raises(ModelError, match="DOCTYPE"):
        build_model("p", {"p": doctype + draw("p", "start -> a -> end")})


def test_an_entity_is_not_expanded_even_before_the_refusal(tmp_path: Path) -> None:
    """Trap: a parser that resolves entities has read the file by the time that anybody looks at the DOCTYPE."""
    secret = tmp_path / "secret"
    secret.write_text("confidential")
    xml = draw("p", "start -> a -> end").replace(b'name="a"', b'name="&leak;"')
    with pytest.raises(ModelError) as refused:
        build_model("p", {"p": f'<!DOCTYPE x [<!ENTITY leak SYSTEM "{secret}">]>'.encode() + xml})
    assert "confidential" not in str(refused.value)


def correlated(wait: Node) -> bytes:
    path = f"<bpmn:messagePath>{PYTHON}</bpmn:messagePath>"
    retrieval = f'<bpmn:correlationPropertyRetrievalExpression messageRef="m_pay">{path}</bpmn:correlationPropertyRetrievalExpression>'  # noqa: E501
    return draw(
        "p",
        "start -> w -> end",
        w=wait,
        roots=f'<bpmn:correlationProperty id="c">{retrieval}</bpmn:correlationProperty>',
    )


def scripted(tag: str) -> Node:
    inside = f"<spiffworkflow:{tag}>{PYTHON}</spiffworkflow:{tag}>"
    return Node("userTask", inside=f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>")


def matched_by_process() -> Node:
    parts = f"<spiffworkflow:propertyId>a</spiffworkflow:propertyId><spiffworkflow:expression>{PYTHON}</spiffworkflow:expression>"  # noqa: E501
    inside = f"<spiffworkflow:processVariableCorrelation>{parts}</spiffworkflow:processVariableCorrelation>"
    extension = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"
    return catch(on_message("pay").replace("/>", f">{extension}</bpmn:messageEventDefinition>"))


HIDDEN_PYTHON = {
    "script task": draw("p", "start -> s -> end", s=Node("scriptTask", inside=f"<bpmn:script>{PYTHON}</bpmn:script>")),
    "script before a task": draw("p", "start -> a -> end", a=scripted("preScript")),
    "script after a task": draw("p", "start -> a -> end", a=scripted("postScript")),
    "gateway": draw("p", f"start -> g\ng -> a if {PYTHON}\ng -> end\na -> end", g=XOR),
    "timer": draw("p", "start -> a -> end\nt -> end", t=boundary("a", at(PYTHON))),
    "gate": draw("p", "start -> a -> end", a=user(gate=PYTHON)),
    "derived variable": draw("p", "start -> a -> end", properties={"variable:x": PYTHON}),
    "message correlation": correlated(receive("pay")),
    "process correlation": draw("p", "start -> w -> end", w=matched_by_process()),
    "instances": draw("p", "start -> a -> end", a=user(f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{PYTHON}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>")),  # noqa: E501
    "end of instances": draw("p", "start -> a -> end", a=user(f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality><bpmn:completionCondition>{PYTHON}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>")),  # noqa: E501
    "loop": draw("p", "start -> a -> end", a=user(f"<bpmn:standardLoopCharacteristics><bpmn:loopCondition>{PYTHON}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>")),  # noqa: E501
    "condition event": draw("p", "start -> c -> end", c=catch(f"<bpmn:conditionalEventDefinition><bpmn:condition>{PYTHON}</bpmn:condition></bpmn:conditionalEventDefinition>")),  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize("place", HIDDEN_PYTHON)
def test_python_in_a_diagram_is_refused_when_the_model_is_built(place: str) -> None:
    """Trap: the library evaluates conditions, timers, scripts and correlations with all of Python's builtins."""
    with pytest.raises(ModelError):
        build_model("p", {"p": HIDDEN_PYTHON[place]})


def test_python_never_runs_even_where_the_library_goes_around_its_engine() -> None:
    """Trap: correlations and ad-hoc conditions are handed to the engine's environment, past our evaluator."""
    for expression in (PYTHON, "1 + 1"):
        with pytest.raises(PermissionError):
            ENGINE.environment.evaluate(expression, {})
        with pytest.raises(PermissionError):
            ENGINE.environment.execute(expression, {})
        with pytest.raises(PermissionError):
            ENGINE.environment.call_service({}, operation_name=expression)
        with pytest.raises(PermissionError):
            ENGINE.execute(None, expression)


def test_a_restored_case_still_has_the_closed_engine() -> None:
    """Trap: a case restored by the library gets its default engine, which runs any Python."""
    case = desk(draw("p", "start -> a -> end"))
    run = CaseRun.load(case.model, Office(MONDAY), MONDAY, case.state)
    assert run._workflow.script_engine is ENGINE


REFUSED_ELEMENTS = {
    "businessRuleTask": draw("p", "start -> x -> end", x=Node("businessRuleTask")),
    "sendTask": draw("p", "start -> x -> end", x=Node("sendTask", {"messageRef": "m_pay"})),
    "task": draw("p", "start -> x -> end", x=Node("task")),
    "manualTask": draw("p", "start -> x -> end", x=Node("manualTask")),
    "complexGateway": draw("p", "start -> x -> end", x=Node("complexGateway")),
    "adHocSubProcess": draw("p", "start -> x -> end", x=Node("adHocSubProcess", lines="a -> b")),
    "event sub-process": draw(
        "p",
        "start -> a -> end",
        x=Node("subProcess", {"triggeredByEvent": "true"}, lines="start_x -> b -> end_x"),
    ),
    "link": draw("p", "start -> x -> end", x=catch('<bpmn:linkEventDefinition name="l"/>')),
    "compensation": draw("p", "start -> a -> end", end=end("<bpmn:compensateEventDefinition/>")),
    "thrown message": draw("p", "start -> a -> end", end=end(on_message("pay"))),
    "cycle that interrupts": draw(
        "p", "start -> a -> end\nx -> end", x=boundary("a", every("'R3/PT1H'"), interrupting=True)
    ),
    "cycle between steps": draw("p", "start -> x -> end", x=catch(every("'R3/PT1H'"))),
    "cycle that says nothing": draw("p", "start -> a -> end\nx -> end", x=boundary("a", every(""))),
    "two things at once": draw("p", "start -> x -> end", x=catch(on_message("pay") + after("'P1D'"))),
    "a condition that nobody asks": draw("p", "start -> a\na -> end if n == 1"),
    "an event that waits for nothing": draw("p", "start -> x -> end", x=catch("")),
    "a step that waits for nothing": draw("p", "start -> x -> end", x=Node("receiveTask")),
    "another word for false": draw(
        "p",
        "start -> a -> end\nx -> end",
        x=Node("boundaryEvent", {"attachedToRef": "a", "cancelActivity": "0"}, inside=after("'P1D'")),
    ),
    "two timers behind a gateway": draw(
        "p",
        "start -> e\ne -> t1 -> end\ne -> t2 -> end",
        e=EVENTS,
        t1=catch(after("'P1D'")),
        t2=catch(after("'P2D'")),
    ),
    "data of a token": draw(
        "p",
        "start -> a -> end",
        d=Node("dataObject"),
        r=Node("dataObjectReference", {"dataObjectRef": "d"}),
        a=user('<bpmn:dataInputAssociation id="i"><bpmn:sourceRef>r</bpmn:sourceRef></bpmn:dataInputAssociation>'),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED_ELEMENTS)
def test_what_would_hang_or_be_ignored_is_refused_and_named(what: str) -> None:
    """Trap: these parse without a word; a case then hangs, loses a message or changes the model of all others."""
    with pytest.raises(ModelError, match="Expected no "):
        build_model("p", {"p": REFUSED_ELEMENTS[what]})


ALL_REFUSED = {**HIDDEN_PYTHON, **REFUSED_ELEMENTS}


@pytest.mark.parametrize("what", ALL_REFUSED)
def test_the_linter_names_what_the_engine_would_refuse(what: str) -> None:
    """The engine is the second line: a designer reads the linter's words, never the engine's."""
    errors = [problem for problem in lint(ALL_REFUSED[what]) if problem.severity == "error"]
    usual = {problem.code for problem in lint(draw("p", "start -> a -> end"))}
    assert [problem for problem in errors if problem.code not in usual]


@pytest.mark.parametrize(
    ("what", "xml"),
    [
        ("a flow without target", draw("p", "start -> a -> end").replace(b'targetRef="end"', b'targetRef="gone"')),
        ("no start event", draw("p", "a -> end")),
        ("a gateway's flow without condition", draw("p", "start -> g\ng -> a\ng -> b\na -> end\nb -> end", g=XOR)),
        ("an unknown process called", draw("p", "start -> c -> end", c=call("unknown"))),
        ("a message without name", draw("p", "start -> w -> end", w=receive("pay")).replace(b' name="pay"', b"")),
        ("an empty condition", draw("p", "start -> g\ng -> a if (\ng -> end\na -> end", g=XOR)),
        ("an empty timer", draw("p", "start -> a -> end\nt -> end", t=boundary("a", after("")))),
        ("an unreadable timer", draw("p", "start -> a -> end\nt -> end", t=boundary("a", after("5 days")))),
    ],
)
def test_a_diagram_that_cannot_be_parsed_is_a_model_error(what: str, xml: bytes) -> None:
    """Trap: the parser raises a dozen unrelated types for these, some with a message about something else."""
    with pytest.raises(ModelError):
        build_model("p", {"p": xml})


def test_another_process_than_those_drawn_is_refused() -> None:
    with pytest.raises(ModelError):
        build_model("q", {"p": draw("p", "start -> a -> end")})


def test_two_scopes_of_one_id_in_a_bundle_are_refused() -> None:
    """Trap: scopes are told apart by id, across all diagrams of a bundle."""
    shared = draw("shared", "start -> handling -> end", handling=scope("start_s -> b -> end_s"))
    main = draw("p", "start -> handling -> c -> end", handling=scope("start_s -> a -> end_s"), c=call("shared"))
    with pytest.raises(ModelError):
        build_model("p", {"p": main, "shared": shared})


@pytest.mark.parametrize("called", ["p", "q"])
def test_a_diagram_that_calls_itself_is_refused(called: str) -> None:
    """Trap: without a person in between, a case would open scope within scope until the memory ends."""
    main = draw("p", "start -> s -> end", s=scope("start_s -> c -> end_s", c=call(called)))
    with pytest.raises(ModelError, match="calls itself"):
        build_model("p", {"p": main, "q": draw("q", "start -> c -> end", c=call("p"))})


def test_a_chain_of_a_thousand_steps_is_a_model_error() -> None:
    """Trap: the parser calls itself once a step; such a chain ends in a RecursionError."""
    chain = draw("p", " -> ".join(["start", *(f"step_{number}" for number in range(1000)), "end"]))
    with pytest.raises(ModelError):
        build_model("p", {"p": chain})
    assert desk(draw("p", " -> ".join(["start", *(f"step_{number}" for number in range(100)), "end"]))).steps


def test_comments_and_instructions_between_elements_do_no_harm() -> None:
    """Trap: a comment inside an element has crashed the parser."""
    xml = draw("p", "start -> g\ng -> a if n == 1\ng -> end\na -> end", g=XOR)
    xml = xml.replace(b"<![CDATA[n == 1]]>", b"<!-- one --><![CDATA[n == 1]]><?x y?>")
    xml = xml.replace(b"<bpmn:userTask", b"<?x y?><!-- a --><bpmn:userTask")
    assert desk(xml, variables={"n": 1}).steps == ["a"]


def test_a_model_is_the_same_in_every_process() -> None:
    """Trap: a state names its elements by their place in the model, so that place must not hang on hash seeds."""
    xml = draw(
        "p",
        "start -> f\nf -> s -> j\nf -> c -> j\nj -> end\nt -> endt",
        f=PARALLEL,
        j=PARALLEL,
        s=scope("start_s -> a -> end_s"),
        c=call("q"),
        t=boundary("s", after("'P1D'")),
        endt=end(TERMINATE),
    )
    shared = draw("q", "start -> b -> end")
    program = (
        "import sys; from service.engine import build_model;"
        "print(build_model('p', {'p': bytes.fromhex(sys.argv[1]), 'q': bytes.fromhex(sys.argv[2])}).fingerprint.hex())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program, xml.hex(), shared.hex()],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2", "3")
    }
    assert seen == {build_model("p", {"p": xml, "q": shared}).fingerprint.hex()}
