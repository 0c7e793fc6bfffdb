"""Chooses the words of a document and fills them; the result is plain text and lists for the templates."""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from service.certificates.amount import amount_in_words
from service.certificates.document import DocumentData, printable

_WORDS = Path(__file__).parent / "words"
LOCALES = tuple(sorted(path.stem for path in _WORDS.glob("*.toml")))
_NAME = re.compile(r"\{([a-z_]{1,40})\}")
_SENTENCE_ENDS = "。！？；.!?;"
_REFUSAL = re.compile(r"(不予.+)(?:决定书|通知书|告知书)")


# These tell until when the case is due; while it is suspended, and after it has ended so, nobody can.
_OF_THE_CASE = ("acceptance_notice", "special_notice")
# Papers of the file itself, and proofs that others sign: they are written to nobody.
_OF_THE_FILE = frozenset({"filing_form", "filing_report", "closing", "notice_service_proof", "service_proof"})


def printed_content(kind: str, data: DocumentData, locale: str) -> dict[str, Any]:
    """All that the templates print. Raises ValueError for an unknown locale or a standard wording that lacks a fact."""
    words = words_for(locale)
    facts = _facts(data, words)
    if kind in _OF_THE_CASE:
        facts.setdefault("due_on", words["due_when_resumed"])
    own: Mapping[str, Any] = {**words.get(kind, {}), **(dict(data.sections) if locale == "zh-CN" else {})}
    standard = _standard(own, "opening", data.variant)
    return {
        "title": printable(_title(data, own, locale)),
        "addressed": kind not in _OF_THE_FILE,
        "made_on": facts["made_on"],
        "due_on": facts.get("due_on", ""),
        "opening": _lines(data.paragraphs) if data.paragraphs else [_fill(kind, text, facts) for text in standard],
        "closing": [_fill(kind, text, facts) for text in _standard(own, "closing", data.variant)],
        "columns": own.get("columns", []),
        "by_hand": own.get("by_hand", []),
        "variant": data.variant,
        "fields": [[printable(cell) for cell in row] for row in data.fields],
        "materials": [[printable(cell) for cell in row] for row in data.materials],
        "payment": _payment(data, words),
        "labels": words["labels"],
        "colon": words["colon"],
        "secret": printable(data.query_secret),
        "contact": printable(data.contact),
        "copy_no": printable(data.copy_no),
        "has_seal": locale == "zh-CN",
        **{name: facts[name] for name in ("number", "organ", "item", "case_number", "holder")},
    }


def day_in_words(day: date, locale: str = "zh-CN") -> str:
    """2026年11月23日."""
    return _date(day, words_for(locale))


def _standard(own: Mapping[str, Any], part: str, variant: str) -> list[str]:
    """The wording of the variant, of what it is a kind of (`penalty` of `penalty_fine`), or of the document."""
    found = own.get(f"{part}_{variant}", own.get(f"{part}_{variant.partition('_')[0]}", own.get(part, [])))
    return list(found)


def seal_word() -> str:
    """What stands in the foot of a seal."""
    return str(words_for("zh-CN")["labels"]["seal"])


def _title(data: DocumentData, own: Mapping[str, Any], locale: str) -> str:
    if locale == "zh-CN":
        return data.title_zh
    of_variant = own.get(f"title_{data.variant}", own.get(f"title_{data.variant.partition('_')[0]}"))
    return data.title_en or str(of_variant or own.get("title", data.title_zh))


def _facts(data: DocumentData, words: Mapping[str, Any]) -> dict[str, str]:
    texts = {
        "number": data.number,
        "organ": data.organ_en if words["joint"] != "、" and data.organ_en else data.organ_zh,
        "item": data.item_name_zh,
        "case_number": data.case_number,
        "holder": data.holder,
        "reason": _sentence(data.reason, words),
        "basis": words["joint"].join(data.legal_basis) or words["basis_unnamed"],
        "competent_organ": data.competent_organ,
        "reconsideration_organ": data.remedy.reconsideration_organ,
        "court": data.remedy.court,
        "refused_as": _refused_as(data.title_zh),
    }
    days = {name: getattr(data, name) for name in ("made_on", "received_on", "accepted_on", "due_on")}
    texts |= {name: text for name, text in data.more if isinstance(text, str)}
    days |= {name: day for name, day in data.more if isinstance(day, date)}
    known = {name: printable(text) for name, text in texts.items()}
    said = {name: _date(day, words) for name, day in days.items() if day is not None}
    if data.due_provisional and data.due_on is not None:
        said["due_on"] += words["provisional"].format(year=data.due_on.year)
    return known | said


def _fill(kind: str, text: str, facts: Mapping[str, str]) -> str:
    """Names in braces and nothing else: no format, no attribute, whoever wrote the words."""
    try:
        return _NAME.sub(lambda found: facts[found[1]], text)
    except KeyError as missing:
        raise ValueError(f"Expected the document {kind} to state {missing.args[0]}, but it is missing") from missing


def _lines(paragraphs: tuple[str, ...]) -> list[str]:
    return [line for paragraph in paragraphs for line in printable(paragraph).split("\n") if line.strip()]


def _sentence(reason: str, words: Mapping[str, Any]) -> str:
    ended = not reason or reason.rstrip()[-1:] in _SENTENCE_ENDS
    return reason if ended else reason + ("。" if words["joint"] == "、" else ".")


def _refused_as(title: str) -> str:
    """不予登记 of 不予登记通知书; what has another title is not approved."""
    found = _REFUSAL.fullmatch(title)
    return found[1] if found else "不予批准"


def _payment(data: DocumentData, words: Mapping[str, Any]) -> dict[str, str] | None:
    if data.payment is None:
        return None
    code, fen = data.payment.code, data.payment.amount_fen
    return {
        "code": " ".join(code[start : start + 4] for start in range(0, len(code), 4)),
        "figures": f"¥{fen // 100:,}.{fen % 100:02d}",
        # Capitals keep a sum in Chinese from being changed; a translation has the figures alone.
        "words": f"人民币{amount_in_words(fen)}" if words["joint"] == "、" else "",
    }


def _date(day: date, words: Mapping[str, Any]) -> str:
    name = calendar.month_name[day.month]
    return str(words["date"]).format(year=day.year, month=day.month, month_name=name, day=day.day)


@cache
def words_for(locale: str) -> dict[str, Any]:
    if locale not in LOCALES:
        raise ValueError(f"Expected one of the locales {list(LOCALES)}, but found {locale!r}")
    return tomllib.loads((_WORDS / f"{locale}.toml").read_text(encoding="utf-8"))
