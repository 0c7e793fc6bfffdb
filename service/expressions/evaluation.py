"""Checked trees become closures `(lookup, call) -> value`, built once and kept; evaluation never raises on data.

None spreads as in a form that is not filled in: ordering with it is False, arithmetic with it is None.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from service.expressions.grammar import MAX_NUMBER, ExpressionError, is_literal, literal, parse

Lookup = Callable[[str], object]
Call = Callable[[str, tuple[object, ...], dict[str, object]], object]
_Run = Callable[[Lookup, Call], object]
_Compare = Callable[[object, object], bool]

# Decimals come from money alone: an answer is an int or a float.
_NUMBERS: Final = frozenset({int, float, Decimal})
_ORDERED: Final = frozenset({int, float, Decimal, str})


class Expression:
    """One compiled expression. `names` are the variables it reads, `functions` those it calls."""

    __slots__ = ("_run", "functions", "names", "source", "tree")

    def __init__(self, source: str, tree: ast.expr) -> None:
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        self.source: Final = source
        self.tree: Final = tree
        self.functions: Final = frozenset(func.id for func in calls if isinstance(func, ast.Name))
        self.names: Final = frozenset(_variables(tree))
        self._run: Final = _compile(tree)

    def evaluate(self, lookup: Lookup, call: Call | None = None) -> object:
        """The value; `lookup` answers None for a name it does not know, `call` runs an allowed function."""
        try:
            return self._run(lookup, call or _no_functions)
        except RecursionError:
            raise ExpressionError("The values compared are nested too deeply.") from None

    def holds(self, lookup: Lookup, call: Call | None = None) -> bool:
        return bool(self.evaluate(lookup, call))

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"


@lru_cache(maxsize=4096)
def compile_expression(source: str, *, functions: frozenset[str] = frozenset()) -> Expression:
    """Raises ExpressionError and nothing else; the result is immutable and shared."""
    return Expression(source, parse(source, functions))


def _no_functions(name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    raise ExpressionError(f"{name}() cannot be called here.")


def _variables(tree: ast.expr) -> Iterator[str]:
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions)


# Operators on values -------------------------------------------------------------------------------------------------


def _equal(left: object, right: object) -> bool:
    """Python's equality, but True is not 1: FEEL, which shows the same condition in the browser, keeps them apart."""
    return left == right and (type(left) is bool) is (type(right) is bool)


def _unequal(left: object, right: object) -> bool:
    return not _equal(left, right)


def _contained(left: object, right: object) -> bool:
    return type(right) in (list, tuple) and any(_equal(left, item) for item in right)  # type: ignore[attr-defined]


def _not_contained(left: object, right: object) -> bool:
    return not _contained(left, right)


def _comparable(left: object, right: object) -> bool:
    kind = type(left)
    if kind is type(right):
        return kind in _ORDERED or kind is date
    return kind in _NUMBERS and type(right) in _NUMBERS


def _ordering(compare: Callable[[Any, Any], Any]) -> _Compare:
    return lambda left, right: _comparable(left, right) and bool(compare(left, right))


def _bounded(value: int | float) -> int | float | None:
    return value if -MAX_NUMBER <= value <= MAX_NUMBER else None


def _arithmetic(left: object, right: object, compute: Callable[[object, object], int | float]) -> object:
    if type(left) not in _NUMBERS or type(right) not in _NUMBERS:
        return None
    if _bounded(left) is None or _bounded(right) is None:  # type: ignore[arg-type]
        return None
    try:
        return _bounded(compute(left, right))
    except (ArithmeticError, TypeError):  # Divided by nothing; or a decimal and a float, which do not mix.
        return None


_COMPARE: Final[dict[type[ast.cmpop], _Compare]] = {
    ast.Eq: _equal,
    ast.NotEq: _unequal,
    ast.Is: _equal,
    ast.IsNot: _unequal,
    ast.In: _contained,
    ast.NotIn: _not_contained,
    ast.Lt: _ordering(operator.lt),
    ast.LtE: _ordering(operator.le),
    ast.Gt: _ordering(operator.gt),
    ast.GtE: _ordering(operator.ge),
}
_COMPUTE: Final[dict[type[ast.operator], Callable[[object, object], int | float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
    ast.FloorDiv: operator.floordiv,
}


# Nodes to closures ---------------------------------------------------------------------------------------------------


def _compile(node: ast.expr) -> _Run:
    match node:
        case ast.Name(id=name):
            return lambda lookup, call: lookup(name)
        case ast.Constant(value=value):
            return lambda lookup, call: value
        case ast.Tuple(elts=items) | ast.List(elts=items):
            values = tuple(literal(item) for item in items)
            return lambda lookup, call: values
        case ast.BoolOp(op=op, values=operands):
            return _logic(isinstance(op, ast.Or), [_compile(operand) for operand in operands])
        case ast.UnaryOp(op=op, operand=operand):
            return _unary(op, _compile(operand))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _conditional(_compile(test), _compile(body), _compile(orelse))
        case ast.Compare():
            return _comparison(node)
        case ast.BinOp(left=left, op=operation, right=right):
            return _binary(_COMPUTE[type(operation)], _compile(left), _compile(right))
        case ast.Call():
            return _function(node)
    raise AssertionError(f"unchecked node {node!r}")


def _logic(stop_at: bool, operands: list[_Run]) -> _Run:
    *first, last = operands

    def run(lookup: Lookup, call: Call) -> object:
        for operand in first:
            value = operand(lookup, call)
            if bool(value) is stop_at:
                return value
        return last(lookup, call)

    return run


def _unary(op: ast.unaryop, operand: _Run) -> _Run:
    if isinstance(op, ast.Not):
        return lambda lookup, call: not operand(lookup, call)
    sign = -1 if isinstance(op, ast.USub) else 1
    return lambda lookup, call: _arithmetic(operand(lookup, call), sign, operator.mul)


def _conditional(test: _Run, body: _Run, orelse: _Run) -> _Run:
    return lambda lookup, call: body(lookup, call) if test(lookup, call) else orelse(lookup, call)


def _binary(compute: Callable[[object, object], int | float], left: _Run, right: _Run) -> _Run:
    return lambda lookup, call: _arithmetic(left(lookup, call), right(lookup, call), compute)


def _comparison(node: ast.Compare) -> _Run:
    if len(node.ops) == 1:
        return _single_comparison(node.left, _COMPARE[type(node.ops[0])], node.comparators[0])
    first = _compile(node.left)
    rest = [(_COMPARE[type(op)], _compile(right)) for op, right in zip(node.ops, node.comparators, strict=True)]

    def run(lookup: Lookup, call: Call) -> bool:
        left = first(lookup, call)
        for compare, operand in rest:
            right = operand(lookup, call)
            if not compare(left, right):
                return False
            left = right
        return True

    return run


def _single_comparison(left_node: ast.expr, compare: _Compare, right_node: ast.expr) -> _Run:
    left, right = _compile(left_node), _compile(right_node)
    if isinstance(left_node, ast.Name) and is_literal(right_node):
        name, value = left_node.id, literal(right_node)
        if isinstance(value, str) and compare is _equal:  # The shape of nearly every gateway.
            return lambda lookup, call: lookup(name) == value
        return lambda lookup, call: compare(lookup(name), value)
    if isinstance(left_node, ast.Name) and compare is _contained and isinstance(right_node, ast.Tuple | ast.List):
        values = tuple(literal(item) for item in right_node.elts)
        if all(isinstance(value, str) for value in values):
            return _text_membership(left_node.id, values)
    return lambda lookup, call: compare(left(lookup, call), right(lookup, call))


def _text_membership(name: str, values: tuple[object, ...]) -> _Run:
    return lambda lookup, call: lookup(name) in values


def _function(node: ast.Call) -> _Run:
    if not isinstance(node.func, ast.Name):
        raise AssertionError("only names are called")
    name = node.func.id
    args = [_compile(argument) for argument in node.args]
    kwargs = {str(keyword.arg): _compile(keyword.value) for keyword in node.keywords}

    def run(lookup: Lookup, call: Call) -> object:
        values = tuple(argument(lookup, call) for argument in args)
        return call(name, values, {key: argument(lookup, call) for key, argument in kwargs.items()})

    return run
