"""`mingjing openapi`: the interface as it is served."""

from __future__ import annotations

import click

from service.cli.program import Program, pass_program
from service.clock import Clock


@click.command("openapi", short_help="接口说明。The interface as OpenAPI.")
@pass_program
def openapi(program: Program) -> None:
    """输出 OpenAPI 3.1 接口说明（JSON）。Print the interface as OpenAPI 3.1 in JSON."""
    app = program.build(program.settings, Clock()).app
    answer = app.test_client().get("/api/openapi.json")
    if answer.status_code != 200:
        raise click.ClickException(f"Expected the interface, but its address answers {answer.status_code}")
    click.echo(answer.get_data(as_text=True))
