"""One reader per kind of field: takes what was sent and gives the clean value, or the refusals as a tuple.

Unset values (null, blank text) never reach a reader; the form decides whether a field may stay unset.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

import re2

from service.form_schemas.hides import property_of
from service.form_schemas.identity import BROWSER_PATTERNS, is_credit_code, is_id_number, is_mobile, is_postcode
from service.form_schemas.problems import Refusal, Refusals
from service.form_schemas.schema import Component, FormSchemaError, name_of
from service.form_schemas.size import MAX_INTEGER, MAX_STRING_CHARACTERS

Lookup = Callable[[str], object]
# A clean value is never a tuple, so that a tuple means refused.
Reader = Callable[[object, date, Lookup], object]
TextCheck = Callable[[str, date], Refusals | None]

FORMATS: Final = frozenset({"id_number", "credit_code", "mobile", "postcode", "money_fen"})
MAX_PATTERN_CHARACTERS: Final = 200
_BLANKS: Final = re.compile(r"\s")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_LINEAR: Final = re2.Options()
_LINEAR.max_mem = 1 << 20
_LINEAR.log_errors = False
_VALIDATION_TYPES: Final = {"email": r"^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$", "phone": r"^\+[1-9][0-9]{6,14}$"}


def refused(code: str, **params: object) -> Refusals:
    return (Refusal(code, params),)


def reader_of(component: Component) -> Reader:
    """The reader of a field component (dynamic lists are read by `tables`). Raises FormSchemaError."""
    kind = component["type"]
    if kind in ("textfield", "textarea"):
        return _text_reader(component)
    if kind == "number":
        return _money_reader(component) if format_of(component) == "money_fen" else _number_reader(component)
    if kind == "datetime":
        return _date_reader(component)
    if kind == "checkbox":
        return lambda raw, today, lookup: raw if isinstance(raw, bool) else refused("wrong_type")
    return _choice_reader(component, several=kind in ("checklist", "taglist"))


def format_of(component: Component) -> str | None:
    found = property_of(component, "format")
    if found is None:
        return None
    fits = component["type"] == ("number" if found == "money_fen" else "textfield")
    if not isinstance(found, str) or found not in FORMATS or not fits:
        raise FormSchemaError(name_of(component), f"the format {str(found)[:40]!r} does not fit this component")
    return found


# Bounds from the schema -----------------------------------------------------------------------------------------------


def validation(component: Component, name: str) -> Any:
    rules = component.get("validate")
    return rules.get(name) if isinstance(rules, Mapping) else None


def bound(component: Component, name: str) -> int | float | None:
    """A number of `validate`; the form editor leaves "" behind when a bound is deleted."""
    value = validation(component, name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_INTEGER:
        raise FormSchemaError(name_of(component), f"expected {name} to be a number")
    return value


def whole_property(component: Component, name: str) -> int | None:
    """A whole number among the properties, which the form editor keeps as text."""
    value = property_of(component, name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,6}", str(value)):
        raise FormSchemaError(name_of(component), f"expected the property {name} to be a whole number")
    return int(value)


# Text -----------------------------------------------------------------------------------------------------------------


def _text_reader(component: Component) -> Reader:
    checks = tuple(check for check in _text_checks(component) if check is not None)
    told = format_of(component) is not None  # Written as people and input methods do: with blanks, full width.

    def read(raw: object, today: date, lookup: Lookup) -> object:
        if not isinstance(raw, str):
            return refused("wrong_type")
        text = _BLANKS.sub("", unicodedata.normalize("NFKC", raw)).upper() if told else raw.strip()
        for check in checks:
            refusals = check(text, today)
            if refusals is not None:
                return refusals
        return text

    return read


def _text_checks(component: Component) -> list[TextCheck | None]:
    return [
        _length_check(whole_property(component, "length")),
        _bounds_check(bound(component, "minLength"), bound(component, "maxLength")),
        _format_check(component),
        _pattern_check(component),
        _validation_type_check(component),
    ]


def _length_check(length: int | None) -> TextCheck | None:
    if length is None:
        return None
    return lambda text, today: None if len(text) == length else refused("length", length=length, found=len(text))


def _bounds_check(shortest: int | float | None, longest: int | float | None) -> TextCheck | None:
    least, most = shortest or 0, min(MAX_STRING_CHARACTERS, longest if longest is not None else MAX_STRING_CHARACTERS)

    def check(text: str, today: date) -> Refusals | None:
        if len(text) < least:
            return refused("min_length", min=least, found=len(text))
        return refused("max_length", max=most, found=len(text)) if len(text) > most else None

    return check


def _format_check(component: Component) -> TextCheck | None:
    kind = format_of(component)
    if kind == "id_number":
        return lambda text, today: None if is_id_number(text, today) else refused("id_number")
    if kind == "mobile":
        return lambda text, today: None if is_mobile(text) else refused("mobile")
    if kind == "postcode":
        return lambda text, today: None if is_postcode(text) else refused("postcode")
    if kind == "credit_code":
        return _credit_code_check(str(property_of(component, "codePrefix") or ""))
    return None


def _credit_code_check(prefix: str) -> TextCheck:
    def check(text: str, today: date) -> Refusals | None:
        if not is_credit_code(text):
            return refused("credit_code")
        return None if text.startswith(prefix) else refused("credit_code_prefix", prefix=prefix)

    return check


def _pattern_check(component: Component) -> TextCheck | None:
    pattern = validation(component, "pattern")
    if pattern is None or pattern == "" or pattern == BROWSER_PATTERNS.get(format_of(component) or ""):
        return None
    if not isinstance(pattern, str) or len(pattern) > MAX_PATTERN_CHARACTERS:
        raise FormSchemaError(name_of(component), f"expected a pattern of at most {MAX_PATTERN_CHARACTERS} characters")
    try:
        found = re2.compile(pattern, _LINEAR).search
    except (re2.error, UnicodeError):
        reason = "the pattern is not a regular expression that runs in linear time (RE2)"
        raise FormSchemaError(name_of(component), reason) from None
    return lambda text, today: None if found(text) else refused("pattern")


def _validation_type_check(component: Component) -> TextCheck | None:
    kind = validation(component, "validationType")
    if kind in (None, "", "custom"):
        return None
    if not isinstance(kind, str) or kind not in _VALIDATION_TYPES:
        raise FormSchemaError(name_of(component), f"the validation type {str(kind)[:40]!r} is not known")
    found = re2.compile(_VALIDATION_TYPES[kind], _LINEAR).search
    return lambda text, today: None if found(text) else refused(kind)


# Numbers, money, dates ------------------------------------------------------------------------------------------------


def _number_reader(component: Component) -> Reader:
    least, most = bound(component, "min"), bound(component, "max")
    digits = component.get("decimalDigits")
    if digits is not None and not (type(digits) is int and 0 <= digits <= 10):
        raise FormSchemaError(name_of(component), "expected decimalDigits to be 0 to 10")
    if component.get("serializeToString"):
        raise FormSchemaError(name_of(component), "numbers are sent as numbers, not as text")

    def read(raw: object, today: date, lookup: Lookup) -> object:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            return refused("not_a_number")
        value: int | float = int(raw) if isinstance(raw, float) and raw.is_integer() else raw
        if digits is not None and isinstance(value, float) and round(value, digits) != value:
            return refused("decimals", digits=digits) if digits else refused("integer")
        if least is not None and value < least:
            return refused("min", min=least)
        return refused("max", max=most) if most is not None and value > most else value

    return read


def _money_reader(component: Component) -> Reader:
    """Bounds in the schema are yuan, as the browser shows the field; answers are whole fen."""
    least = round((bound(component, "min") or 0) * 100)
    highest = bound(component, "max")
    most = MAX_INTEGER if highest is None else round(highest * 100)

    def read(raw: object, today: date, lookup: Lookup) -> object:
        if type(raw) is not int or raw < 0:
            return refused("money")
        if raw < least:
            return refused("min", min=yuan(least))
        return refused("max", max=yuan(most)) if raw > most else raw

    return read


def yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def _date_reader(component: Component) -> Reader:
    if component.get("subtype") == "time":
        return lambda raw, today, lookup: raw if isinstance(raw, str) and _TIME.fullmatch(raw) else refused("time")
    if component.get("subtype") != "date":
        raise FormSchemaError(
            name_of(component), "expected the subtype `date` or `time`: acts record instants, forms do not"
        )
    not_before_today = bool(component.get("disallowPassedDates"))

    def read(raw: object, today: date, lookup: Lookup) -> object:
        if not isinstance(raw, str):
            return refused("wrong_type")
        text = raw.strip()
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return refused("date")
        if day.isoformat() != text or not 1900 <= day.year <= 2200:
            return refused("date")
        return refused("date_passed") if not_before_today and day < today else text

    return read


# Choices --------------------------------------------------------------------------------------------------------------


def options_of(component: Component) -> tuple[Component, ...]:
    """The options written in the schema; none when `valuesKey` takes them from the page's data."""
    if component.get("valuesExpression"):
        raise FormSchemaError(name_of(component), "options are written out or named by valuesKey, not computed")
    if component.get("valuesKey"):
        return ()
    options = component.get("values")
    if not isinstance(options, list) or not 1 <= len(options) <= 500:
        raise FormSchemaError(name_of(component), "expected 1 to 500 options")
    for option in options:
        if not isinstance(option, Mapping) or type(option.get("value")) not in (str, bool, int):
            raise FormSchemaError(
                name_of(component), "expected every option to have a value: text, whole number or bool"
            )
    keys = [_typed(option["value"]) for option in options]
    if len(set(keys)) != len(keys):
        raise FormSchemaError(name_of(component), "an option is listed twice")
    return tuple(options)


def _typed(value: object) -> tuple[type, object]:
    return type(value), value  # True and 1 are two options.


def _choice_reader(component: Component, *, several: bool) -> Reader:
    offered = frozenset(_typed(option["value"]) for option in options_of(component))
    key = component.get("valuesKey")
    if key is not None and (not isinstance(key, str) or not key.isidentifier()):
        raise FormSchemaError(name_of(component), "expected valuesKey to be a name")

    def among(raw: object, lookup: Lookup) -> bool:
        if type(raw) not in (str, bool, int):
            return False
        return _typed(raw) in (_listed(lookup(key)) if key else offered)

    def read_one(raw: object, today: date, lookup: Lookup) -> object:
        if isinstance(raw, list | Mapping):
            return refused("wrong_type")
        return raw if among(raw, lookup) else refused("not_an_option")

    def read_several(raw: object, today: date, lookup: Lookup) -> object:
        if not isinstance(raw, list):
            return refused("wrong_type")
        if not all(among(item, lookup) for item in raw):
            return refused("not_an_option")
        return list(dict.fromkeys(raw))

    return read_several if several else read_one


def _listed(options: object) -> frozenset[tuple[type, object]]:
    """Options handed in by the page: values, or objects with `value`, as form-js takes them."""
    if not isinstance(options, list | tuple):
        return frozenset()
    values = (option.get("value") if isinstance(option, Mapping) else option for option in options)
    return frozenset(_typed(value) for value in values if type(value) in (str, bool, int))
