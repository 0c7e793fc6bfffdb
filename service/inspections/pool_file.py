"""Reads a file of objects of inspection (检查对象名录) row by row: encodings, headings, codes, matters. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from service.form_schemas.identity import is_credit_code

MOST_ROWS: Final = 20_000
LONGEST_NAME, LONGEST_ADDRESS = 200, 300
HEADINGS: Final[Mapping[str, str]] = {
    **{"统一社会信用代码": "credit_code", "credit_code": "credit_code", "名称": "name", "name": "name"},
    **{"地址": "address", "address": "address", "抽查事项": "matters", "matters": "matters"},
}
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_BETWEEN = re.compile(r"[;；、|]")


@dataclass(frozen=True, slots=True)
class PoolObject:
    """Who may be inspected, and for what: values of the plan's choice, sorted."""

    credit_code: str
    name: str
    address: str
    matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of the file; `line` 0 is the file as a whole."""

    line: int
    zh: str
    en: str


def read_pool_file(
    content: bytes, matters: Mapping[str, Collection[str]]
) -> tuple[tuple[PoolObject, ...], tuple[Fault, ...]]:
    """The objects, and every fault; `matters` has for each value the words that a file may name it by."""
    text = _decoded(content)
    if text is None:
        return (), (Fault(0, "文件不是 UTF-8 或 GB18030 编码的文本", "Expected text in UTF-8 or GB18030"),)
    try:
        lines = list(_lines(text))
    except csv.Error as problem:
        return (), (Fault(0, "文件不是 CSV", f"Expected CSV, but {str(problem)[:100]}"),)
    head = [HEADINGS.get(cell.strip()) for cell in lines[0][1]] if lines else []
    lacking = [word for word, key in list(HEADINGS.items())[::2] if key not in head]
    if lacking:
        words = f"首行缺少列：{'、'.join(lacking)}", "Expected headings credit_code, name, address and matters"
        return (), (Fault(1, *words),)
    if not 2 <= len(lines) <= MOST_ROWS + 1:
        return (), (Fault(0, f"须有 1 至 {MOST_ROWS} 行", f"Expected 1 to {MOST_ROWS} rows"),)
    return _read(head, lines[1:], {word: value for value, words in matters.items() for word in (value, *words)})


def object_fault(one: PoolObject) -> tuple[str, str, str] | None:
    """(field, Chinese, English) of the first thing that is wrong with an object; None where it is sound."""
    if not is_credit_code(one.credit_code):
        return "credit_code", "统一社会信用代码校验不符", "Expected a credit code whose check digit is right"
    for field, text, longest in (("name", one.name, LONGEST_NAME), ("address", one.address, LONGEST_ADDRESS)):
        if not text or len(text) > longest or _UNSTORABLE.search(text):
            return field, f"须填 1 至 {longest} 字", f"Expected 1 to {longest} characters"
    return None if one.matters else ("matters", "请选择抽查事项", "Choose what it is inspected for")


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _read(
    head: list[str | None], lines: list[tuple[int, list[str]]], values: Mapping[str, str]
) -> tuple[tuple[PoolObject, ...], tuple[Fault, ...]]:
    found: dict[str, PoolObject] = {}
    faults = []
    for line, cells in lines:
        given = {key: cell.strip() for key, cell in zip(head, cells, strict=False) if key}
        named = [word.strip() for word in _BETWEEN.split(given.get("matters", "")) if word.strip()]
        unknown = [word for word in named if word not in values]
        matters = tuple(sorted({values[word] for word in named if word in values}))
        one = PoolObject(given.get("credit_code", "").upper(), given.get("name", ""), given.get("address", ""), matters)
        fault = object_fault(one)
        if unknown:
            faults.append(
                Fault(line, f"没有抽查事项“{unknown[0][:40]}”", f"Expected a matter, found {unknown[0][:40]!r}")
            )
        elif fault is not None:
            faults.append(Fault(line, fault[1], fault[2]))
        elif one.credit_code in found:
            faults.append(Fault(line, f"{one.credit_code} 重复", f"Expected {one.credit_code} once"))
        else:
            found[one.credit_code] = one
    return tuple(found.values()), tuple(faults)
