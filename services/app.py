"""What a process is made of: settings, database, Redis, keys. Made once, handed to every use case."""

from __future__ import annotations

from functools import cached_property

import redis

from kit import clock
from kit.crypto import SecretBox
from kit.doorbell import Doorbell, SoftDoorbell
from kit.redis import connect
from kit.settings import Settings
from kit.turns import Turns
from store.database import Database, open_database


class App:
    """The parts of one process. Each is made when it is first needed, so that a command uses only what it uses."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        clock.follow(settings.demo_clock_file)

    @cached_property
    def database(self) -> Database:
        return open_database(self.settings)

    @cached_property
    def redis(self) -> redis.Redis:
        return connect(self.settings)

    @cached_property
    def doorbell(self) -> Doorbell:
        return Doorbell(self.redis)

    @cached_property
    def soft_doorbell(self) -> SoftDoorbell:
        """For web requests, which must not wait for Redis."""
        return SoftDoorbell(self.doorbell)

    @cached_property
    def turns(self) -> Turns:
        return Turns(self.redis)

    @cached_property
    def secrets(self) -> SecretBox:
        """Raises ``UserError`` when TOKEN_KEYS is not set."""
        return SecretBox(self.settings.token_keys)
