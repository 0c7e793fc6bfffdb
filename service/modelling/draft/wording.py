"""Names of clocks and gateways in Chinese and English, made from what the catalogue says."""

from __future__ import annotations

import re
from typing import NamedTuple

from service.expressions import compile_expression
from service.modelling.draft.catalogue_reading import Branch, CaseLimit, Item, Span


class Words(NamedTuple):
    zh: str
    en: str


_UNITS = {
    "working_days": Words("个工作日", "working day"),
    "natural_days": Words("个自然日", "calendar day"),
    "office_hours": Words("个工作小时", "office hour"),
    "hours": Words("小时", "hour"),
    "minutes": Words("分钟", "minute"),
}
_DURATION_UNITS = {
    "D": Words("天", "day"),
    "H": Words("小时", "hour"),
    "M": Words("分钟", "minute"),
    "S": Words("秒", "second"),
}


def span_words(span: Span) -> Words:
    unit = _UNITS[span.unit]
    return Words(f"{span.value} {unit.zh}", _counted(span.value, unit.en))


def minimum_words(duration: str) -> Words:
    """`PT30M` gives 最短 30 分钟."""
    parts = [(int(count), _DURATION_UNITS[unit]) for count, unit in re.findall(r"(\d+)([DHMS])", duration)]
    zh = " ".join(f"{count} {unit.zh}" for count, unit in parts)
    en = " ".join(_counted(count, unit.en) for count, unit in parts)
    return Words(f"最短 {zh}", f"At least {en}")


def case_limit_words(label: Words, limits: tuple[CaseLimit, ...]) -> Words:
    """法定 60 个自然日, or with two conditional limits 法定 60 个自然日 / 20 个工作日."""
    spans = [span_words(limit.span) for limit in limits]
    return Words(
        f"{label.zh} {' / '.join(span.zh for span in spans)}",
        f"{label.en} {' or '.join(span.en for span in spans)}",
    )


def question(item: Item, branches: tuple[Branch, ...]) -> Words:
    """What a gateway asks: the label of the choice that its first condition reads, else the gist of its first row."""
    first = branches[0]
    names = _names_in_order(first.condition or "")
    field = item.fields.get(names[0]) if names else None
    if field is not None and field.is_choice:
        return Words(f"{field.label_zh}？", f"{field.label_en}?")
    gist_en = re.split(r"[:,] ", first.when_en)[-1]
    return Words(f"{re.split('[,，:：]', first.when_zh)[-1]}？", f"{gist_en[0].upper()}{gist_en[1:]}?")


def _names_in_order(condition: str) -> list[str]:
    if not condition:
        return []
    names = compile_expression(condition).names
    return sorted(names, key=lambda name: re.search(rf"\b{name}\b", condition).start())  # type: ignore[union-attr]


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
