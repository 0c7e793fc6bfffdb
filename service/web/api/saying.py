"""How views are said: the values of all fields taken at once, and only those changed that JSON has another form for.

A case has four hundred fields, and marshmallow looks each of them up, asks what it is and serializes it. Which fields
of a thing must change depends on its schema and the types of its values alone; that is found out once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, missing
from marshmallow.utils import get_value

from service.web.context import context
from service.web.request import locale

# Before what has been found out is forgotten: so many combinations of types come from no honest data.
MOST_KINDS: Final = 512
# What stands in an answer as it is.
_AS_IT_IS: Final[Mapping[type, type]] = {fields.String: str, fields.Integer: int, fields.Boolean: bool}
_FAILURES: Final = (AttributeError, KeyError, TypeError)


class Reader(NamedTuple):
    """For whom something is said."""

    language: str
    zone: ZoneInfo


Tell = Callable[[Any, Reader], Any]


def reader() -> Reader:
    """Of the request that is answered."""
    return Reader(locale(), context().services.settings.zone)


class Sent(fields.Field[Any]):
    """A field of ours: where its value stands, and how it is told."""

    # Whether None is told too; else it stands as it is.
    tells_none = False

    def place(self, name: str, language: str) -> str:
        return self.attribute or name

    def tell(self, value: Any, reader: Reader) -> Any:
        """What JSON shall have of a value."""
        return value

    def serialize(self, attr: str, obj: Any, accessor: Any = get_value, **given: Any) -> Any:
        """The library's way, for schemas that are no views."""
        of = reader()
        value = accessor(obj, self.place(attr, of.language), missing)
        stands = value is missing or (value is None and not self.tells_none)
        return value if stands else self.tell(value, of)


class Plan:
    """One schema in one language, for things with attributes or for dictionaries."""

    def __init__(self, schema: Schema, language: str, *, of_mapping: bool) -> None:
        declared = schema.dump_fields
        places = [_place(name, field, language) for name, field in declared.items()]
        self._keys = [field.data_key or name for name, field in declared.items()]
        self._fields = list(declared.items())
        get: Any = itemgetter(*places) if of_mapping else attrgetter(*places)
        self._get: Callable[[Any], tuple[Any, ...]] = get if len(places) > 1 else lambda obj: (get(obj),)
        self._changes: dict[tuple[type, ...], list[tuple[str, Tell]]] = {}

    def say(self, obj: Any, reader: Reader) -> dict[str, Any]:
        """Raises AttributeError, KeyError or TypeError for a thing that lacks a field."""
        values = self._get(obj)
        kinds = tuple(map(type, values))
        changes = self._changes.get(kinds)
        if changes is None:
            changes = self._learn(kinds)
        said = dict(zip(self._keys, values, strict=True))
        for key, tell in changes:
            said[key] = tell(said[key], reader)
        return said

    def _learn(self, kinds: tuple[type, ...]) -> list[tuple[str, Tell]]:
        told = ((key, _teller(*at, kind)) for key, at, kind in zip(self._keys, self._fields, kinds, strict=True))
        found = [(key, tell) for key, tell in told if tell is not None]
        if len(self._changes) >= MOST_KINDS:
            self._changes.clear()
        self._changes[kinds] = found
        return found


def _place(name: str, field: fields.Field[Any], language: str) -> str:
    return field.place(name, language) if isinstance(field, Sent) else field.attribute or name


def _teller(name: str, field: fields.Field[Any], kind: type) -> Tell | None:
    """What changes a value of this type; None where it stands as it is."""
    if isinstance(field, Sent) and (field.tells_none or kind is not type(None)):
        return field.tell if type(field).tell is not Sent.tell else None
    if kind is type(None) or kind is _AS_IT_IS.get(type(field)):
        return None
    return _nested(field) or (lambda value, _reader: field._serialize(value, name, None))


def _nested(field: fields.Field[Any]) -> Tell | None:
    """A view, or a list of views. One with hooks of its own is dumped as the library does it."""
    if type(field) is fields.List:
        one = _nested(field.inner)
        return None if one is None else lambda values, reader: [one(value, reader) for value in values]
    if type(field) is not fields.Nested or field.many or not isinstance(view := field.schema, Said) or view.many:
        return None
    if any(view._hooks.values()) or type(view).dump is not Schema.dump:
        return lambda value, _reader: view.dump(value)
    return view.say


class Said(Schema):
    """A schema of what is said of frozen values or dictionaries."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._plans: dict[tuple[str, bool], Plan] = {}

    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        of = reader()
        return [self.say(one, of) for one in obj] if many and obj is not None else self.say(obj, of)

    def say(self, obj: Any, reader: Reader) -> dict[str, Any]:
        """One thing; a field that it lacks is left out."""
        kind = (reader.language, type(obj) is dict)
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = Plan(self, reader.language, of_mapping=kind[1])
        try:
            return plan.say(obj, reader)
        except _FAILURES:
            return self._search(obj, reader)

    def _search(self, obj: Any, reader: Reader) -> dict[str, Any]:
        said = {}
        for name, field in self.dump_fields.items():
            value = self.get_attribute(obj, _place(name, field, reader.language), missing)
            if value is not missing:
                tell = _teller(name, field, type(value))
                said[field.data_key or name] = value if tell is None else tell(value, reader)
        return said
