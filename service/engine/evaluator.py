"""The script engine that SpiffWorkflow is given: closed expressions only, no scripts at all."""

from __future__ import annotations

from typing import Any, NoReturn

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from service.engine.model import TIMER_FUNCTIONS
from service.expressions import compile_expression


class NoPython(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Where SpiffWorkflow goes past its engine, as it does for correlations, it finds nothing that runs Python."""

    def evaluate(self, expression: Any, context: Any, external_context: Any = None) -> NoReturn:
        raise PermissionError("Expected a closed expression, but found one that Python would evaluate")

    def execute(self, script: Any, context: Any, external_context: Any = None) -> NoReturn:
        raise PermissionError("Expected a diagram without scripts, but found one")

    def call_service(self, context: Any, **kwargs: Any) -> NoReturn:
        raise PermissionError("Expected an operation of the service, but found a call by the library")


class ClosedScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """Evaluates through `service.expressions` with the case's variables, derived variables and facts."""

    def __init__(self) -> None:
        super().__init__(NoPython())

    def evaluate(self, task: Any, expression: Any, external_context: Any = None) -> Any:
        workflow = task.workflow.top_workflow
        compiled = compile_expression(str(expression).strip(), functions=TIMER_FUNCTIONS)
        return compiled.evaluate(workflow.lookup, workflow.host.call)

    def execute(self, task: Any, script: str, external_context: Any = None) -> NoReturn:
        raise PermissionError("Expected a diagram without scripts, but found one")


ENGINE = ClosedScriptEngine()
