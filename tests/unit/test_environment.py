"""The set-up of a checkout: what it decides, tried on folders of our own."""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy import environment
from tests import setup_packages
from tests.servers.programs import PROGRAMS, Program

EMPTY_LOCK = "# nothing is needed\n"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with pip, which takes seconds to make."""
    folder = tmp_path_factory.mktemp("made") / ".venv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "VENV", folder)
        patch.setattr(environment, "PYTHON", folder / "bin/python")
        environment.make_environment()
    return folder


@pytest.fixture
def checkout(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose lock names nothing, with a copy of the virtual environment; no network is used."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv/bin/python")
    shutil.copytree(made_once, tmp_path / ".venv", symlinks=True)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/run.txt").write_text(EMPTY_LOCK)
    (tmp_path / "service").mkdir()
    (tmp_path / "service/main.py").write_text("def cli():\n    print('the command runs')\n")
    return tmp_path


def test_a_python_that_is_too_old_is_refused_by_its_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "LEAST", (3, 99))
    assert environment.main(["run"]) == 1
    assert "Expected Python 3.99 or newer" in capsys.readouterr().err


def test_the_environment_is_kept_when_its_python_is_the_same(checkout: Path) -> None:
    (checkout / ".venv/kept").touch()
    environment.make_environment()
    assert (checkout / ".venv/kept").exists()


def test_the_environment_is_made_again_when_its_python_is_gone_even_without_ensurepip(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / ".venv/old").touch()
    (checkout / ".venv/bin/python").unlink()
    succeeds = environment.succeeds

    def as_on_a_debian_without_python3_venv(command: list[str | Path], *, quiet: bool = False) -> bool:
        return (command[1:3] != ["-m", "venv"] or "--without-pip" in command) and succeeds(command, quiet=quiet)

    monkeypatch.setattr(environment, "succeeds", as_on_a_debian_without_python3_venv)
    environment.make_environment()
    assert not (checkout / ".venv/old").exists()
    environment.install("run")
    assert (checkout / ".venv/installed-run").exists()


def test_packages_are_installed_again_only_when_their_lock_has_changed(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.install("run")
    assert (checkout / ".venv/installed-run").read_text() == hashlib.sha256(EMPTY_LOCK.encode()).hexdigest()
    capsys.readouterr()
    environment.install("run")
    assert capsys.readouterr().err == ""
    (checkout / "requirements/run.txt").write_text(EMPTY_LOCK * 2)
    environment.install("run")
    assert "installing" in capsys.readouterr().err


def test_a_package_without_a_hash_stops_the_set_up_and_is_tried_again(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = checkout / "thing-1.0-py3-none-any.whl"
    package.write_bytes(b"not looked into, since its hash is missing")
    (checkout / "requirements/run.txt").write_text(f"{package}\n")
    with pytest.raises(environment.SetUpFailed, match="Expected pip to install"):
        environment.install("run")
    assert "hashes" in capsys.readouterr().err
    assert not (checkout / ".venv/installed-run").exists()


def test_the_command_runs_from_any_folder_with_the_sources_of_the_checkout(checkout: Path) -> None:
    environment.link()
    command = [str(checkout / ".venv/bin/mingjing")]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, cwd="/", env=clean, capture_output=True, text=True)
    assert ran.stdout == "the command runs\n", ran.stderr


def test_without_apt_nobody_may_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert setup_packages.may_install() is None


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_what_cannot_be_installed_is_said_in_one_line_and_fails_only_in_ci(
    ci: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setitem(PROGRAMS, "browser", Program("chromium", lambda: None))
    monkeypatch.setattr(setup_packages, "may_install", lambda: None)
    assert setup_packages.main() == code
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "chromium" in said


def test_an_old_python_gets_as_far_as_saying_that_it_is_too_old() -> None:
    ast.parse(Path(environment.__file__).read_text(), feature_version=(3, 7))
