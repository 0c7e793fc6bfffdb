"""`mingjing lint` and `mingjing deploy`: diagrams as files, with the forms and shared diagrams that lie beside them.

A file `processes/<area>/<name>.bpmn` has its forms in `forms/<name>/`; what it calls lies in `processes/shared/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from service.catalogue.item import DEFINITION_KEYS
from service.cli.program import Program, format_option, pass_program, print_json
from service.commands.deploy_definition import DeployDefinition, DiagramRefused, deploy_definition
from service.commands.performing import perform
from service.demo.county import catalogue
from service.modelling.diagram import Diagram
from service.modelling.lint import lint
from service.modelling.problem import Problem
from service.modelling.xml_reading import read_diagram

KINDS = {"shared": "shared", "power_items": "item", "supervision": "order", "office": "office", "extended": "extended"}
_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


@dataclass(frozen=True)
class Drawing:
    """A diagram file, read."""

    path: Path
    xml: bytes
    diagram: Diagram

    @property
    def key(self) -> str | None:
        return self.diagram.processes[0].id if self.diagram.processes else None

    @property
    def called(self) -> set[str]:
        return {node.called for node in self.diagram.nodes if node.called}


@click.command("lint", short_help="检查流程图。Check diagrams.")
@_paths
@format_option
def lint_files(paths: tuple[Path, ...], form: str) -> None:
    """检查流程图文件或目录。Check diagrams, files or folders; exit 1 if one has errors."""
    found = [(drawing, _problems(drawing)) for drawing in _drawings(paths)]
    if form == "json":
        print_json({"problems": [_as_json(drawing, problem) for drawing, each in found for problem in each]})
    else:
        _print_problems(found)
    if any(problem.severity == "error" for _, each in found for problem in each):
        raise click.exceptions.Exit(1)


@click.command("deploy", short_help="部署流程图。Put diagrams into force.")
@_paths
@click.option("--kind", type=click.Choice(sorted(KINDS.values())), help="流程类别，默认按目录。By folder if not said.")
@format_option
@pass_program
def deploy_files(program: Program, paths: tuple[Path, ...], kind: str | None, form: str) -> None:
    """部署流程图，全部成功或全部不部署。Put diagrams into force, all of them or none; exit 1 if one is refused."""
    built = program.start()
    drawings = _callers_last(_drawings(paths))
    at, deployed = built.services.clock.now(), []

    def deploy_all(connection: Any) -> None:
        for drawing in drawings:
            command = DeployDefinition(drawing.xml, _forms(drawing), kind or KINDS.get(drawing.path.parent.name))
            try:
                deployed.append(deploy_definition(connection, built.services, None, command, at))
            except DiagramRefused as refusal:
                raise _Refused(drawing, refusal.problems) from refusal

    try:
        perform(built.engine, deploy_all)
    except _Refused as refused:
        if form == "json":
            print_json({"problems": [_as_json(refused.drawing, problem) for problem in refused.problems]})
        else:
            _print_problems([(refused.drawing, refused.problems)])
        raise click.exceptions.Exit(1) from refused
    if form == "json":
        print_json({"deployed": [asdict(each) for each in deployed]})
    else:
        for each in deployed:
            click.echo(f"{each.key} 第 {each.version} 版已生效。{each.key} version {each.version} is in force.")


class _Refused(Exception):
    def __init__(self, drawing: Drawing, problems: list[Problem]) -> None:
        super().__init__(str(drawing.path))
        self.drawing = drawing
        self.problems = problems


def _drawings(paths: Iterable[Path]) -> list[Drawing]:
    """Every diagram of the files and folders. UsageError (exit 2) for a folder without one."""
    files: list[Path] = []
    for path in paths:
        found = sorted(path.rglob("*.bpmn")) if path.is_dir() else [path]
        if not found:
            raise click.UsageError(f"Expected diagrams (*.bpmn) in {path}, but found none")
        files += found
    return [_read(path) for path in dict.fromkeys(files)]


def _read(path: Path) -> Drawing:
    xml = path.read_bytes()
    return Drawing(path, xml, read_diagram(xml))


def _callers_last(drawings: list[Drawing]) -> list[Drawing]:
    """A diagram is deployed after those that it calls; in a circle, which the linter names, in the order given."""
    ordered: list[Drawing] = []
    waiting = list(drawings)
    while waiting:
        keys = {drawing.key for drawing in waiting}
        ready = [drawing for drawing in waiting if not drawing.called & (keys - {drawing.key})] or waiting
        ordered += ready
        waiting = [drawing for drawing in waiting if drawing not in ready]
    return ordered


def _problems(drawing: Drawing) -> list[Problem]:
    shared = {other.key: other.diagram for other in _shared(drawing) if other.key}
    forms = _forms(drawing) or None
    return lint(drawing.xml, called=shared, forms=forms, materials=_materials(drawing.key))


def _beside(path: Path, name: str) -> Path | None:
    """The nearest folder of that name beside the file or above it."""
    return next((above / name for above in path.resolve().parents if (above / name).is_dir()), None)


def _shared(drawing: Drawing) -> Iterator[Drawing]:
    folder = _beside(drawing.path, "shared")
    return (_read(path) for path in sorted(folder.glob("*.bpmn"))) if folder else iter(())


def _forms(drawing: Drawing) -> dict[str, Mapping[str, Any]]:
    """{form key: schema}. UsageError (exit 2) for a file that is no JSON."""
    folder = _beside(drawing.path, f"forms/{drawing.path.stem}")
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("*.json")) if folder else ():
        try:
            found[path.stem] = json.loads(path.read_text("utf-8"))
        except ValueError as problem:
            raise click.UsageError(f"Expected a form schema in {path}, but it is no JSON: {problem}") from problem
    return found


def _materials(key: str | None) -> set[str] | None:
    """Keys of the materials of the shipped items that follow this diagram."""
    codes = {code for code, definition in DEFINITION_KEYS.items() if definition == key}
    items = [item for item in catalogue()["items"] if item["code"] in codes]
    return {material["key"] for item in items for material in item.get("materials") or ()} or None


def _as_json(drawing: Drawing, problem: Problem) -> dict[str, Any]:
    return {
        "file": str(drawing.path),
        "code": problem.code,
        "severity": problem.severity,
        "element_id": problem.element_id,
        "line": problem.line,
        "message": problem.message_zh,
        "message_en": problem.message_en,
        "path": list(problem.path),
    }


def _print_problems(found: Iterable[tuple[Drawing, list[Problem]]]) -> None:
    errors = warnings = files = 0
    for drawing, problems in found:
        files += 1
        for problem in problems:
            errors += problem.severity == "error"
            warnings += problem.severity != "error"
            place = f"{drawing.path}:{problem.line}" if problem.line else str(drawing.path)
            click.echo(f"{place}: {problem.severity} {problem.code} {problem.element_id or ''}".rstrip())
            click.echo(f"    {problem.message_zh}\n    {problem.message_en}")
            if problem.path:
                click.echo(f"    {' → '.join(problem.path)}")
    click.echo(
        f"{files} 个文件，{errors} 处错误，{warnings} 处警告。{files} files, {errors} errors, {warnings} warnings."
    )
