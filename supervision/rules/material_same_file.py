"""材料异常: the same file lies in several cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from supervision.facts import Facts, FileSeen
from supervision.rules.rule import Choose, Figure, Finding, Rule


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    by_digest: dict[str, dict[int, FileSeen]] = defaultdict(dict)
    for file in facts.files:
        by_digest[file.digest].setdefault(file.case.id, file)
    for digest, by_case in by_digest.items():
        files = list(by_case.values())
        figures = choose(files[-1].case.place)
        if figures is not None and len(files) >= figures["cases"]:
            yield _finding(digest, files)


def _finding(digest: str, files: list[FileSeen]) -> Finding:
    last = files[-1]
    return Finding(
        RULE,
        "yellow",
        # Told again in another month, for what was settled may have gone on.
        f"digest/{digest[:60]}/{last.at:%Y%m}",
        f"digest/{digest[:60]}",
        last.case.place,
        f"同一文件出现在 {len(files)} 个办件中",
        f"The same file lies in {len(files)} cases",
        tuple(
            {"at": f.at.isoformat(), "case": f.case.number, "zh": f.material, "en": f.material, "digest": f.digest}
            for f in files
        ),
    )


RULE = Rule(
    "material.same_file",
    2,
    "同一文件被用作多个办件的材料（每月告知一次）。",
    "The same file serves several cases as material; told once a month.",
    "S12",
    find,
    {"cases": Figure(3, 2, 100, "办件数", "cases")},
)
