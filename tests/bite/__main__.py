"""``make bite``: breaks the product in a copy of it, one way after another, and says which test noticed.

A breakage that no test notices ends the run with 1. ``make bite ONLY=claim`` runs those whose name has the word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bite.breakages import BREAKAGES, ROOT, Breakage, broken

_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", "*.egg-info")


def main(word: str = "") -> int:
    """Run the breakages whose name has this word; the number of those that nobody noticed."""
    chosen = [one for one in BREAKAGES if word in one.name]
    unnoticed = 0
    with tempfile.TemporaryDirectory(prefix="dunnock-bite-") as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
        for one in chosen:
            noticed = _noticed_by(copy, one)
            unnoticed += not noticed
            print(f"{'noticed by ' + noticed if noticed else 'NOT NOTICED':<90} {one.name}", flush=True)
    print(f"{len(chosen) - unnoticed} of {len(chosen)} breakages were noticed.")
    return unnoticed


def _noticed_by(copy: Path, one: Breakage) -> str:
    """The first test that fails with this breakage; empty when all pass."""
    file = copy / one.file
    whole = file.read_text()
    file.write_text(broken(one, whole))
    try:
        return _first_failure(copy, one.tests)
    finally:
        file.write_text(whole)


def _first_failure(copy: Path, tests: tuple[str, ...]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-n", "2", "--tb", "no", *tests],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"pytest could not run {tests}:\n{done.stdout}\n{done.stderr}")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return failed[0].split()[1] if failed else ""


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:2]) else 0)
