"""Work in parallel: where branches meet, when one of them goes back, is halted, or is taken back."""

from __future__ import annotations

from itertools import permutations

import pytest

from service.engine import EngineFailure
from tests.engine.county import Desk, desk
from tests.engine.drawing import PARALLEL, XOR, Node, after, boundary, draw, on_error, on_message, scope, user

THREE = draw(
    "p",
    "start -> f\nf -> a -> j\nf -> b -> j\nf -> c -> j\nj -> review -> end",
    f=PARALLEL,
    j=PARALLEL,
)


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_branches_meet_in_whatever_order_they_come(order: tuple[str, ...]) -> None:
    """Trap: only the last token that came waits, the earlier ones are kept cancelled; a reload must not lose them."""
    case = desk(THREE)
    assert case.steps == ["a", "b", "c"]
    for step in order[:2]:
        assert not case.complete(step).entered
    case.complete(order[2])
    assert case.steps == ["review"]
    assert case.complete("review").completed


ROUNDS = draw(
    "p",
    "start -> m -> f\nf -> a -> j\nf -> b -> j\nj -> review -> g\ng -> m if back\ng -> end",
    f=PARALLEL,
    j=PARALLEL,
    g=XOR,
    m=XOR,
)


@pytest.mark.parametrize("rounds", ["abab", "abba", "baba", "baab"])
def test_a_case_sent_back_before_the_fork_does_both_branches_again(rounds: str) -> None:
    """Trap: the library counts the first round's arrivals too, so that the second join opens with its first token."""
    case = desk(ROUNDS)
    case.complete(rounds[0])
    case.complete(rounds[1])
    case.complete("review", back=True)
    assert case.steps == ["a", "b"]
    case.complete(rounds[2])
    assert case.steps == [rounds[3]]
    case.complete(rounds[3])
    assert case.steps == ["review"]
    assert case.complete("review", back=False).completed


@pytest.mark.parametrize("second", ["ab", "ba"])
def test_rounds_inside_a_branch_do_not_disturb_the_other_branch(second: str) -> None:
    """Trap: pruning alone cannot take the first round away while a branch beside it is open."""
    inner = "f -> m -> f2\nf2 -> a -> j2\nf2 -> b -> j2\nj2 -> review -> g\ng -> m if back\ng -> j"
    lines = f"start -> f\nf -> x -> j\n{inner}\nj -> end"
    case = desk(draw("p", lines, f=PARALLEL, j=PARALLEL, f2=PARALLEL, j2=PARALLEL, g=XOR, m=XOR))
    for _ in range(3):
        for first in "ab":
            case.complete(first)
        case.complete("review", back=True)
        assert case.steps == ["a", "b", "x"]
    case.complete(second[0])
    assert case.steps == sorted(["x", second[1]])
    case.complete(second[1])
    case.complete("review", back=False)
    assert case.steps == ["x"]
    assert case.complete("x").completed


def test_a_way_back_into_the_fork_itself_fails_loudly() -> None:
    """Trap: a parallel gateway with two incoming flows is a join too, which waits for a token that comes later."""
    lines = "start -> f\nf -> a -> j\nf -> b -> j\nj -> review -> g\ng -> f if back\ng -> end"
    with pytest.raises(EngineFailure, match="nothing in it is open"):
        desk(draw("p", lines, f=PARALLEL, j=PARALLEL, g=XOR))


HALTING = draw(
    "p",
    """
    start -> f
    f -> survey -> check -> g
    g -> survey if back
    g -> j
    f -> opinions -> j
    j -> decide -> end
    early -> ruling -> g2
    g2 -> survey
    g2 -> check if halt_ruling == 'release'
    """,
    f=PARALLEL,
    j=PARALLEL,
    g=XOR,
    g2=XOR,
    early=boundary("survey", on_error("TOO_EARLY"), interrupting=True),
    minimum=boundary("survey", after("'PT30M'"), role="minimum"),
    ruling=user(halts="case"),
)


@pytest.mark.parametrize("other_first", [True, False])
@pytest.mark.parametrize("ruling", ["redo", "release"])
def test_a_halt_inside_a_branch_ends_inside_it(ruling: str, other_first: bool) -> None:
    case = desk(HALTING)
    if other_first:
        case.complete("opinions")
    assert case.halt("survey").halted
    case.complete("ruling", halt_ruling=ruling)
    if ruling == "redo":
        case.wait(minutes=31)
        case.complete("survey")
    case.complete("check", back=False)
    if not other_first:
        assert case.steps == ["opinions"]
        case.complete("opinions")
    assert case.steps == ["decide"]
    assert case.complete("decide").completed


def test_a_branch_sent_back_many_times_stays_small_and_still_meets_the_other() -> None:
    case = desk(HALTING)
    sizes = []
    for _ in range(200):
        case.complete("survey")
        case.complete("check", back=True)
        sizes.append(len(case.state))
    assert max(sizes) == min(sizes)
    case.complete("opinions")
    case.complete("survey")
    case.complete("check", back=False)
    assert case.steps == ["decide"]


def test_a_case_sent_into_one_branch_of_a_fork_fails_loudly_where_it_would_hang() -> None:
    """Trap: the token of the other branch was consumed; the join would wait for it for ever, without a word."""
    lines = "start -> f\nf -> m -> a -> j\nf -> b -> j\nj -> review -> g\ng -> m if back\ng -> end"
    case = desk(draw("p", lines, f=PARALLEL, j=PARALLEL, m=XOR, g=XOR))
    case.complete("a")
    case.complete("b")
    case.complete("review", back=True)
    state = case.state
    with pytest.raises(EngineFailure, match="nothing in it is open"):
        case.complete("a")
    assert case.state == state


def test_a_case_sent_from_one_branch_before_the_fork_has_two_tokens_in_the_other() -> None:
    """Trap: BPMN does not call the other branch back; the excess token is seen, and no end is reached past it."""
    lines = "start -> m -> prepare -> f\nf -> a -> g\ng -> m if back\ng -> j\nf -> b -> j\nj -> decide -> end"
    case = desk(draw("p", lines, f=PARALLEL, j=PARALLEL, g=XOR, m=XOR))
    case.complete("prepare")
    case.complete("a", back=True)
    case.complete("prepare")
    assert case.steps == ["a", "b", "b"]
    case.complete("a", back=False)
    case.complete("b")
    assert case.steps == ["b", "decide"]
    case.complete("b")
    with pytest.raises(EngineFailure, match="nothing in it is open"):
        case.complete("decide")


def test_the_last_act_is_taken_back_by_the_bytes_before_it() -> None:
    case = desk(HALTING)
    case.complete("survey")
    opinions, check = case.task("opinions"), case.task("check")
    case.complete("check", back=False)
    case.state, case.open = case.before, {opinions: "opinions", check: "check"}
    assert "back" not in case.load().variables
    case.complete("check", back=True)
    assert case.steps == ["opinions", "survey"]


def test_an_act_in_one_branch_is_taken_back_while_the_other_stays() -> None:
    case = desk(THREE)
    case.complete("a")
    open_then = dict(case.open)
    case.complete("b")
    case.state, case.open = case.before, open_then
    assert case.steps == ["b", "c"]
    for step in ("c", "b"):
        case.complete(step)
    assert case.steps == ["review"]


def signed(case: Desk) -> dict[str, list[str]]:
    marks: dict[str, list[str]] = case.load().memory["signers"]
    return marks


def test_a_signer_is_added_beside_an_open_task_and_kept_with_the_state() -> None:
    case = desk(THREE)
    task = case.task("b")
    run = case.load()
    run.memory["signers"] = {task: ["张三", "李四"]}
    case.state = run.dump()
    case.complete("a")
    assert signed(case) == {task: ["张三", "李四"]}
    case.complete("c")
    run = case.load()
    run.memory["signers"][task].remove("张三")
    case.state = run.dump()
    assert signed(case) == {task: ["李四"]}
    assert case.load().is_ready(task)
    case.complete("b")
    assert case.steps == ["review"]


def instances(cardinality: str, *, sequential: bool = False, condition: str = "") -> str:
    completion = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopCardinality>{cardinality}</bpmn:loopCardinality>{completion}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def reloaded(case: Desk) -> Desk:
    """The same case in a process that has just parsed its diagram."""
    case.model = desk(COUNTERSIGNED).model
    return case


COUNTERSIGNED = draw(
    "p",
    "start -> ask -> sign -> decide -> end\nlimit -> end",
    sign=user(instances("signers if signers else 1")),
    limit=boundary("sign", after("'P3D'"), role="step_limit"),
)


def test_a_step_is_signed_by_as_many_as_a_variable_says() -> None:
    """Trap: the library hooks its instances onto the shared model when the step is entered; after a restart the last
    signature would end nothing."""
    case = desk(COUNTERSIGNED)
    outcome = case.complete("ask", signers=3)
    assert case.steps == ["sign", "sign", "sign"]
    assert {step.due_at for step in outcome.entered} == {case.now.replace(day=case.now.day + 3)}
    for left in (2, 1):
        reloaded(case).complete("sign")
        assert case.steps == ["sign"] * left
    outcome = reloaded(case).complete("sign")
    assert case.steps == ["decide"]
    assert case.timers == {}


def test_signers_may_come_one_after_another_until_one_disagrees() -> None:
    sign = user(instances("3", sequential=True, condition="agreed == False"))
    case = desk(draw("p", "start -> sign -> decide -> end", sign=sign))
    case.complete("sign", agreed=True)
    assert case.steps == ["sign"]
    case.complete("sign", agreed=False)
    assert case.steps == ["decide"]


def test_signers_beside_each_other_are_spared_when_the_condition_holds() -> None:
    case = desk(draw("p", "start -> sign -> decide -> end", sign=user(instances("3", condition="agreed == False"))))
    outcome = case.complete("sign", agreed=False)
    assert case.steps == ["decide"]
    assert len(outcome.left) == 3


def test_a_whole_sub_process_may_have_instances() -> None:
    inside = scope("start_s -> a -> b -> end_s", inside=instances("2"))
    case = desk(draw("p", "start -> s -> decide -> end", s=inside))
    assert [name for name in case.steps if name != "s"] == ["a", "a"]
    for step in ("a", "a", "b", "b"):
        case.complete(step)
    assert case.steps == ["decide"]


def test_a_step_is_repeated_while_its_loop_condition_holds() -> None:
    condition = "<bpmn:loopCondition>not done</bpmn:loopCondition>"
    loop = f"<bpmn:standardLoopCharacteristics>{condition}</bpmn:standardLoopCharacteristics>"
    case = desk(draw("p", "start -> a -> b -> end", a=user(loop)))
    for done in (False, False, True):
        assert case.steps == ["a"]
        case.complete("a", done=done)
    assert case.steps == ["b"]


def test_instances_go_with_the_step_when_it_is_taken_away() -> None:
    """Trap: the library drops the instances of a step without a word to what runs or waits in them."""
    inside = scope(
        "start_s -> f\nf -> a -> end_s\nf -> i -> end_s\nlate -> end_s",
        f=PARALLEL,
        i=scope("start_i -> b -> end_i"),
        late=boundary("a", after("'P6D'")),
        inside=instances("2"),
    )
    move = boundary("s", after("'P5D'"), interrupting=True)
    case = desk(draw("p", "start -> s -> end\nmove -> c -> end", s=inside, move=move))
    assert case.steps == ["a", "a", "b", "b", "i", "i", "s", "s"]
    outcome = case.wait(days=7)
    assert [name for name in case.passed if name.startswith("timer")] == ["timer move"]
    assert len(outcome.left) == 8
    assert (case.steps, case.timers) == (["c"], {})


def test_instances_that_wait_for_a_message_go_with_the_step_too() -> None:
    wait = Node("receiveTask", {"messageRef": "m_statement"}, inside=instances("2"))
    stop = boundary("w", on_message("withdrawal"), interrupting=True)
    case = desk(draw("p", "start -> w -> end\nstop -> c -> end", w=wait, stop=stop))
    assert case.steps == ["w", "w"]
    case.receive("withdrawal")
    assert case.steps == ["c"]
    assert case.receive("statement") is None
