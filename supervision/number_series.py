"""Which sequence a document's number comes from, and its place there. Pure."""

from __future__ import annotations

import re

from service.cases.numbers import read_number

_RUNNING_DIGITS = re.compile(r"^(.*?)(\d+)(\D*)$")


def series_and_place(number: str, pattern: str | None) -> tuple[str, int] | None:
    """The sequence that a document's number comes from, and its place there; None for numbers that run in none."""
    read = read_number(pattern, number) if pattern is not None else None
    if read is not None:
        return f"{pattern}/{read[0]}", read[1]
    parts = _RUNNING_DIGITS.match(number)
    return (f"{parts[1]}…{parts[3]}", int(parts[2])) if parts is not None and len(parts[2]) < 16 else None
