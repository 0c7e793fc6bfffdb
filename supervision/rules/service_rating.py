"""服务: a bad rating (差评)."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, Voice
from supervision.rules.rule import Choose, Figure, Finding, Rule, voice_row


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for voice in facts.voices:
        figures = choose(voice.place)
        if figures is not None and voice.stars is not None and voice.stars <= figures["stars"]:
            yield _finding(voice, voice.stars)


def _finding(voice: Voice, stars: int) -> Finding:
    return Finding(
        RULE,
        "yellow",
        f"voice/{voice.id}",
        f"case/{voice.case.id}" if voice.case else f"voice/{voice.id}",
        voice.place,
        f"群众评价 {stars} 星：{voice.text[:80]}",
        f"The public gave {stars} of 5 stars: {voice.text[:80]}",
        (voice_row(voice),),
        case_id=voice.case.id if voice.case else None,
    )


RULE = Rule(
    "service.rating",
    1,
    "差评。",
    "A bad rating.",
    "DOMAIN 5",
    find,
    {"stars": Figure(2, 1, 4, "不高于（星）", "stars at most")},
)
