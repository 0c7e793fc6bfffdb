"""Text to checked tree: a lexer that knows every token, Python's own parser, and an allow-list over its tree.

Nothing is evaluated here.
"""

from __future__ import annotations

import ast
import re
from typing import NoReturn

MAX_SOURCE_CHARACTERS = 1000
MAX_DEPTH = 40
MAX_NODES = 400
MAX_NUMBER = 10**15  # Below 2**53, so that the browser's numbers agree with ours.

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<string>'[^'\\\r\n]*'|"[^"\\\r\n]*")(?![\w])
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])
      | (?P<name>[^\W\d]\w*)(?!['"])
      | (?P<operator>==|!=|<=|>=|//(?!/)|[<>+\-*%(),=\[\]])""",
    re.VERBOSE,
)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Mod, ast.FloorDiv)
_SINGLETONS = (None, True, False)


class ExpressionError(ValueError):
    """An expression that the grammar does not allow, or that cannot be translated.

    `reason` is one English sentence; `column` counts characters from 1 (0: the expression as a whole).
    """

    def __init__(self, reason: str, column: int = 0) -> None:
        super().__init__(f"{reason} (column {column})" if column else reason)
        self.reason = reason
        self.column = column


def parse(source: str, functions: frozenset[str]) -> ast.expr:
    """The checked tree of `source`, which may call `functions` and nothing else."""
    text = source.strip()
    if not text:
        raise ExpressionError("Expected an expression, but found nothing.")
    if len(source) > MAX_SOURCE_CHARACTERS:
        raise ExpressionError(f"Expected at most {MAX_SOURCE_CHARACTERS} characters, but found {len(source)}.")
    _check_tokens(source)
    tree = _python_tree(source)
    _Checker(source, functions).visit(tree, 1)
    return tree


def _check_tokens(source: str) -> None:
    position = depth = 0
    while position < len(source):
        token = _TOKEN.match(source, position)
        if token is None:
            raise ExpressionError(f"Unexpected character {source[position]!r}.", position + 1)
        if token.lastgroup == "operator":
            depth += (token[0] in "([") - (token[0] in ")]")
            if depth > MAX_DEPTH:
                raise ExpressionError("The expression is nested too deeply.", position + 1)
        position = token.end()


def _python_tree(source: str) -> ast.expr:
    flat = re.sub(r"[\t\r\n]", " ", source)
    indent = len(flat) - len(flat.lstrip(" "))
    try:
        tree = ast.parse(flat.strip(" "), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(
            "The expression is not complete or not well formed.", indent + (error.offset or 1)
        ) from None
    except (ValueError, MemoryError, RecursionError, OverflowError):
        raise ExpressionError("The expression cannot be read.") from None
    return tree


class _Checker:
    """Walks the tree once; `count` bounds its size, `depth` its nesting."""

    def __init__(self, source: str, functions: frozenset[str]) -> None:
        self.source = source
        self.functions = functions
        self.count = 0

    def refuse(self, node: ast.expr, reason: str) -> NoReturn:
        raise ExpressionError(reason, column_of(self.source, node))

    def visit(self, node: ast.expr, depth: int) -> None:
        self.count += 1
        if depth > MAX_DEPTH:
            self.refuse(node, "The expression is nested too deeply.")
        if self.count > MAX_NODES:
            self.refuse(node, "The expression has too many parts.")
        for child in self.children(node):
            self.visit(child, depth + 1)

    def children(self, node: ast.expr) -> list[ast.expr]:
        """The operands of an allowed node; anything else is refused."""
        match node:
            case ast.Name():
                return []
            case ast.Constant(value=value):
                return self.check_literal(node, value)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return self.check_items(items)
            case ast.BoolOp(values=values):
                return values
            case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
                return [operand]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return [test, body, orelse]
            case ast.Compare():
                return self.check_comparison(node)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _ARITHMETIC):
                return [left, right]
            case ast.Call():
                return self.check_call(node)
        self.refuse(node, f"{_english(node)} is not allowed here.")

    def check_literal(self, node: ast.expr, value: object) -> list[ast.expr]:
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return []
        if isinstance(value, int | float) and abs(value) <= MAX_NUMBER:
            return []
        self.refuse(node, f"Expected a number of at most {MAX_NUMBER}, a text, True, False or None.")

    def check_items(self, items: list[ast.expr]) -> list[ast.expr]:
        for item in items:
            if not is_literal(item):
                self.refuse(item, "A list may hold literals only.")
        return items

    def check_comparison(self, node: ast.Compare) -> list[ast.expr]:
        for op, right in zip(node.ops, node.comparators, strict=True):
            if not isinstance(op, _COMPARISONS):  # pragma: no cover - Python has no others today.
                self.refuse(node, "This comparison is not allowed.")
            if isinstance(op, ast.Is | ast.IsNot) and not _is_singleton(right):
                self.refuse(right, "`is` compares with None, True or False only.")
            if isinstance(op, ast.In | ast.NotIn) and not isinstance(right, ast.Tuple | ast.List | ast.Name):
                self.refuse(right, "`in` needs a list of literals or a name on its right.")
        return [node.left, *node.comparators]

    def check_call(self, node: ast.Call) -> list[ast.expr]:
        if not isinstance(node.func, ast.Name) or node.func.id not in self.functions:
            allowed = ", ".join(sorted(self.functions)) or "none"
            self.refuse(node, f"Only these functions may be called here: {allowed}.")
        for keyword in node.keywords:
            if keyword.arg is None:
                self.refuse(keyword.value, "Arguments must be written out one by one.")
        return [*node.args, *(keyword.value for keyword in node.keywords)]


def is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
        return isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return isinstance(node, ast.Constant)


def literal(node: ast.expr) -> object:
    """The value of a node for which `is_literal` holds."""
    return ast.literal_eval(node)


def _is_singleton(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and any(node.value is value for value in _SINGLETONS)


def column_of(source: str, node: ast.expr) -> int:
    """Characters from 1 in the source as given; Python counts UTF-8 bytes after the leading blanks."""
    indent = len(source) - len(source.lstrip())
    ahead = source.lstrip().encode("utf-8", "surrogatepass")[: node.col_offset]
    return indent + len(ahead.decode("utf-8", "replace")) + 1


def _english(node: ast.expr) -> str:
    words = {
        ast.Attribute: "A dot after a name",
        ast.Subscript: "An index in brackets",
        ast.Lambda: "A lambda",
        ast.Starred: "A star",
        ast.ListComp: "A comprehension",
        ast.GeneratorExp: "A comprehension",
        ast.BinOp: "This arithmetic",
        ast.Await: "`await`",
        ast.Yield: "`yield`",
    }
    return words.get(type(node), f"`{type(node).__name__}`")
