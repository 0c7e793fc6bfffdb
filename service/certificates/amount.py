"""Amounts of money in Chinese capitals (大写金额), as the rules for bills want them."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_SECTIONS = ("", "万", "亿")
_LARGEST_FEN = 10**14 - 1


def amount_in_words(amount_fen: int) -> str:
    """1868032 fen are 壹万捌仟陆佰捌拾元叁角贰分.

    Source: 支付结算办法, annex 1 (正确填写票据和结算凭证的基本规定), which wants one 零 for zeros inside, 零 between
    元 and 分 where 角 is zero, and 整 where no 分 follow. Raises ValueError below 0 or from 10^12 yuan.
    """
    if not 0 <= amount_fen <= _LARGEST_FEN:
        raise ValueError(f"Expected an amount of 0 to {_LARGEST_FEN} fen, but found {amount_fen}")
    yuan, cents = divmod(amount_fen, 100)
    jiao, fen = divmod(cents, 10)
    words = f"{_whole(yuan)}元" if yuan or not cents else ""
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        words += "零"
    return words + (f"{_DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    sections = []
    while number:
        number, section = divmod(number, 10_000)
        sections.append(section)
    words = ""
    for index in reversed(range(len(sections))):
        if sections[index]:
            gap = words and (sections[index] < 1000 or sections[index + 1] == 0)
            words += ("零" if gap else "") + _section(sections[index]) + _SECTIONS[index]
    return words or "零"


def _section(number: int) -> str:
    words = ""
    for index, digit in enumerate(reversed(str(number))):
        if digit != "0":
            words = _DIGITS[int(digit)] + _PLACES[index] + words
        elif words and not words.startswith("零"):
            words = "零" + words
    return words
