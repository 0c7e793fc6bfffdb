"""Installs the Debian packages that tests need, where absent and this user may: `python -m tests.setup_packages`.

Without permission it says so in one line and ends with 0, since the tests in question are skipped; under CI=true, 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.servers.programs import missing_packages


def main() -> int:
    missing = missing_packages()
    if not missing:
        return 0
    rights = may_install()
    if rights is not None:
        say(f"installing {', '.join(missing)} from Debian's packages; this takes some minutes")
        install(missing, rights)
    still = missing_packages()
    if still:
        say(f"not installed: {', '.join(still)}" + ("" if rights is not None else " (it takes root or sudo)"))
    return 1 if still and os.environ.get("CI") == "true" else 0


def may_install() -> list[str] | None:
    """What to put before apt-get, or None when this user may not install, or this is no Debian."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    granted = shutil.which("sudo") and subprocess.run([*sudo, "true"], capture_output=True).returncode == 0
    return sudo if granted else None


def install(packages: list[str], rights: list[str]) -> None:
    """Whether it worked is seen by looking for the programs again; apt's own words are shown."""
    apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--quiet", "--yes"]
    subprocess.run([*apt, "update"], stdin=subprocess.DEVNULL)
    subprocess.run([*apt, "install", "--no-install-recommends", *packages], stdin=subprocess.DEVNULL)


def say(text: str) -> None:
    print(f"packages: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
