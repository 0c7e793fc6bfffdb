"""SpiffWorkflow as its documentation uses it: the library's serializer, one JSON text a case, kept at each step.

`python -m bench.rivals.spiff FOLDER bare|ours`: five steps in a row, or the product's own diagram with its timers. No
forms, history, materials, fees, and no rows for what is due.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG
from SpiffWorkflow.spiff.specs.defaults import NoneTask
from SpiffWorkflow.util.task import TaskState

from bench.rivals.talking import DIAGRAM, STEPS, open_database, talk

PROCESSES = Path(__file__).parents[2] / "processes"
DIAGRAMS = {
    "bare": ("licence", [DIAGRAM]),
    "ours": (
        "hazardous_chemicals_licence",
        [PROCESSES / "power_items/hazardous_chemicals_licence.bpmn", *sorted((PROCESSES / "shared").glob("*.bpmn"))],
    ),
}


class Operation(NoneTask):  # type: ignore[misc]
    """A service task that only passes: what the product would do there is left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manual = False


class Parser(SpiffBpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("serviceTask"): (SpiffTaskParser, Operation),
    }


def some_days(count: float, since: object = None) -> str:
    """Stands for every function of the timers; calendars are the product's own."""
    return (datetime.now(UTC) + timedelta(days=count)).isoformat()


class Rival:
    """One table: a case and its workflow as JSON."""

    def __init__(self, folder: Path, diagram: str) -> None:
        self._database = open_database(folder / f"spiff-{diagram}.db")
        self._database.execute("CREATE TABLE workflow (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")
        config = BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, Operation: BpmnTaskSpecConverter})
        self._serializer = BpmnWorkflowSerializer(config)
        functions = dict.fromkeys(("working_days", "natural_days", "office_hours", "hours"), some_days)
        self._scripts = PythonScriptEngine(environment=TaskDataEnvironment(functions))
        key, files = DIAGRAMS[diagram]
        parser = Parser()
        parser.add_bpmn_files([str(file) for file in files])
        self._spec, self._subspecs = parser.get_spec(key), parser.get_subprocess_specs(key)

    def start(self, given: dict[str, Any]) -> int:
        workflow = BpmnWorkflow(self._spec, self._subspecs, script_engine=self._scripts)
        workflow.do_engine_steps()
        # Dates that the product sets by itself and the diagram's timers count from.
        today = datetime.now(UTC).date().isoformat()
        dates = dict.fromkeys(("received_on", "accepted_on", "decided_on"), today)
        self._complete(workflow, STEPS[0], {**dates, **given})
        self._database.execute("BEGIN IMMEDIATE")
        state = self._serializer.serialize_json(workflow)
        case_id = self._database.execute("INSERT INTO workflow (state) VALUES (?)", (state,)).lastrowid
        self._database.execute("COMMIT")
        return int(case_id or 0)

    def complete(self, case_id: int, step: str, given: dict[str, Any]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        row = self._database.execute("SELECT state FROM workflow WHERE id = ?", (case_id,)).fetchone()
        workflow = self._serializer.deserialize_json(row[0])
        workflow.script_engine = self._scripts
        self._complete(workflow, step, given)
        state = self._serializer.serialize_json(workflow)
        self._database.execute("UPDATE workflow SET state = ? WHERE id = ?", (state, case_id))
        self._database.execute("COMMIT")

    def _complete(self, workflow: Any, step: str, given: dict[str, Any]) -> None:
        ready = workflow.get_tasks(state=TaskState.READY, manual=True)
        task = next(each for each in ready if each.task_spec.bpmn_id == step)
        task.data.update(given)
        task.run()
        workflow.do_engine_steps()


if __name__ == "__main__":
    talk(Rival(Path(sys.argv[1]), sys.argv[2]))
