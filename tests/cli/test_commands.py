"""Each command does what it says and ends with 0 when done, 1 with findings or a refusal, 2 when used wrongly."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pyotp
import pytest
from click.testing import Result
from sqlalchemy import delete, func, select, update

from service import main
from service.database.revision import newest, revision_of
from service.database.session import transaction
from service.database.tables import case, event, person, process_definition
from service.people.sign_in import check_password
from tests.cli.conftest import engine_of
from tests.commands.office import Office

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "processes"
LICENCE = SHIPPED / "power_items" / "hazardous_chemicals_licence.bpmn"
Mingjing = Callable[..., Result]


def all_commands(group: click.Group = main.cli, *path: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from all_commands(command, *path, name)


# What API.md names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [(), *all_commands()], ids=" ".join)
def test_every_command_explains_itself_in_both_languages(mingjing: Mingjing, path: tuple[str, ...]) -> None:
    answer = mingjing(*path, "--help")
    assert answer.exit_code == 0
    words = answer.output
    assert any("一" <= character <= "鿿" for character in words)
    assert "Usage:" in words


def test_the_commands_of_the_interface_are_there() -> None:
    named = {"run", "serve", "worker", "beat", "db upgrade", "demo load", "demo accounts", "lint", "deploy", "openapi"}
    assert named | {"audit verify"} <= {" ".join(path) for path in all_commands()}


@pytest.mark.parametrize("arguments", [("fly",), ("run", "--speed", "9"), ("lint",), ("deploy",), ("db",)])
def test_wrong_use_ends_with_2(mingjing: Mingjing, arguments: tuple[str, ...]) -> None:
    assert mingjing(*arguments).exit_code == 2


def test_a_wrong_setting_is_named(mingjing: Mingjing) -> None:
    answer = mingjing("db", "upgrade", MINGJING_PUBLIC_URL="ftp://somewhere")
    assert answer.exit_code == 2
    assert "MINGJING_PUBLIC_URL" in answer.output


# The database ----------------------------------------------------------------------------------------------------


def test_an_upgrade_tells_the_revision_and_changes_nothing_the_second_time(mingjing: Mingjing, tmp_path: Path) -> None:
    first, second = mingjing("db", "upgrade", "--format", "json"), mingjing("db", "upgrade")
    assert first.exit_code == second.exit_code == 0
    told = json.loads(first.stdout)
    assert (told["revision"], told["applied"][-1]["revision"]) == (newest(), newest())
    engine = engine_of(tmp_path)
    assert revision_of(engine) == newest()
    engine.dispose()


@pytest.mark.parametrize("arguments", [("audit", "verify"), ("demo", "load"), ("deploy", LICENCE), ("worker",)])
def test_a_database_that_is_not_up_to_date_is_refused(mingjing: Mingjing, arguments: tuple[str, ...]) -> None:
    answer = mingjing(*arguments)
    assert answer.exit_code == 1
    assert "mingjing db upgrade" in answer.stderr


# The demo county -------------------------------------------------------------------------------------------------


def test_every_listed_account_can_sign_in_with_its_second_step(mingjing: Mingjing, office: Office) -> None:
    listed = json.loads(mingjing("demo", "accounts", "--format", "json").stdout)
    assert listed["total"] == len(listed["items"]) == len(office.ids)
    with transaction(office.engine) as connection:
        for account in listed["items"][::13]:
            person_id = check_password(connection, account["username"], account["password"])
            assert person_id == office.ids[account["username"]]
            stored = connection.execute(select(person.c.totp_secret).where(person.c.id == person_id)).scalar_one()
            assert pyotp.TOTP(account["totp_secret"]).now() == pyotp.TOTP(stored).now()
            held = {(h.post, h.department) for h in office.actor(account["username"]).holdings}
            assert held == {(post, account["department"]) for post in account["posts"]}
            assert account["role"] in account["posts"]


def test_accounts_are_a_table_with_whole_cells(mingjing: Mingjing) -> None:
    lines = mingjing("demo", "accounts").stdout.splitlines()
    assert lines[0].split() == ["username", "password", "name", "department", "posts", "role", "totp_secret"]
    assert all(len(line.split()[-1]) == 32 for line in lines[1:])


def test_the_demo_county_is_not_loaded_over_somebody(mingjing: Mingjing, office: Office) -> None:
    before = office.everything()
    answer = mingjing("demo", "load")
    assert answer.exit_code == 1
    assert "empty database" in answer.stderr
    assert office.everything() == before


# Diagrams --------------------------------------------------------------------------------------------------------


def broken(folder: Path) -> Path:
    """The safety licence with a flow that leads nowhere."""
    copy = folder / LICENCE.name
    copy.write_text(LICENCE.read_text("utf-8").replace('targetRef="formal_check"', 'targetRef="nowhere"'), "utf-8")
    assert copy.read_bytes() != LICENCE.read_bytes()
    return copy


def test_the_shipped_diagrams_have_no_errors(mingjing: Mingjing) -> None:
    answer = mingjing("lint", SHIPPED, "--format", "json")
    assert answer.exit_code == 0, answer.output
    assert [problem for problem in json.loads(answer.stdout)["problems"] if problem["severity"] == "error"] == []


def test_a_broken_diagram_is_told_with_file_element_and_line(mingjing: Mingjing, tmp_path: Path) -> None:
    file = broken(tmp_path)
    answer = mingjing("lint", file, "--format", "json")
    assert answer.exit_code == 1
    problems = json.loads(answer.stdout)["problems"]
    assert {"file", "code", "severity", "element_id", "line", "message", "message_en", "path"} == set(problems[0])
    assert problems[0]["file"] == str(file)
    assert problems[0]["line"]
    words = mingjing("lint", file)
    assert words.exit_code == 1
    assert f"{file}:{problems[0]['line']}: error {problems[0]['code']}" in words.stdout


@pytest.mark.parametrize("text", ["", "<", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"])
def test_what_is_no_diagram_is_told_and_not_tripped_over(mingjing: Mingjing, tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.bpmn").write_text(text)
    answer = mingjing("lint", tmp_path, "--format", "json")
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["problems"]
    assert "root:" not in answer.output


def test_a_folder_without_diagrams_or_a_path_that_is_not_there_is_wrong_use(mingjing: Mingjing, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert mingjing("lint", tmp_path / "empty").exit_code == 2
    assert mingjing("lint", tmp_path / "gone.bpmn").exit_code == 2


def version(office: Office, key: str) -> int:
    found = select(func.max(process_definition.c.version)).where(process_definition.c.key == key)
    return int(office.rows(found)[0][0])


def test_a_changed_diagram_is_deployed_as_the_next_version_and_the_same_one_is_not(
    mingjing: Mingjing, office: Office, tmp_path: Path
) -> None:
    assert mingjing("deploy", LICENCE).exit_code == 0
    assert version(office, LICENCE.stem) == 1
    changed = tmp_path / "power_items" / LICENCE.name
    changed.parent.mkdir()
    changed.write_text(LICENCE.read_text("utf-8").replace("'PT30M'", "'PT45M'"), "utf-8")
    answer = mingjing("deploy", changed, "--format", "json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout) == {"deployed": [{"key": LICENCE.stem, "version": 2}]}
    assert version(office, LICENCE.stem) == 2


def test_all_are_deployed_or_none(mingjing: Mingjing, office: Office, tmp_path: Path) -> None:
    good = tmp_path / "food_business_licence.bpmn"
    shipped = SHIPPED / "power_items" / good.name
    good.write_text(shipped.read_text("utf-8").replace('name="', 'name="新', 1), "utf-8")
    before = office.everything()["process_definition"]
    answer = mingjing("deploy", good, broken(tmp_path), "--format", "json")
    assert answer.exit_code == 1
    assert {problem["file"] for problem in json.loads(answer.stdout)["problems"]} == {str(tmp_path / LICENCE.name)}
    assert office.everything()["process_definition"] == before


def test_the_whole_folder_is_deployed_with_callers_after_what_they_call(mingjing: Mingjing, office: Office) -> None:
    answer = mingjing("deploy", SHIPPED / "power_items", SHIPPED / "shared", "--format", "json")
    assert answer.exit_code == 0, answer.output
    deployed = [each["key"] for each in json.loads(answer.stdout)["deployed"]]
    assert max(map(deployed.index, ("correction", "payment", "delivery"))) < deployed.index(LICENCE.stem)


def test_the_interface_is_printed_as_openapi(mingjing: Mingjing, office: Office) -> None:
    answer = mingjing("openapi")
    assert answer.exit_code == 0, answer.output
    described = json.loads(answer.stdout)
    assert described["openapi"].startswith("3.1")
    assert "/api/v1/cases" in described["paths"]


# The history -----------------------------------------------------------------------------------------------------


def test_sound_histories_are_verified(mingjing: Mingjing, office: Office) -> None:
    for _ in range(2):
        office.start("LJ-YJ-XK-001")
    answer = mingjing("audit", "verify", "--format", "json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {"cases": 2, "broken": [], "ledger_entries": 0, "ledger_faults": []}


@pytest.mark.parametrize(("what", "seq"), [("changed", 2), ("last event cut off", 3), ("all events gone", 1)])
def test_a_history_that_somebody_touched_is_named(mingjing: Mingjing, office: Office, what: str, seq: int) -> None:
    touched = office.start("LJ-YJ-XK-001")
    office.start("LJ-YJ-XK-001")
    of_case = event.c.case_id == office.case(touched).id
    last = office.rows(select(func.max(event.c.seq)).where(of_case))[0][0]
    seq = last if what == "last event cut off" else seq
    with transaction(office.engine) as connection:
        connection.execute(
            {
                "changed": update(event).where(of_case, event.c.seq == 2).values(payload="{}", kind="nothing"),
                "last event cut off": delete(event).where(of_case, event.c.seq == last),
                "all events gone": delete(event).where(of_case),
            }[what]
        )
    answer = mingjing("audit", "verify", "--format", "json")
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    assert (told["cases"], told["broken"]) == (2, [{"case": touched, "seq": seq}])
    assert touched in mingjing("audit", "verify").stdout


def test_an_event_that_somebody_added_is_found(mingjing: Mingjing, office: Office) -> None:
    number = office.start("LJ-YJ-XK-001")
    last = office.history()[-1]["seq"]
    with transaction(office.engine) as connection:
        connection.execute(update(case).values(event_seq=last - 1))
    assert json.loads(mingjing("audit", "verify", "--format", "json").stdout)["broken"] == [
        {"case": number, "seq": last}
    ]


# Where it listens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "serve"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.invalid"])
def test_a_testing_clock_is_for_this_machine_alone(mingjing: Mingjing, command: str, host: str) -> None:
    answer = mingjing(command, "--testing", "--host", host, "--port", 0)
    assert answer.exit_code == 2
    assert "loopback" in answer.stderr


def test_testing_set_by_the_environment_is_for_this_machine_alone_too(mingjing: Mingjing) -> None:
    assert mingjing("run", "--host", "0.0.0.0", "--port", 0, MINGJING_TESTING="1").exit_code == 2


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_port_in_use_is_told_before_anything_is_started(mingjing: Mingjing, tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = mingjing(command, "--port", taken.getsockname()[1])
    assert answer.exit_code == 1
    assert "--port" in answer.stderr
    assert not (tmp_path / "mingjing.db").exists()
