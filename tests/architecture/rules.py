"""The rules of the house that a machine can check: each takes one source and gives the places that break it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.architecture.reading import Source

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 45
# One word per concept: these say nothing of what lives there.
EMPTY_NAMES = frozenset(
    {"util", "utils", "helper", "helpers", "manager", "base_service", "data", "info", "misc", "common"}
)
_EMPTY_ENDINGS = re.compile(r"(Util|Utils|Helper|Helpers|Manager|Info)$")
_LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ASKS_THE_TIME = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
)
_NAMES_OF_TIME = frozenset(asks.rpartition(".")[2] for asks in _ASKS_THE_TIME)
_MAY_ASK_THE_TIME = frozenset({"service/clock.py"})
_MAY_COMMIT = frozenset({"service/database/session.py"})


def too_long(source: Source) -> Iterator[str]:
    """Modules over 400 lines, functions over 45, docstring included."""
    lines = source.text.count("\n")
    if lines > MAX_MODULE_LINES:
        yield f"{source.name}: {lines} lines"
    for place, function in source.names_of(*_FUNCTIONS):
        assert isinstance(function, _FUNCTIONS)
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > MAX_FUNCTION_LINES:
            yield f"{place} {function.name}: {length} lines"


def empty_names(source: Source) -> Iterator[str]:
    """Modules, packages and classes whose names say nothing."""
    for part in source.name.removesuffix(".py").split("/"):
        if part in EMPTY_NAMES:
            yield f"{source.name}: {part}"
    for place, node in source.names_of(ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        if _EMPTY_ENDINGS.search(node.name):
            yield f"{place} class {node.name}"


def left_overs(source: Source) -> Iterator[str]:
    """Work put off: marks in comments, functions that only say that they are not written."""
    marked = _LEFT_OVER.search(source.text) is not None
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline) if marked else ():
        if token.type == tokenize.COMMENT and _LEFT_OVER.search(token.string):
            yield f"{source.name}:{token.start[0]} {token.string}"
    for place, node in source.names_of(ast.Name):
        assert isinstance(node, ast.Name)
        if node.id == "NotImplementedError":
            yield f"{place} NotImplementedError"


def commits(source: Source) -> Iterator[str]:
    """Transactions belong to shells: `commit` is named in one module alone, whether called there or handed on."""
    if source.name in _MAY_COMMIT:
        return
    for place, node in source.names_of(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        if node.attr == "commit":
            yield f"{place} {ast.unparse(node)}"


def own_clocks(source: Source) -> Iterator[str]:
    """Time comes from service.clock, or the testing clock would not move it."""
    if source.name in _MAY_ASK_THE_TIME:
        return
    for place, node in source.names_of(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        words = ast.unparse(node) if node.attr in _NAMES_OF_TIME else ""
        if any(words == asks or words.endswith("." + asks) for asks in _ASKS_THE_TIME):
            yield f"{place} {words}"


def silent_modules(source: Source) -> Iterator[str]:
    """Every module says in its first lines what lives there."""
    if source.tree.body and not ast.get_docstring(source.tree):
        yield f"{source.name}: no docstring"
