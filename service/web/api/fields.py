"""Fields of the interface's schemas: they say what is wrong by a code, and speak instants, money and names our way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields, missing, validate

from service.form_schemas.size import UNSTORABLE
from service.people.posts import post_name
from service.web.api.saying import Reader, Said, Sent
from service.web.county_calendar import is_provisional
from service.web.given import within_years

# Codes of wrong fields and their words; a code may be followed by a bound, as in `too_long:200`.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "required": ("必填", "This is required"),
    "null": ("不能为空", "This must not be null"),
    "invalid": ("格式不正确", "This is not well formed"),
    "unknown_field": ("没有这一项", "There is no such field"),
    "not_an_object": ("应为对象", "Expected an object"),
    "not_a_list": ("应为列表", "Expected a list"),
    "not_text": ("应为文字", "Expected text"),
    "not_a_number": ("应为整数", "Expected a whole number"),
    "not_a_day": ("应为日期，如 2026-11-23", "Expected a date such as 2026-11-23"),
    "not_an_instant": ("应为带时区的时刻，如 2026-11-23T09:30:00+08:00", "Expected an instant with an offset"),
    "too_long": ("不能超过 {} 个字符", "At most {} characters"),
    "too_short": ("至少 {} 个字符", "At least {} characters"),
    "too_small": ("不能小于 {}", "At least {}"),
    "too_large": ("不能大于 {}", "At most {}"),
    "not_a_choice": ("应为下列之一：{}", "Expected one of: {}"),
    "unstorable": ("含有不能保存的字符", "It holds characters that cannot be stored"),
}


def words_of(code: str) -> tuple[str, str, str]:
    """(code, Chinese words, English words) of a message such as `too_long:200`."""
    name, _, bound = code.partition(":")
    zh, en = WORDS.get(name, WORDS["invalid"])
    return (name if name in WORDS else "invalid"), zh.format(bound), en.format(bound)


class Body(Schema):
    """What a client sends: a field that we do not know is refused, not dropped."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unknown_field", "type": "not_an_object"}  # noqa: RUF012


class View(Said):
    """What we answer."""


class Query(Schema):
    """Parameters after the question mark; others are nobody's business."""

    class Meta:
        unknown = "exclude"

    error_messages = {"unknown": "unknown_field", "type": "not_an_object"}  # noqa: RUF012


_MESSAGES: Final = {"required": "required", "null": "null", "validator_failed": "invalid"}


def _declared(required: bool, **more: Any) -> dict[str, Any]:
    given = {"required": required, "error_messages": {**_MESSAGES, **more.pop("messages", {})}}
    return {**given, **({} if required else {"load_default": None, "allow_none": True}), **more}


class Text(fields.String):
    """Text of bounded length that any database can hold; blanks around it are cut, unless they are kept."""

    def __init__(
        self, longest: int = 200, *, shortest: int = 1, required: bool = False, blanks: bool = False, **more: Any
    ) -> None:
        self.blanks = blanks
        bounds = [
            validate.Length(min=shortest, error=f"too_short:{shortest}"),
            validate.Length(max=longest, error=f"too_long:{longest}"),
        ]
        super().__init__(
            **_declared(required, messages={"invalid": "not_text", "invalid_utf8": "not_text"}, validate=bounds, **more)
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **given: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **given))
        if UNSTORABLE.search(text):
            raise ValidationError("unstorable")
        return text if self.blanks else text.strip()


class Choice(Text):
    """One of a few words."""

    def __init__(self, *choices: str, required: bool = False, **more: Any) -> None:
        super().__init__(40, required=required, metadata={"enum": [*choices, *([] if required else [None])]}, **more)
        self.choices = choices

    def _deserialize(self, value: Any, attr: str | None, data: Any, **given: Any) -> str:
        text = super()._deserialize(value, attr, data, **given)
        if text not in self.choices:
            raise ValidationError(f"not_a_choice:{', '.join(self.choices)}")
        return text


class Count(fields.Integer):
    """A whole number between bounds, never a boolean or a fraction, and text in a query alone."""

    def __init__(self, lowest: int, highest: int, *, required: bool = False, **more: Any) -> None:
        bounds = [
            validate.Range(min=lowest, error=f"too_small:{lowest}"),
            validate.Range(max=highest, error=f"too_large:{highest}"),
        ]
        messages = {"invalid": "not_a_number", "too_large": "not_a_number"}
        super().__init__(**_declared(required, messages=messages, validate=bounds, **more))

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
            raise ValidationError("not_a_number")
        if isinstance(value, str) and not (isinstance(self.root, Query) and re.fullmatch(r"-?[0-9]{1,18}", value)):
            raise ValidationError("not_a_number")
        return super()._validated(value)


class Switch(fields.Boolean):
    """True or false, and no word or number for either."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(truthy={True}, falsy={False}, **_declared(required))


class GivenDay(fields.Date):
    """A date that a client sends."""

    def __init__(self, *, required: bool = False, data_key: str | None = None) -> None:
        messages = {"invalid": "not_a_day", "invalid_type": "not_a_day"}
        super().__init__(format="iso", data_key=data_key, **_declared(required, messages=messages))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **given: Any) -> date:
        found: date = super()._deserialize(value, attr, data, **given)
        try:
            return within_years(found)
        except ValueError:
            raise ValidationError("not_a_day") from None


class Several(fields.List[Any]):
    """A list of values; none of them is null."""

    def __init__(self, one: fields.Field[Any], *, required: bool = False, **more: Any) -> None:
        messages = {**_MESSAGES, "invalid": "not_a_list", **more.pop("error_messages", {})}
        super().__init__(one, required=required, error_messages=messages, **more)
        self.inner.allow_none, self.inner.load_default = False, missing


class GivenInstant(fields.Field[datetime]):
    """An instant with an offset that a client sends."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(**_declared(required))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **given: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError("not_an_instant") from None
        if found.tzinfo is None or not 1970 <= found.year <= 9000:
            raise ValidationError("not_an_instant")
        return found


class Answers(fields.Field[Any]):
    """What was filled in, by key; the form itself checks what is inside."""

    def __init__(self, *, required: bool = True) -> None:
        super().__init__(**_declared(required))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **given: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("not_an_object")
        return value


# What the service sends ---------------------------------------------------------------------------------------------


class Instant(Sent):
    """An instant in the county's zone, with its offset."""

    def tell(self, value: datetime, reader: Reader) -> str:
        return _at(value, reader.zone)


# What an act wrote carries one instant, which its answer says dozens of times.
@lru_cache(maxsize=4096)
def _at(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat()


class Day(Sent):
    def tell(self, value: date, reader: Reader) -> str:
        return value.isoformat()


class Named(Sent):
    """`name` in the reader's language, from `name_zh` and `name_en`."""

    def place(self, name: str, language: str) -> str:
        return f"{self.attribute or name}_{'en' if language == 'en' else 'zh'}"


class PostNamed(Sent):
    """The name of the `post` in the reader's language."""

    def place(self, name: str, language: str) -> str:
        return "post"

    def tell(self, value: str, reader: Reader) -> str:
        return post_name(value, reader.language)


class AnyValue(Sent):
    """JSON as it is."""


class DueProvisional(Sent):
    """Whether `due_at` lies in a year whose notice of holidays has not come."""

    tells_none = True

    def place(self, name: str, language: str) -> str:
        return "due_at"

    def tell(self, value: datetime | None, reader: Reader) -> bool:
        return is_provisional(value)
