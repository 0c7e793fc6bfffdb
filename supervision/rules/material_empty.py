"""材料异常: a file so small that nothing can stand in it, blanks that only make it longer not counted."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, FileSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for file in facts.files:
        figures = choose(file.case.place)
        if figures is not None and _filled(file) < figures["bytes"]:
            yield _finding(file)


def _filled(file: FileSeen) -> int:
    return file.size if file.filled is None else min(file.filled, file.size)


def _finding(file: FileSeen) -> Finding:
    row = {"at": file.at.isoformat(), "case": file.case.number, "zh": file.material, "en": file.material}
    return Finding(
        RULE,
        "yellow",
        f"file/{file.id}/empty",
        of_case(file.case),
        file.case.place,
        f"材料“{file.material}”仅有 {_filled(file)} 字节内容，疑为空文件",
        f"The material “{file.material}” holds {_filled(file)} bytes: it may be empty",
        (row | {"size": file.size, "digest": file.digest},),
        case_id=file.case.id,
    )


RULE = Rule(
    "material.empty",
    2,
    "材料文件内容过少，疑为空白（空格、空行不算内容）。",
    "A material's file holds so little that it may be empty; blanks are no content.",
    "S12",
    find,
    {"bytes": Figure(32, 1, 100_000, "少于（字节）", "fewer bytes than")},
)
