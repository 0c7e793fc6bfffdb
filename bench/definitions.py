"""Definitions: a county's 5,710 diagrams in the database, opened one after the other through the bounded cache."""

from __future__ import annotations

import json
import subprocess
import sys

from sqlalchemy import insert, select

from bench.bureau import Bureau, bureau
from bench.record import Findings, Options, Target
from service.database.session import transaction
from service.database.tables import called_diagram, form_schema, process_definition

# The items of the county that the paper describes.
DEFINITIONS = 5710
# More than the cache holds, so that it has let go of as many again.
OPENED = 750
MOST_MB = 150.0


def measure(options: Options) -> Findings:
    """Opening them all takes minutes: `--rounds 5710`. Memory is that of a process that has done nothing else."""
    opened = min(options.rounds or OPENED, DEFINITIONS)
    with bureau(options.database, durable=False) as office:
        deploy(office)
        held = _in_a_process(office, opened)
        database = office.database
    row = {"database": database, "definitions": DEFINITIONS, "opened": opened, **held}
    target = Target(f"{DEFINITIONS} definitions through a cache of {held['held']}", "MB in all", MOST_MB, held["mb"])
    return Findings([row], [target], options={"definitions": DEFINITIONS, "opened": opened})


def deploy(office: Bureau) -> None:
    """Each shipped diagram of an item again and again, as a process of its own name with forms of its own."""
    with transaction(office.engine) as connection:
        shipped = connection.execute(select(process_definition).where(process_definition.c.kind == "item")).all()
        forms = {
            d.id: connection.execute(select(form_schema).where(form_schema.c.definition_id == d.id)) for d in shipped
        }
        parts = {
            d.id: (
                [r._asdict() for r in forms[d.id]],
                [
                    r._asdict()
                    for r in connection.execute(select(called_diagram).where(called_diagram.c.definition_id == d.id))
                ],
            )
            for d in shipped
        }
        for number in range(DEFINITIONS - len(shipped)):
            source = shipped[number % len(shipped)]
            row = {**source._asdict(), "id": 1000 + number, "key": f"{source.key}_{number}"}
            row["xml"] = source.xml.replace(source.key.encode(), row["key"].encode())
            connection.execute(insert(process_definition), row)
            forms_of, called = parts[source.id]
            own = [{**form, "content": {**form["content"], "id": f"{form['form_key']}_{number}"}} for form in forms_of]
            for table, rows in ((form_schema, own), (called_diagram, called)):
                if rows:
                    connection.execute(insert(table), [{**each, "definition_id": row["id"]} for each in rows])


def _in_a_process(office: Bureau, opened: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.definitions_held", office.url, str(office.folder), str(opened)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
