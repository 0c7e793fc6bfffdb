"""Every direct dependency is explained and pinned, and no lock names a host or a path of the machine that made it."""

from __future__ import annotations

import re

import pytest

from tests.architecture.reading import ROOT

FOLDER = ROOT / "requirements"


def direct(name: str) -> set[str]:
    lines = (FOLDER / f"{name}.in").read_text().splitlines()
    return {re.split(r"[\[=<>~! ]", line)[0] for line in lines if line and not line.startswith(("-", "#"))}


def normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(name: str) -> dict[str, str]:
    lines = (FOLDER / f"{name}.txt").read_text().splitlines()
    pins = [re.match(r"([A-Za-z0-9._-]+)(?:\[.*?\])?==([^ ;\\]+)", line) for line in lines]
    return {normal(pin[1]): pin[2] for pin in pins if pin}


@pytest.mark.parametrize("name", ["run", "dev", "bench"])
def test_every_direct_dependency_has_its_reason_and_licence(name: str) -> None:
    rows = [
        line.split("|") for line in (ROOT / "docs/dependencies.md").read_text().splitlines() if line.startswith("|")
    ]
    explained = {normal(row[1].strip()) for row in rows if row[2].strip() and row[3].strip()}
    assert {normal(each) for each in direct(name)} <= explained


@pytest.mark.parametrize("name", ["run", "dev", "bench"])
def test_every_direct_dependency_is_pinned_with_hashes(name: str) -> None:
    assert {normal(each) for each in direct(name)} <= set(pinned(name))
    text = (FOLDER / f"{name}.txt").read_text()
    assert text.count("--hash=sha256:") >= len(pinned(name))


def test_what_is_installed_for_work_is_what_runs() -> None:
    run, dev = pinned("run"), pinned("dev")
    assert {name: dev[name] for name in run} == run


@pytest.mark.parametrize("name", ["run", "dev", "bench"])
def test_a_lock_names_no_host_and_no_path_of_a_machine(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text()
    assert not re.search(r"https?://|--index-url|--find-links|@ file|^/", text, re.MULTILINE)
