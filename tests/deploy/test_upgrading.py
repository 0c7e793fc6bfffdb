"""A rolling upgrade: expand, run old and new programs side by side on one database, contract when the old are gone."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from service.clock import real_now
from service.database.revision import MIGRATIONS, newest, required, revisions, schema_trouble
from service.database.session import create_database_engine, reading, transaction
from service.database.upgrading import upgrade, upgrade_by_steps
from service.worker.sweeping import sweep
from tests.cli.product import Product, product
from tests.deploy.conftest import office_on
from tests.service_fixtures import APPLICANT
from tests.worker.processes import MINGJING, ROOT, environment, make_due, told, wait_until

ITEM = "LJ-YJ-XK-001"
EXPAND = '''"""Tell by which channel a case came."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0900", "{newest}"
kind = "expand"
def upgrade() -> None:
    op.add_column("case", sa.Column("channel", sa.String(20), server_default="counter", nullable=False))
'''
CONTRACT = '''"""Forget what nobody uses."""
from alembic import op
revision, down_revision = "0901", "0900"
kind = "contract"
def upgrade() -> None:
    op.drop_column("case", "channel")
'''
# Operations of alembic that programs of the last release cannot live with.
# Looked at one by one: what these ask of `execute`, `alter_column` and `drop_constraint` takes nothing away.
ONLY_EXPANDS = {
    "0025": "reads items",
    "0028": "adds rows to its new table",
    "0031": "lets columns be NULL",
    "0046": "fills its new column",
    "0052": "lets more rows stand beside each other",
}
CONTRACTS = {"drop_table", "drop_column", "drop_constraint", "drop_index", "rename_table", "alter_column", "execute"}


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of the next release, and of the one after it."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "0900_channel.py").write_text(EXPAND.format(newest=newest()))
    (folder / "versions" / "0901_forget.py").write_text(CONTRACT)
    return folder


def test_a_program_runs_ahead_of_its_schema_never_and_behind_it_until_the_schema_contracts(
    newer: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'mingjing.db'}"
    engine = create_database_engine(url)
    assert "but found None: run mingjing db upgrade" in schema_trouble(engine)
    upgrade(url)
    assert schema_trouble(engine) == ""
    assert "revision 0900 or later" in schema_trouble(engine, newer), "the new program waits for what it needs"
    assert [one.number for one in upgrade_by_steps(url, expand_only=True, migrations=newer)] == ["0900"]
    assert schema_trouble(engine) == schema_trouble(engine, newer) == "", "both may run"
    assert [(one.number, one.kind) for one in upgrade_by_steps(url, migrations=newer)] == [("0901", "contract")]
    assert schema_trouble(engine, newer) == ""
    assert "start the newer program" in schema_trouble(engine)
    assert upgrade_by_steps(url, migrations=newer) == upgrade_by_steps(url) == []
    engine.dispose()


def test_the_commands_say_what_they_did_and_refuse_a_schema_that_does_not_serve(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'mingjing.db'}"

    def mingjing(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *MINGJING, *arguments]
        return subprocess.run(command, env=environment(tmp_path, url), cwd=ROOT, capture_output=True, text=True)

    first = json.loads(mingjing("db", "upgrade", "--expand", "--format", "json").stdout)
    assert first["revision"] == newest()
    assert [one["revision"] for one in first["applied"]] == [one.number for one in revisions()]
    assert {one["kind"] for one in first["applied"]} == {"expand"}
    engine = create_database_engine(url)
    with transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    behind = mingjing("serve", "--port", "0")
    assert behind.returncode == 1
    assert f"Expected the database at revision {required()} or later, but found 0001" in behind.stderr


def operations(source: str) -> set[str]:
    """Names of what a migration asks of `op` or of a batch."""
    return {
        node.func.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def test_a_migration_that_takes_something_away_says_that_it_contracts() -> None:
    assert operations(CONTRACT) & CONTRACTS
    assert not operations(EXPAND) & CONTRACTS
    for one in revisions():
        (path,) = (MIGRATIONS / "versions").glob(f"{one.number}_*.py")
        asked = operations(path.read_text("utf-8")) & CONTRACTS
        if asked and not (one.number in ONLY_EXPANDS and asked <= {"execute", "alter_column", "drop_constraint"}):
            assert one.kind == "contract", f'{path.name} needs the line kind = "contract"'


@pytest.fixture
def both(postgresql_url: str, newer: Path, tmp_path: Path) -> Iterator[tuple[Product, Product]]:
    """The old program and the new one on one database that has been expanded."""
    upgrade_by_steps(postgresql_url, expand_only=True, migrations=newer)
    told = {"MINGJING_DATABASE_URL": postgresql_url, "MINGJING_SECRET_KEY": "a key that both programs share, long"}
    with (
        product(tmp_path, "serve", "--workers", "1", **told) as old,
        product(
            tmp_path,
            "serve",
            "--workers",
            "1",
            program=["-m", "tests.deploy.newer_program"],
            NEWER_MIGRATIONS=str(newer),
            **told,
        ) as new,
    ):
        for each in (old, new):
            wait_until(lambda each=each: _answers(each))  # type: ignore[misc]
        yield old, new


def _answers(running: Product) -> bool:
    try:
        return running.get("/healthz").status_code == 200
    except requests.ConnectionError:
        return False


@pytest.mark.postgresql
@pytest.mark.slow
def test_old_and_new_programs_work_side_by_side_on_one_database(
    both: tuple[Product, Product], postgresql_url: str, tmp_path: Path
) -> None:
    office = office_on(postgresql_url, tmp_path)
    model = office.start(ITEM)
    body = {"power_item": ITEM, "applicant": APPLICANT, "answers": office.answers("apply", model)}
    numbers = []
    for here, there in (both, both[::-1]):
        clerk = here.sign_in("yj_clerk")  # the session serves both
        given = requests.post(f"{here.url}/api/v1/cases", json=body, headers=clerk, timeout=30)
        assert given.status_code == 201, given.text
        numbers.append(given.json()["number"])
        (task,) = there.get(f"/api/v1/cases/{numbers[-1]}", headers=clerk).json()["user_tasks"]
        for server, act in ((there, "claim"), (here, "release"), (there, "claim")):
            done = requests.post(f"{server.url}/api/v1/user-tasks/{task['id']}/{act}", headers=clerk, timeout=30)
            assert done.status_code == 200, done.text
        assert there.get(f"/api/v1/cases/{numbers[-1]}/history", headers=clerk).json()["total"] >= 4
    make_due(office)
    assert sweep(office.engine, office.services, real_now())
    assert told(office, model), "timers of the old program fire beside the new one"
    with reading(office.engine) as connection:
        channels = connection.execute(text('SELECT DISTINCT channel FROM "case"')).scalars().all()
    assert channels == ["counter"]
    office.expect_a_sound_record()
    office.close()
    office.engine.dispose()
