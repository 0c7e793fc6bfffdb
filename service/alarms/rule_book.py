"""The rules of supervision as pages and the interface show them; it registers its own (`Services.rule_book`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# From the widest to the narrowest.
SCOPES = ("county", "category", "department", "item")
RESULTS: dict[str, tuple[str, str]] = {
    "confirmed": ("属实", "Confirmed"),
    "excused": ("情有可原", "Excused"),
    "false": ("误报", "False alarm"),
}
# Steps of an order by the post whose idleness an alarm about them tells (监察缺位); all others are level 1's.
IDLE_POST: Mapping[str, str] = {"urge": "sup2", "confirm": "sup2", "centre_demand": "centre"}


def post_that_acts(kind: str, colour: str, element_id: str | None) -> str | None:
    """Who must act on an alarm: level 1 on a red one, whoever does not stand there himself on idle supervision.

    None where it warns and nobody need act.
    """
    if colour != "red":
        return None
    if kind != "supervision":
        return "sup1"
    return "centre" if IDLE_POST.get(element_id or "") == "sup2" else "sup2"


@dataclass(frozen=True, slots=True)
class FigureWords:
    """A figure of a rule that a county may choose within its bounds."""

    name: str
    default: int
    least: int
    most: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A rule: what it finds, from which source, with which figures.

    `adjustable`: the county may choose its figures or switch it off. What an act itself decides is not.
    """

    code: str
    kind: str
    version: int
    zh: str
    en: str
    source: str
    figures: tuple[FigureWords, ...]
    adjustable: bool = True


@dataclass(frozen=True, slots=True)
class WantedChoice:
    """What a county thinks of choosing for a rule: `scope` one of SCOPES, `value` what of it."""

    rule: str
    scope: str
    value: str
    figures: Mapping[str, int]
    enabled: bool


@dataclass(frozen=True, slots=True)
class Previewed:
    """An alarm that only one of both choices raises. `at` as the evidence has it: an instant or a day."""

    colour: str
    department: str
    at: str
    summary_zh: str
    summary_en: str


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule raises over the last `days`: as it stands, as wanted, and where they differ."""

    days: int
    before: int
    after: int
    added: tuple[Previewed, ...]
    dropped: tuple[Previewed, ...]
