"""When a fine may be taken on the spot (当场收缴), and until when its money is paid in. Pure; amounts in fen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.errors import Detail, Refused

SMALL, HARD, REMOTE = "small", "hard", "remote"
# 行政处罚法 Art. 68(1): a fine of a hundred yuan or less.
SMALL_FINE_FEN: Final = 10_000
# Art. 71: two days to the organ, two days to the bank; Art. 85: such days are working days.
HAND_OVER_WORKING_DAYS: Final = 2
REMIT_WORKING_DAYS: Final = 2
ARTICLES: Final[Mapping[str, tuple[str, str]]] = {
    SMALL: ("行政处罚法第六十八条第一项", "Art. 68(1)"),
    HARD: ("行政处罚法第六十八条第二项", "Art. 68(2)"),
    REMOTE: ("行政处罚法第六十九条", "Art. 69"),
}


def require_ground(ground: str | None, fine_fen: int, facts: str, *, party_asked: bool) -> str:
    """The ground of law on which the fine is taken on the spot. Raises Refused spot_refused, naming the article."""
    if ground is None or ground not in ARTICLES:
        zh = "只有行政处罚法第六十八条、第六十九条规定的情形可以当场收缴，其他罚款到银行缴纳（第六十七条）"
        raise _refused(zh, "Expected a ground of Art. 68 or 69: every other fine is paid at a bank (Art. 67)")
    if ground == SMALL and fine_fen > SMALL_FINE_FEN:
        zh = "超过一百元的，不属于行政处罚法第六十八条第一项，不得以此当场收缴"
        raise _refused(zh, f"Expected a fine of at most 100 yuan for Art. 68(1), found {fine_fen} fen")
    if ground in (HARD, REMOTE) and not facts.strip():
        zh = f"须写明符合{ARTICLES[ground][0]}的事实"
        raise _refused(zh, f"Expected the facts that {ARTICLES[ground][1]} asks for")
    if ground == REMOTE and not party_asked:
        zh = "依行政处罚法第六十九条当场收缴的，须当事人提出"
        raise _refused(zh, "Expected the party to have asked for it (Art. 69)")
    return ground


def _refused(zh: str, en: str) -> Refused:
    return Refused("spot_refused", zh, en, [Detail("spot", zh, en, pointer="/answers/spot_ground")])
