"""Whatever process is killed, whenever, with Redis emptied now and then: the four checks hold.

``DUNNOCK_FAULT_ROUNDS`` makes a long run of it. ``DUNNOCK_FAULT_SEED`` repeats the dice of a run, though not the
moments at which the blows fall; each run prints its own.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from tests.faults.town import Firm, Town, open_town
from tests.support.processes import children, with_luck

ROUNDS = int(os.environ.get("DUNNOCK_FAULT_ROUNDS", "12"))
"""How often something is killed, on each pair of servers."""
SEED = os.environ.get("DUNNOCK_FAULT_SEED") or secrets.token_hex(4)
_ROUNDS_A_FIRM = 5
_CUSTOMERS = 15
_VICTIMS = ("worker", "one of the workers", "one of the workers", "clock", "web")


def test_the_four_checks_hold_whatever_is_killed(tmp_path: Path, servers: Mapping[str, str]) -> None:
    print(f"dice: DUNNOCK_FAULT_SEED={SEED}")
    dice = random.Random(SEED)
    with open_town(tmp_path, servers) as town:
        for number in range(max(ROUNDS // _ROUNDS_A_FIRM, 1)):
            firm = town.firm(f"Number {number}", _CUSTOMERS, live=True)
            for _ in range(_ROUNDS_A_FIRM):
                time.sleep(dice.uniform(0.05, 1.5))
                _strike(town, dice)
            _let_it_end(town, firm)
            count = firm.check()
            assert count.chasers == _CUSTOMERS, count
            assert count.mails == _CUSTOMERS - _never_left(firm), count
            assert count.notes == 2 * count.mails, count


def _strike(town: Town, dice: random.Random) -> None:
    victim = dice.choice(_VICTIMS)
    if victim == "one of the workers":
        if crew := children(town.stage.running["worker"].pid):
            with_luck(dice.choice(crew), signal.SIGKILL)
    else:
        town.kill(victim)
    if dice.random() < 0.5:
        with town.redis() as redis:
            redis.flushall()


def _let_it_end(town: Town, firm: Firm) -> None:
    """Past the patience with what dead processes held, more than once, because waking costs them time as well."""
    for _ in range(3):
        town.pass_time()
        town.end_turns()
        town.until(firm.has_sent)
    firm.finish()


def _never_left(firm: Firm) -> int:
    """Chasers whose sender died between the promise to hand over and the first byte: a person is asked."""
    taken = {mail["custom_args"]["dunnock_id"] for mail in firm.mails()}
    return sum(one["status"] == "unknown" and one["id"] not in taken for one in firm.chasers())
