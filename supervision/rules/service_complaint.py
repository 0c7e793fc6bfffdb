"""服务: a complaint that was found to be right is red; several about one department within the month are a warning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supervision.facts import Facts, Place, Voice
from supervision.rules.rule import Choose, Figure, Finding, Rule, voice_row


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    about: dict[str, list[Voice]] = defaultdict(list)
    for voice in facts.voices:
        if voice.kind != "complaint" or choose(voice.place) is None:
            continue
        if voice.founded:
            yield _founded(voice)
        elif voice.founded is None:
            about[voice.place.department].append(voice)
    for department, voices in about.items():
        figures = choose(Place(department))
        if figures is not None and len(voices) >= figures["complaints"]:
            yield _many(facts, department, voices)


def _founded(voice: Voice) -> Finding:
    return Finding(
        RULE,
        "red",
        f"voice/{voice.id}/founded",
        f"case/{voice.case.id}" if voice.case else f"voice/{voice.id}",
        voice.place,
        f"投诉经查属实：{voice.text[:80]}",
        f"A complaint was found to be right: {voice.text[:80]}",
        (voice_row(voice),),
        case_id=voice.case.id if voice.case else None,
    )


def _many(facts: Facts, department: str, voices: list[Voice]) -> Finding:
    month = facts.calendar.local_date(voices[-1].at)
    return Finding(
        RULE,
        "yellow",
        f"complaints/{department}/{month:%Y%m}",
        f"complaints/{department}/{month:%Y%m}",
        Place(department),
        f"近一月收到 {len(voices)} 件尚未查清的投诉",
        f"{len(voices)} complaints within a month that nobody has cleared up",
        tuple(voice_row(voice) for voice in voices),
    )


RULE = Rule(
    "service.complaint",
    1,
    "投诉查实，或者一月内投诉集中。",
    "A complaint is found to be right, or many come within a month.",
    "S9, S13",
    find,
    {"complaints": Figure(3, 2, 100, "一月内件数", "complaints within a month")},
)
