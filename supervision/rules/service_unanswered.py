"""服务: nobody has answered a complaint or a bad rating in time."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, Voice
from supervision.rules.rule import Choose, Figure, Finding, Rule, voice_row


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for voice in facts.voices:
        figures = choose(voice.place)
        if figures is None or voice.answered_at is not None:
            continue
        bad = voice.stars is not None and voice.stars <= figures["stars"]
        days = figures["rating_days"] if bad else figures["complaint_days"] if voice.kind == "complaint" else None
        if days is not None and facts.now > facts.calendar.add_working_days(voice.at, days):
            yield _finding(voice, days)


def _finding(voice: Voice, days: int) -> Finding:
    what_zh, what_en = ("投诉", "complaint") if voice.kind == "complaint" else ("差评", "bad rating")
    return Finding(
        RULE,
        "red" if voice.kind == "complaint" else "yellow",
        f"voice/{voice.id}/unanswered",
        f"case/{voice.case.id}" if voice.case else f"voice/{voice.id}",
        voice.place,
        f"{what_zh}超过 {days} 个工作日无人答复：{voice.text[:80]}",
        f"A {what_en} has waited for more than {days} working days: {voice.text[:80]}",
        (voice_row(voice),),
        case_id=voice.case.id if voice.case else None,
    )


RULE = Rule(
    "service.unanswered",
    1,
    "投诉、差评逾期无人答复。",
    "Complaints or bad ratings that nobody answers in time.",
    "DOMAIN 8",
    find,
    {
        "stars": Figure(2, 1, 4, "差评不高于（星）", "a bad rating: stars at most"),
        "rating_days": Figure(3, 1, 60, "差评答复期限（工作日）", "working days for a rating"),
        "complaint_days": Figure(5, 1, 60, "投诉答复期限（工作日）", "working days for a complaint"),
    },
)
