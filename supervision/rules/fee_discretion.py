"""收费异常: a fine lies outside the benchmark (裁量基准) that the item lays down for the facts of the case."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.facts import Band, Facts, Fine
from supervision.rules.rule import Choose, Figure, Finding, Rule, of_case, row_of


def find(facts: Facts, choose: Choose) -> Iterator[Finding]:
    for fine in facts.fines:
        figures = choose(fine.act.case.place)
        band = band_of(fine)
        if figures is None or band is None:
            continue
        slack = figures["percent"]
        least, most = band.least_fen * (100 - slack), band.most_fen * (100 + slack)
        if not least <= fine.amount_fen * 100 <= most:
            yield _finding(fine, band)


def band_of(fine: Fine) -> Band | None:
    """The band of the facts that the case has established; None where the benchmark is silent."""
    return next((band for band in fine.bands if _meets(band, fine)), None)


def _meets(band: Band, fine: Fine) -> bool:
    return all(fine.answers.get(name) == value for name, value in band.answers.items())


def _finding(fine: Fine, band: Band) -> Finding:
    act = fine.act
    words = f"{band.least_fen / 100:,.2f}–{band.most_fen / 100:,.2f}"
    row = row_of(act) | {
        "amount_fen": fine.amount_fen,
        "zh": f"{act.step_zh}：裁量基准 {words} 元",
        "en": f"{act.step_en}: benchmark {words} yuan",
    }
    return Finding(
        RULE,
        "red",
        f"case/{act.case.id}/fine/{act.seq}",
        of_case(act.case),
        act.case.place,
        f"罚款 {fine.amount_fen / 100:,.2f} 元，超出裁量基准 {words} 元",
        f"A fine of {fine.amount_fen / 100:,.2f} yuan outside the benchmark of {words}",
        (row,),
        case_id=act.case.id,
        element_id=act.element_id,
        person_id=act.person_id,
    )


RULE = Rule(
    "fee.discretion",
    1,
    "罚款数额超出同类事实的行政处罚裁量基准。",
    "A fine lies outside the benchmark for the same facts.",
    "S7, 行政处罚法 34",
    find,
    {"percent": Figure(0, 0, 100, "允许偏离（%）", "slack (%)")},
)
