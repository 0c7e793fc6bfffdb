"""A definition version ready to run: model, compiled forms, and the cache that keeps some hundreds of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from service.database.tables import called_diagram, form_schema, process_definition
from service.engine import ProcessModel, build_model
from service.form_schemas import CompiledForm, compile_form

_DEFINITION = select(process_definition).where(process_definition.c.id == bindparam("id"))
_CALLED = select(called_diagram.c.key, called_diagram.c.xml).where(called_diagram.c.definition_id == bindparam("id"))
_FORMS = select(form_schema.c.form_key, form_schema.c.content).where(form_schema.c.definition_id == bindparam("id"))
_CURRENT = select(process_definition.c.id).where(
    process_definition.c.key == bindparam("key"), process_definition.c.current.is_(True)
)


@dataclass(frozen=True)
class Bundle:
    """One version: its model, its forms compiled and as written, and every name that some rule of it reads."""

    id: int
    key: str
    version: int
    kind: str
    xml: bytes
    model: ProcessModel
    forms: Mapping[str, CompiledForm]
    schemas: Mapping[str, Mapping[str, Any]]
    names: frozenset[str]

    def form(self, form_key: str) -> CompiledForm:
        return self.forms[form_key]


class BundleCache:
    """Bundles by id, least recently used out first; safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._bundles: OrderedDict[int, Bundle] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, connection: Connection, definition_id: int) -> Bundle:
        """The bundle of a definition version; raises LookupError for an unknown id."""
        with self._lock:
            found = self._bundles.get(definition_id)
            if found is not None:
                self._bundles.move_to_end(definition_id)
                return found
        bundle = load_bundle(connection, definition_id)
        with self._lock:
            self._bundles[definition_id] = bundle
            while len(self._bundles) > self._size:
                self._bundles.popitem(last=False)
        return bundle

    def current(self, connection: Connection, key: str) -> Bundle | None:
        """The version that new cases follow."""
        definition_id = connection.execute(_CURRENT, {"key": key}).scalar_one_or_none()
        return None if definition_id is None else self.get(connection, definition_id)


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
    forms = {form_key: compile_form(content) for form_key, content in schemas.items()}
    names = model.names.union(*(form.names for form in forms.values()))
    for expression in model.derived.values():
        names |= expression.names
    return Bundle(definition_id, key, version, kind, xml, model, forms, schemas, names)
