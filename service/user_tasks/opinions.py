"""Signers (加签), countersigning (会签), consulting (征求意见): what their answers come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

Way = Literal["before", "beside", "after", "countersign", "consult"]
Rule = Literal["each", "all", "majority", "veto"]
Result = Literal["open", "passed", "failed"]

WAYS: Mapping[str, tuple[str, str]] = {
    "before": ("前加签", "Signs before the step"),
    "beside": ("并加签", "Signs beside the step"),
    "after": ("后加签", "Signs after the step"),
    "countersign": ("会签", "Countersigns"),
    "consult": ("征求意见", "Is consulted"),
}
SIGNER_WAYS = ("before", "beside", "after")
RULES: Mapping[str, tuple[str, str]] = {
    "each": ("各自签署", "Each signs"),
    "all": ("全体同意", "All agree"),
    "majority": ("过半数同意", "A majority agrees"),
    "veto": ("一票否决", "Nobody objects"),
}
# The rules of countersigning among which the decider chooses.
COUNTERSIGN_RULES = ("all", "majority", "veto")
ANSWERS: Mapping[str, tuple[str, str]] = {
    "agree": ("同意", "Agree"),
    "disagree": ("不同意", "Disagree"),
    "abstain": ("弃权", "Abstain"),
}
RESULTS: Mapping[str, tuple[str, str]] = {
    "open": ("等待签署", "Waiting"),
    "passed": ("通过", "Passed"),
    "failed": ("未通过", "Not passed"),
}
# Whose answers are signatures: they count as review, and a step waits for them.
SIGNING = frozenset({"before", "beside", "after", "countersign"})


def result_of(rule: str, answers: Sequence[str | None]) -> Result:
    """What a round has come to; None is one who has not answered. It stands as soon as no further answer can change it.

    `veto` differs from `all` in that whoever abstains does not object. With `each` everybody must have answered.
    """
    agree, waiting = answers.count("agree"), answers.count(None)
    against = len(answers) - agree - waiting
    if rule == "each":
        return "open" if waiting else "failed" if "disagree" in answers else "passed"
    if rule == "majority":
        if 2 * agree > len(answers):
            return "passed"
        return "failed" if 2 * (agree + waiting) <= len(answers) else "open"
    if "disagree" in answers or (rule == "all" and against):
        return "failed"
    return "open" if waiting else "passed"


def holds(way: str, result: Result) -> bool:
    """Whether a step waits for the round: a consultation holds nothing up."""
    return way in SIGNING and result == "open"
