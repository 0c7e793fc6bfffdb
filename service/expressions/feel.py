"""The same condition in FEEL, as form-js evaluates it in the browser (DMN 1.3, ch. 10; tried on @bpmn-io/feelin 6.1).

FEEL answers null where Python answers False. Null counts as false under `and`, `or` and `if`, so negation alone needs
care: it is pushed down to the comparisons, where `!=` is never null and an ordering is wrapped in `if`. The twins agree
on missing answers and on answers of the type that the condition expects; feelin alone takes ["a"] for "a" and "" for 0.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from typing import Final, NamedTuple, NoReturn

from service.expressions.evaluation import Expression
from service.expressions.grammar import ExpressionError, column_of, literal

_ORDERINGS: Final[dict[type[ast.cmpop], str]] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_EQUALITIES: Final[dict[type[ast.cmpop], bool]] = {ast.Eq: True, ast.Is: True, ast.NotEq: False, ast.IsNot: False}
_SIGNS: Final[dict[type[ast.operator], str]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}

# Words that FEEL would read as its own: keywords, and built-in functions that a missing answer would resolve to.
_RESERVED: Final = frozenset(
    """true false null and or not in if then else for return some every satisfies between instance of function external
    date time duration number string substring contains matches split concatenate reverse union append remove flatten
    product median stddev mode all any count min max sum mean decimal floor ceiling abs modulo sqrt log exp odd even is
    now today sort context before after meets overlaps finishes includes during starts coincides range list get day week
    month year trim uuid assert partition duplicates""".split()
)
_EMPTY: Final = ("null", "false", '""', "0", "[]")


def to_feel(expression: Expression, *, negated: bool = False) -> str:
    """The condition as FEEL (without the leading `=`); `negated` gives its opposite, as `conditional.hide` wants.

    Raises ExpressionError where FEEL has no twin: calls, texts used as truth, names that FEEL keeps for itself.
    """
    return _Translator(expression.source).condition(expression.tree, holds=not negated).text


class _Condition(NamedTuple):
    """FEEL text; `joined` when `and` or `or` stands at its top level, so that it needs brackets inside another."""

    text: str
    joined: bool = False

    @property
    def grouped(self) -> str:
        return f"({self.text})" if self.joined else self.text


def _join(word: str, conditions: Iterable[_Condition]) -> _Condition:
    first, *rest = conditions
    if not rest:
        return first
    return _Condition(word.join(condition.grouped for condition in (first, *rest)), joined=True)


class _Translator:
    def __init__(self, source: str) -> None:
        self.source = source

    def refuse(self, node: ast.expr, reason: str) -> NoReturn:
        raise ExpressionError(reason, column_of(self.source, node))

    def condition(self, node: ast.expr, *, holds: bool) -> _Condition:
        """FEEL that is true exactly when `node` is truthy (`holds`) or falsy (not `holds`)."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.condition(operand, holds=not holds)
            case ast.BoolOp(op=op, values=values):
                word = " and " if isinstance(op, ast.And) is holds else " or "
                return _join(word, (self.condition(value, holds=holds) for value in values))
            case ast.Compare():
                return self.comparison(node, holds)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                texts = (self.condition(part, holds=holds).text for part in (body, orelse))
                return _Condition(self.choice(test, *texts))
            case ast.Constant(value=bool() | None as value):
                return _Condition("true" if bool(value) is holds else "false")
            case ast.Name():
                return self.truth(self.value(node), holds)
        self.refuse(node, "FEEL has no twin for this as a condition.")

    def truth(self, name: str, holds: bool) -> _Condition:
        """Python's truth of a variable, spelled out: to FEEL everything but null and false is true."""
        sign, word = ("!=", " and ") if holds else ("=", " or ")
        return _join(word, (_Condition(f"{name} {sign} {empty}") for empty in _EMPTY))

    def choice(self, test: ast.expr, body: str, orelse: str) -> str:
        return f"(if {self.condition(test, holds=True).text} then {body} else {orelse})"

    def comparison(self, node: ast.Compare, holds: bool) -> _Condition:
        operands = [node.left, *node.comparators]
        for middle in operands[1:-1]:
            if not isinstance(middle, ast.Name | ast.Constant):
                self.refuse(middle, "FEEL has no twin for a chain of comparisons around a calculation.")
        pairs = zip(operands, node.ops, operands[1:], strict=False)
        return _join(" and " if holds else " or ", (self.pair(left, op, right, holds) for left, op, right in pairs))

    def pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr, holds: bool) -> _Condition:
        if isinstance(op, ast.In | ast.NotIn):
            return self.membership(left, right, isinstance(op, ast.In) is holds)
        equal = _EQUALITIES.get(type(op))
        if equal is not None:
            return _Condition(f"{self.value(left)} {'=' if equal is holds else '!='} {self.value(right)}")
        ordering = f"{self.value(left)} {_ORDERINGS[type(op)]} {self.value(right)}"
        return _Condition(ordering if holds else f"(if {ordering} then false else true)")

    def membership(self, left: ast.expr, right: ast.expr, within: bool) -> _Condition:
        if isinstance(right, ast.Name):
            contained = f"list contains({self.value(right)}, {self.value(left)})"
            return _Condition(contained if within else f"(if {contained} then false else true)")
        if not isinstance(left, ast.Name | ast.Constant):
            self.refuse(left, "FEEL has no twin for `in` after a calculation.")
        items = right.elts if isinstance(right, ast.Tuple | ast.List) else []
        if not items:
            return _Condition("false" if within else "true")
        sign, word = ("=", " or ") if within else ("!=", " and ")
        return _join(word, (_Condition(f"{self.value(left)} {sign} {self.value(item)}") for item in items))

    def value(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name):
                if name in _RESERVED:
                    self.refuse(node, f"FEEL keeps the name {name} for itself.")
                return name
            case ast.Constant(value=value):
                return json.dumps(value, ensure_ascii=False)
            case ast.UnaryOp(operand=ast.Constant(value=str() | bool() | None)):
                self.refuse(node, "FEEL has no twin for the sign of what is no number.")
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                return json.dumps(literal(node))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                return f"{'-' if isinstance(op, ast.USub) else ''}({self.value(operand)})"
            case ast.BinOp(left=left, op=op, right=right):
                return self.arithmetic(op, self.value(left), self.value(right))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choice(test, self.value(body), self.value(orelse))
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return f"[{', '.join(self.value(item) for item in items)}]"
        self.refuse(node, "FEEL has no twin for this as a value.")

    def arithmetic(self, op: ast.operator, left: str, right: str) -> str:
        if isinstance(op, ast.Mod):
            return f"modulo({left}, {right})"
        if isinstance(op, ast.FloorDiv):
            return f"floor({left} / {right})"
        return f"({left} {_SIGNS[type(op)]} {right})"
