"""A definition version ready to run: model, compiled forms, and the cache that keeps some hundreds of them."""

from __future__ import annotations

import ctypes
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from zlib import compress, decompress

from sqlalchemy import Connection, bindparam, select

from service.database.tables import called_diagram, form_schema, process_definition
from service.engine import ProcessModel, build_model
from service.form_schemas import CompiledForm, compile_form

# What parsing took is given back to the system after so many definitions.
TRIM_AFTER = 32
# How many diagrams are kept as they are beside their packed form: those that pages are drawing.
UNPACKED = 16
# How many compiled forms are kept, whichever definitions they belong to.
COMPILED = 1024
_DEFINITION = select(process_definition).where(process_definition.c.id == bindparam("id"))
_CALLED = select(called_diagram.c.key, called_diagram.c.xml).where(called_diagram.c.definition_id == bindparam("id"))
_FORMS = select(form_schema.c.form_key, form_schema.c.content).where(form_schema.c.definition_id == bindparam("id"))
_CURRENT = select(process_definition.c.id).where(
    process_definition.c.key == bindparam("key"), process_definition.c.current.is_(True)
)

T = TypeVar("T")


class _Packed(Mapping[str, T]):
    """What is made of JSON under zlib, by the keys of forms."""

    def __init__(self, packed: Mapping[str, bytes]) -> None:
        self.packed = packed

    def __contains__(self, form_key: object) -> bool:
        return form_key in self.packed

    def __iter__(self) -> Iterator[str]:
        return iter(self.packed)

    def __len__(self) -> int:
        return len(self.packed)


class PackedSchemas(_Packed[Mapping[str, Any]]):
    """Form schemas: only pages read them, and as dictionaries they would weigh ten times as much."""

    def __getitem__(self, form_key: str) -> Mapping[str, Any]:
        return _schema(self.packed[form_key])


class CompiledForms(_Packed[CompiledForm]):
    """The same compiled: those in use are kept. All of them would be half of what a bundle weighs."""

    def __getitem__(self, form_key: str) -> CompiledForm:
        return _compiled(self.packed[form_key])


def _schema(packed: bytes) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = json.loads(decompress(packed))
    return schema


@lru_cache(maxsize=COMPILED)
def _compiled(packed: bytes) -> CompiledForm:
    return compile_form(_schema(packed))


@lru_cache(maxsize=UNPACKED)
def _unpacked(packed: bytes) -> bytes:
    return decompress(packed)


@dataclass(frozen=True)
class Bundle:
    """One version: its model, its forms compiled and as written, and every name that some rule of it reads."""

    id: int
    key: str
    version: int
    kind: str
    packed_xml: bytes
    model: ProcessModel
    forms: Mapping[str, CompiledForm]
    schemas: PackedSchemas
    names: frozenset[str]

    @property
    def xml(self) -> bytes:
        return _unpacked(self.packed_xml)

    def form(self, form_key: str) -> CompiledForm:
        return self.forms[form_key]


class BundleCache:
    """Bundles by id, least recently used out first; safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._bundles: OrderedDict[int, Bundle] = OrderedDict()
        self._lock = threading.Lock()
        self._loaded = 0

    def get(self, connection: Connection, definition_id: int) -> Bundle:
        """The bundle of a definition version; raises LookupError for an unknown id."""
        with self._lock:
            found = self._bundles.get(definition_id)
            if found is not None:
                self._bundles.move_to_end(definition_id)
                return found
        bundle = load_bundle(connection, definition_id)
        with self._lock:
            self._loaded += 1
            if self._loaded % TRIM_AFTER == 0:
                _give_memory_back()
            self._bundles[definition_id] = bundle
            while len(self._bundles) > self._size:
                self._bundles.popitem(last=False)
        return bundle

    def current(self, connection: Connection, key: str) -> Bundle | None:
        """The version that new cases follow."""
        definition_id = connection.execute(_CURRENT, {"key": key}).scalar_one_or_none()
        return None if definition_id is None else self.get(connection, definition_id)


def _give_memory_back() -> None:
    """glibc keeps what was freed below its top; some other C library has no such call, and then nothing is done."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def load_bundle(connection: Connection, definition_id: int) -> Bundle:
    """Parse and compile a stored version."""
    row = connection.execute(_DEFINITION, {"id": definition_id}).one_or_none()
    if row is None:
        raise LookupError(f"Expected process definition {definition_id}, but there is none")
    called = {r.key: r.xml for r in connection.execute(_CALLED, {"id": definition_id})}
    schemas = {r.form_key: r.content for r in connection.execute(_FORMS, {"id": definition_id})}
    return build_bundle(row.id, row.key, row.version, row.kind, row.xml, called, schemas)


def build_bundle(
    definition_id: int,
    key: str,
    version: int,
    kind: str,
    xml: bytes,
    called: Mapping[str, bytes],
    schemas: Mapping[str, Mapping[str, Any]],
) -> Bundle:
    """A bundle from its parts; raises ModelError, FormSchemaError or ExpressionError."""
    model = build_model(key, {key: xml, **called})
    packed = {form: compress(json.dumps(one, ensure_ascii=False).encode()) for form, one in schemas.items()}
    forms = CompiledForms(packed)
    names = model.names.union(*(form.names for form in forms.values()))
    for expression in model.derived.values():
        names |= expression.names
    return Bundle(definition_id, key, version, kind, compress(xml), model, forms, PackedSchemas(packed), names)
