"""Rules and dashboard ask for metrics that there are, and every alert has its section in the runbook."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from service import metrics
from tests.conftest import require
from tests.servers.programs import installed
from tests.service_fixtures import Office
from tests.service_fixtures import founded_county as founded_county
from tests.service_fixtures import office as office

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/monitoring"
_METRIC = re.compile(r"\bmingjing_[a-z_]+")
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
    return found


def asked() -> Iterator[str]:
    for rule in rules():
        yield rule["expr"]
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


def exported(office: Office) -> set[str]:
    """Families by the names that stand in expressions, without the parts of histograms."""
    page = office.client().get("/metrics").get_data(as_text=True)
    names = {line.split()[2] for line in page.splitlines() if line.startswith("# TYPE ")}
    return {name for name in names if not name.endswith("_created")}


def test_every_metric_that_is_asked_for_is_exported(office: Office) -> None:
    office.start()  # Counters are there from the first time that they count.
    metrics.message_done("sms", "sent")
    wanted = {_SUFFIX.sub("", name) for expr in asked() for name in _METRIC.findall(expr)}
    assert len(wanted) > 12
    assert wanted - exported(office) == set()


def test_every_metric_of_our_own_is_looked_at(office: Office) -> None:
    wanted = {_SUFFIX.sub("", name) for expr in asked() for name in _METRIC.findall(expr)}
    assert {name for name in exported(office) if name.startswith("mingjing_")} - wanted == set()


def test_every_alert_has_its_section_and_leads_there() -> None:
    runbook = (ROOT / "docs/operations.md").read_text("utf-8")
    sections = re.findall(r"^### (\w+)$", runbook, re.MULTILINE)
    assert sections == [rule["alert"] for rule in rules()]
    for rule in rules():
        section = runbook.partition(f"### {rule['alert']}\n")[2].partition("\n### ")[0]
        assert all(f"**{word}" in section for word in ("Means", "Look at", "Do")), rule["alert"]
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("warning", "critical") and rule["for"]


def test_the_scrape_configuration_names_the_rules_and_the_path(office: Office) -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yaml").read_text("utf-8"))
    assert all((FOLDER / name).is_file() for name in config["rule_files"])
    (job,) = config["scrape_configs"]
    assert office.client().get(job["metrics_path"]).status_code == 200
    assert f'job="{job["job_name"]}"' in rules()[0]["expr"]


def test_the_dashboards_panels_lie_beside_each_other() -> None:
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in dashboard()["panels"]]
    assert len(set(places)) == len(places) > 12
    assert len({p["id"] for p in dashboard()["panels"]}) == len(places)


def test_promtool_takes_rules_and_configuration(tmp_path: Path) -> None:
    require("promtool")
    promtool = installed("promtool")
    checked = subprocess.run([promtool, "check", "rules", FOLDER / "alerts.yaml"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
