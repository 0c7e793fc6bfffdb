"""The files of containers and clusters agree with the schemas of those who read them, and with the program."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from service.settings import read_settings
from tests.worker.processes import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
KUBERNETES = "1.31"
OURS = ("migrate", "web", "worker-timers", "worker-outbox", "beat")


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_compose_file_agrees_with_the_schema_of_compose_files(tmp_path: Path) -> None:
    answer = checked(DEPLOY / "compose.yaml")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((DEPLOY / "compose.yaml").read_text("utf-8").replace("read_only: true", "readonly: true"))
    assert checked(wrong).returncode == 1


@pytest.mark.parametrize("name", [*OURS, "proxy"])
def test_our_containers_write_nowhere_but_in_memory_and_have_no_rights(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and not service["user"].startswith("0")
    assert "volumes" not in service
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])


def test_every_service_that_others_wait_for_tells_its_health() -> None:
    waited = {
        (name, how["condition"])
        for service in COMPOSE["services"].values()
        for name, how in service.get("depends_on", {}).items()
    }
    for name, condition in waited:
        assert "healthcheck" in COMPOSE["services"][name] or condition == "service_completed_successfully", name


def manifests() -> Iterator[dict[str, Any]]:
    listed = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text("utf-8"))["resources"]
    assert {path.name for path in (DEPLOY / "kubernetes").iterdir()} == {*listed, "kustomization.yaml"}
    for name in listed:
        yield from filter(None, yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text("utf-8")))


@pytest.mark.parametrize("manifest", list(manifests()), ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_each_manifest_agrees_with_the_schema_of_its_kind(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**manifest, "metadata": {"nam": "x", "name": 3}}, KUBERNETES, strict=True)


def settings_named() -> set[str]:
    """Every setting of ours that a file of an installation names."""
    found = set(COMPOSE["services"]["web"]["environment"])
    for manifest in manifests():
        found |= set(manifest.get("data", {}) if manifest["kind"] == "ConfigMap" else ())
    return {name for name in found if name.startswith("MINGJING_")}


def test_the_files_name_settings_that_the_program_reads() -> None:
    source = Path(sys.modules[read_settings.__module__].__file__ or "").read_text("utf-8")
    for name in settings_named():
        assert f'"{name.removesuffix("_FILE")}"' in source, name


def test_every_setting_stands_in_the_page_of_installations() -> None:
    source = Path(sys.modules[read_settings.__module__].__file__ or "").read_text("utf-8")
    read = set(re.findall(r'"(MINGJING_[A-Z_]*[A-Z])"', source))
    page = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    assert len(read) > 10
    assert {name for name in read if f"`{name}`" not in page} == set()


def commands() -> Iterator[list[str]]:
    for name in OURS:
        yield COMPOSE["services"][name]["command"]
    for manifest in manifests():
        if manifest["kind"] in ("Deployment", "Job"):
            yield manifest["spec"]["template"]["spec"]["containers"][0]["args"]


def test_the_files_call_commands_that_the_program_has() -> None:
    from click.testing import CliRunner

    from service import main

    for command in commands():
        # --help comes last: whatever stands before it is read, and refused if it is unknown.
        answer = CliRunner().invoke(main.cli, [*command, "--help"])
        assert answer.exit_code == 0, (command, answer.output)


def test_the_image_holds_neither_registries_nor_places_of_one_machine() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    for image in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        assert "." not in image.split("/")[0].split(":")[0], image
    assert not re.search(r"/(home|root|work|Users)/", text)
    assert re.findall(r"^USER (\d+)", text, re.MULTILINE) == ["10001", "101"]
