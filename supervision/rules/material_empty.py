"""材料异常: a file so small that nothing can stand in it."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Facts, FileSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for file in facts.files:
        figures = choose(file.case.place)
        if figures is not None and file.size < figures["bytes"]:
            yield _finding(file)


def _finding(file: FileSeen) -> Finding:
    row = {"at": file.at.isoformat(), "case": file.case.number, "zh": file.material, "en": file.material}
    return Finding(
        RULE,
        "yellow",
        f"file/{file.id}/empty",
        of_case(file.case),
        file.case.place,
        f"材料“{file.material}”仅 {file.size} 字节，疑为空文件",
        f"The material “{file.material}” has {file.size} bytes: it may be empty",
        (row | {"size": file.size, "digest": file.digest},),
        case_id=file.case.id,
    )


RULE = Rule(
    "material.empty",
    1,
    "材料文件过小，疑为空白。",
    "A material's file is so small that it may be empty.",
    "S12",
    find,
    {"bytes": Figure(40, 1, 100_000, "少于（字节）", "fewer bytes than")},
)
