"""The script engine that SpiffWorkflow is given: closed expressions only, no scripts at all."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from service.engine.model import TIMER_FUNCTIONS
from service.expressions import compile_expression


class ClosedScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """Evaluates through `service.expressions` with the case's variables, derived variables and facts."""

    def evaluate(self, task: Any, expression: Any, external_context: Any = None) -> Any:
        workflow = task.workflow.top_workflow
        compiled = compile_expression(str(expression).strip(), functions=TIMER_FUNCTIONS)
        return compiled.evaluate(workflow.lookup, workflow.host.call)

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        raise PermissionError("Expected a diagram without scripts, but found one")


ENGINE = ClosedScriptEngine()
