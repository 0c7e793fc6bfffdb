"""The closed evaluator: one grammar for gateways, timers, form conditions, field rules, material conditions and fees.

It has Python's look and none of its reach: names, literals, comparisons, logic and bounded arithmetic.
"""

from service.expressions.evaluation import Expression, compile_expression
from service.expressions.feel import to_feel
from service.expressions.grammar import ExpressionError

__all__ = ["Expression", "ExpressionError", "compile_expression", "to_feel"]
