"""Numbers that prove themselves: identity number, unified social credit code, mobile number, postcode.

Of the region of an identity number only the province is looked up (GB/T 2260 and, for residents of Hong Kong, Macao and
Taiwan, 81 to 83): counties are renamed, merged and, in a demonstration, invented.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from stdnum.cn import ric, uscc

# For `validate.pattern` in the browser; what these let through beyond the standards, the functions below refuse.
BROWSER_PATTERNS: Final = {
    "id_number": r"^\d{17}[\dXx]$",
    "credit_code": "^[0-9A-Za-z]{18}$",
    "mobile": r"^1[3-9]\d{9}$",
    "postcode": r"^(0[1-7]|[1-7]\d|8[0-7])\d{4}$",
}
_ID_NUMBER: Final = re.compile(r"[0-9]{17}[0-9X]")
# GB/T 2260, the first two digits; 9 and a province is a foreigner with permanent residence (外国人永久居留身份证).
# Numbers were first given out in 1984, to nobody who was born before 1900.
_PROVINCES: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[1-8]")
_EARLIEST_BIRTH: Final = date(1900, 1, 1)
_CREDIT_CODE: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
# The first two digits name a postal region of the mainland.
_POSTCODE: Final = re.compile(r"(0[1-7]|[1-7][0-9]|8[0-7])[0-9]{4}")
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714


def is_id_number(number: str, today: date) -> bool:
    """GB 11643: a province, 17 digits and a check character around a real birthday since 1900 that is not to come."""
    if _ID_NUMBER.fullmatch(number) is None or _PROVINCES.match(number) is None:
        return False
    if ric.calc_check_digit(number) != number[-1]:
        return False
    try:
        birthday = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return _EARLIEST_BIRTH <= birthday <= today


def is_credit_code(code: str) -> bool:
    """GB 32100, its own check character and that of the organisation code in characters 9 to 17 (GB 11714)."""
    if _CREDIT_CODE.fullmatch(code) is None or uscc.calc_check_digit(code) != code[17]:
        return False
    return _organisation_check(code[8:16]) == code[16]


def is_mobile(number: str) -> bool:
    return _MOBILE.fullmatch(number) is not None


def is_postcode(code: str) -> bool:
    """Six digits, of which the first two name a province of the mainland's post."""
    return _POSTCODE.fullmatch(code) is not None


def _organisation_check(body: str) -> str:
    total = sum(int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0X987654321"[total % 11]
