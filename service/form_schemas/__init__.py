"""Forms on the server: reads form-js schemas, refuses what a form must not hold, checks every answer again.

What the browser checks is a courtesy; what this package checks is the rule.
"""

from service.form_schemas.form import CompiledForm, compile_form, compile_form_document
from service.form_schemas.hides import with_generated_hides
from service.form_schemas.problems import FieldProblem, Words, message
from service.form_schemas.schema import FormSchemaError
from service.form_schemas.words import localised

__all__ = [
    "CompiledForm",
    "FieldProblem",
    "FormSchemaError",
    "Words",
    "compile_form",
    "compile_form_document",
    "localised",
    "message",
    "with_generated_hides",
]
