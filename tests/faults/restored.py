"""What an operator does with a database: a copy of it, made and put back while nothing of the product runs."""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from demo.processes import PRODUCT
from tests.faults.town import Town


def stop_product(town: Town) -> None:
    """End web, worker and clock as a deployment does."""
    for name in PRODUCT:
        town.stage.running[name].send_signal(signal.SIGTERM)
    for name in PRODUCT:
        town.stage.running[name].wait(timeout=60)


def start_product(town: Town) -> None:
    """Start them again. Whoever restores connects again: the backup's tokens may have been used up since."""
    for name in PRODUCT:
        town.stage.start(name)
    town.stage.await_answer(f"{town.stage.app_url}/readyz", "web")
    for firm in town.firms:
        town.person.connect(town.sandbox.user(), firm.tenant)


@dataclass(frozen=True)
class Backup:
    """A copy of the town's database."""

    town: Town

    def make(self) -> None:
        if self._files():
            self._kept.mkdir()
            for path in self._folder.glob("dunnock.db*"):
                shutil.copy(path, self._kept / path.name)
        else:
            self._tell(f"CREATE DATABASE {self._name}_kept TEMPLATE {self._name}")

    def put_back(self) -> None:
        """The database is as it was when the copy was made."""
        if self._files():
            for path in self._folder.glob("dunnock.db*"):
                path.unlink()
            for path in self._kept.glob("dunnock.db*"):
                shutil.copy(path, self._folder / path.name)
        else:
            self._tell(f"DROP DATABASE {self._name} WITH (FORCE)")
            self._tell(f"CREATE DATABASE {self._name} TEMPLATE {self._name}_kept OWNER dunnock")

    @property
    def _url(self) -> str:
        return str(self.town.stage.env.get("DATABASE_URL", ""))

    @property
    def _name(self) -> str:
        return str(make_url(self._url).database)

    @property
    def _folder(self) -> Path:
        return self.town.stage.folder

    @property
    def _kept(self) -> Path:
        return self._folder.with_name(f"{self._folder.name}-kept")

    def _files(self) -> bool:
        return not self._url

    def _tell(self, command: str) -> None:
        admin = create_engine(make_url(self._url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(command))
        admin.dispose()
