"""Stopping all mail from the command line, with nothing at hand but the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit import clock, settings
from services import brakes
from services.app import App
from store.models import Organisation
from tests.cli.test_commands import an_organisation, dunnock


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The settings of an installation whose Redis is away."""
    env = {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'd.db'}",
        "REDIS_URL": f"unix://{tmp_path}/no-redis.sock",
    }
    assert dunnock("db", "upgrade", **env).returncode == 0
    return env


@pytest.fixture
def app(home: dict[str, str]) -> Iterator[App]:
    """An installation with one organisation, ``tenant-1``."""
    app = App(settings.load(home))
    with app.database.write_across() as session:
        session.add(an_organisation("tenant-1"))
    yield app
    app.database.close()


def reasons(app: App) -> list[str]:
    with app.database.read("0" * 32) as session:
        organisation = session.get_one(Organisation, "0" * 32)
        return [one.reason for one in brakes.in_force(session, organisation, clock.now())]


@pytest.mark.parametrize("which", [("--all",), ("--organisation", "tenant-1")], ids=["all", "one"])
def test_all_mail_is_stopped_with_a_reason_and_resumed(
    home: dict[str, str], app: App, which: tuple[str, ...]
) -> None:
    stopped = dunnock("stop", *which, "--because", "an incident at the provider", **home)
    assert stopped.returncode == 0 and "All mail is stopped" in stopped.stdout
    (reason,) = reasons(app)
    assert "an incident at the provider" in reason
    assert "Mail leaves again" in dunnock("resume", *which, **home).stdout
    assert reasons(app) == []
    assert "was not stopped" in dunnock("resume", *which, **home).stdout


def test_the_doctor_says_that_all_mail_is_stopped(home: dict[str, str], app: App) -> None:
    assert "brakes" not in dunnock("doctor", **home).stdout
    dunnock("stop", "--all", "--because", "an incident at the provider", **home)
    assert "WARNING  brakes: All mail of this installation is stopped" in dunnock("doctor", **home).stdout


def test_it_is_asked_which_mail_and_why(home: dict[str, str], app: App) -> None:
    assert "or --all" in dunnock("stop", "--because", "why", **home).stderr
    both = dunnock("stop", "--all", "--organisation", "tenant-1", "--because", "why", **home)
    assert both.returncode == 1 and "or --all" in both.stderr
    assert dunnock("stop", "--all", **home).returncode == 2
    assert "Say why" in dunnock("stop", "--all", "--because", " ", **home).stderr
    assert reasons(app) == []
