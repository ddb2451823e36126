"""A process whose work goes wrong in ways that quote what people wrote; its stderr is looked at by a test."""

from __future__ import annotations

import logging
import sys
import threading

import redis
import sqlalchemy
from rq import Queue
from rq.serializers import JSONSerializer

from jobs.worker import QueueWorker
from kit import log

CANARY = "priya.canary@ashdown.example"


def fail() -> None:
    """A job that ends in an error of the database, which quotes the row."""
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO nowhere VALUES (:mail)"), {"mail": CANARY})


def main(address: str, as_json: bool) -> None:
    """Fail as a job, in a thread, in a log line of a library, and at last as a whole process."""
    log.configure(as_json=as_json)
    connection = redis.Redis.from_url(address)
    queue = Queue("broken", connection=connection, serializer=JSONSerializer)
    queue.enqueue("tests.hostile.process_that_fails.fail", failure_ttl=600)
    QueueWorker([queue], connection=connection, serializer=JSONSerializer).work(
        burst=True, logging_level="WARNING"
    )
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    other = logging.getLogger("some.library")
    other.warning("mail to %s\nFAKE LINE with Bearer abcdefgh\x1b[31m and dk_0123456789abcdef", CANARY)
    other.warning(
        "GET /webhooks/sendgrid/inbound?token=%s&x=1 from ip=192.0.2.77", "the-token-of-inbound-mail"
    )
    other.warning("Exception on /a/link-of-a-customer-xyz/pay [GET]")
    try:
        fail()
    except sqlalchemy.exc.SQLAlchemyError:
        with log.about(organisation="0" * 32):
            other.exception("it failed")
    raise KeyError(CANARY)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "json")
