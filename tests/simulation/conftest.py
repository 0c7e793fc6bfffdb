"""A small simulated county, made once for all tests of this folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from service.main import build
from simulation.running import County, folder_of, simulate

CASES, DAYS, SEED, LOOK = 60, 60, 11, timedelta(minutes=5)


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its data."""
    data = tmp_path_factory.mktemp("simulated")
    simulate(build, data, County(SEED, CASES, DAYS, look=LOOK))
    return folder_of(data, SEED, adaptive=False)
