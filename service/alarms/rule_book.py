"""The rules of supervision as pages and the interface show them; it registers its own (`Services.rule_book`)."""

from __future__ import annotations

from dataclasses import dataclass

# From the widest to the narrowest.
SCOPES = ("county", "category", "department", "item")
RESULTS: dict[str, tuple[str, str]] = {
    "confirmed": ("属实", "Confirmed"),
    "excused": ("情有可原", "Excused"),
    "false": ("误报", "False alarm"),
}


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
