"""The ground holds: settings are strict, secrets rotate, money is exact, both databases behave alike."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect

from kit import settings
from kit.crypto import SecretBox
from kit.errors import SettingsError, UserError
from kit.redis import connect, stop_embedded
from store.database import Database
from store.migrate import is_current, upgrade
from store.models import Base, Lease
from store.types import SCALE, money


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load({"PORT": "eighty", "SEND_MODE": "yes", "XERO_CLIENT_IDD": "x", "APP_ENV": "production"})
    for name in ("PORT", "SEND_MODE", "XERO_CLIENT_IDD", "XERO_CLIENT_ID?", "SECRET_KEY", "TOKEN_KEYS"):
        assert name in str(caught.value)


def test_a_missing_secret_is_named_by_what_needs_it() -> None:
    with pytest.raises(UserError, match="SENDGRID_API_KEY must be set"):
        settings.load({}).require("sendgrid_api_key")


def test_nothing_is_sent_unless_somebody_says_live() -> None:
    assert settings.load({}).send_mode == "log"


def test_the_clock_can_be_moved_in_the_demo_alone() -> None:
    with pytest.raises(SettingsError, match="DEMO_CLOCK_FILE"):
        settings.load({"DEMO_CLOCK_FILE": "clock"})


def test_a_secret_survives_the_rotation_of_keys_and_not_the_loss_of_its_key() -> None:
    cipher = SecretBox(["old key"]).encrypt("token")
    rotated = SecretBox(["new key", "old key"]).rotate(cipher)
    assert SecretBox(["new key"]).decrypt(rotated) == "token"
    with pytest.raises(UserError, match="TOKEN_KEYS"):
        SecretBox(["new key"]).decrypt(cipher)


@given(st.integers(min_value=-(10**17), max_value=10**17))
def test_money_comes_back_as_it_went_in(stored: int) -> None:
    assert money(stored) * SCALE == stored


def test_money_shows_two_decimals() -> None:
    assert str(money(1_234_500)) == "123.45"


def test_a_change_is_kept_whole_or_not_at_all(database: Database) -> None:
    moment = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    def fail_half_way() -> None:
        with database.write_across() as session:
            session.add(Lease(name="half", holder="x", until=moment))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.write_across() as session:
        session.add(Lease(name="whole", holder="x", until=moment))
    with database.read_across() as session:
        assert session.get(Lease, "half") is None
        whole = session.get(Lease, "whole")
        assert whole is not None and whole.until == moment


def test_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    assert not is_current(database)
    upgrade(database)
    assert is_current(database)
    assert set(Base.metadata.tables) <= set(inspect(database.engine).get_table_names())
    database.close()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_newest_migration_makes_exactly_what_the_models_say(tmp_path: Path) -> None:
    """An index over an expression cannot be read from SQLite, so that one is not compared."""
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    upgrade(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_an_embedded_redis_that_lost_its_keeper_is_kept_again_and_ends(tmp_path: Path) -> None:
    found = settings.load({"VAR_DIR": str(tmp_path)})
    keeper = tmp_path / "redis" / "keeper.pid"
    with connect(found) as client:
        client.set("kept", 1)
    lost = int(keeper.read_text())
    os.kill(lost, signal.SIGKILL)
    eventually(lambda: not alive(lost))
    with connect(found) as client:
        assert client.get("kept") == b"1"
    eventually(lambda: keeper.read_text() not in ("", str(lost)))
    stop_embedded(tmp_path)
    eventually(lambda: not (tmp_path / "redis" / "redis.sock").exists())


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text()


def eventually(come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not come():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_embedded_redis_starts_by_itself(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20)
    found = settings.load({"VAR_DIR": str(deep)})
    assert connect(found).ping()
    stop_embedded(deep)
