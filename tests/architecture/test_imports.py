"""The import contracts hold, and they fail when broken: tried on a small house of our own with one wrong import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECK = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def check_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CHECK, "--config", str(ROOT / ".importlinter"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PYTHONPATH": str(folder)})


def build_house(folder: Path, files: dict[str, str]) -> None:
    sound = {
        "service/__init__.py": "",
        "service/main.py": "import supervision.watch\nimport service.web\n",
        "service/web/__init__.py": "import service.commands\n",
        "service/commands/__init__.py": "import service.cases\nimport service.engine.run\n",
        "service/cases/__init__.py": "import service.database\n",
        "service/fees/__init__.py": "",
        "service/engine/__init__.py": "",
        "service/engine/run.py": "import SpiffWorkflow\n",
        "service/database/__init__.py": "import service.clock\n",
        "service/clock.py": "",
        "supervision/__init__.py": "",
        "supervision/watch.py": "import service.commands\n",
        "simulation/__init__.py": "import service.commands\n",
    }
    for name, text in (sound | files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def test_every_import_of_the_product_runs_downwards() -> None:
    checked = check_imports(ROOT)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_sound_house_passes(tmp_path: Path) -> None:
    build_house(tmp_path, {})
    checked = check_imports(tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("file", "text", "contract"),
    [
        ("service/database/__init__.py", "import service.cases\n", "The house"),
        ("service/cases/__init__.py", "import service.fees\n", "The house"),
        ("service/engine/run.py", "import SpiffWorkflow\nimport service.cases\n", "The house"),
        ("service/leftovers/__init__.py", "", "The house"),
        ("service/web/__init__.py", "import supervision.watch\n", "Only service.main imports supervision"),
        ("service/cases/__init__.py", "import SpiffWorkflow\n", "Only service.engine imports SpiffWorkflow"),
        ("supervision/watch.py", "import SpiffWorkflow.bpmn\n", "Only service.engine imports SpiffWorkflow"),
        ("supervision/watch.py", "import simulation\n", "Rules know nothing of how breaches are planted"),
        ("simulation/__init__.py", "import supervision.watch\n", "Rules know nothing of how breaches are planted"),
        ("service/web/__init__.py", "import simulation\n", "The product knows nothing of the simulation"),
    ],
    ids=[
        *("upwards", "sibling", "engine-upwards", "unlisted", "supervision", "spiff-in-a-noun", "spiff-in-supervision"),
        *("rules-of-simulation", "simulation-of-rules", "product-of-simulation"),
    ],
)  # fmt: skip
def test_a_wrong_import_breaks_its_contract(file: str, text: str, contract: str, tmp_path: Path) -> None:
    build_house(tmp_path, {file: text})
    checked = check_imports(tmp_path)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    broken = [line for line in checked.stdout.splitlines() if contract in line]
    assert broken, checked.stdout
    assert "BROKEN" in checked.stdout
