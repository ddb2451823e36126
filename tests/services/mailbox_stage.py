"""A stage with a colleague's own mailbox on it, which is read over real IMAP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from kit import clock
from kit.ids import new_id
from services import mail_events, mailbox_reading, mailbox_switch, replies
from store.models import MailboxReading, Sender
from store.queries import mailbox_readings
from tests.services.mail_stage import INBOUND_DOMAIN, Stage
from tests.support.imap_server import MailboxServer, StoredFolder, imap_server
from tests.support.smtp_server import PASSWORD, USER

PRIYA = "Priya Nair <priya@ashdown.example>"
ACCOUNTS = "accounts@ashdown.example"


@dataclass
class MailboxStage:
    """The colleague's mailbox, and what Dunnock makes of it."""

    stage: Stage
    server: MailboxServer
    sender_id: str

    # -- arranging -------------------------------------------------------------------------------------

    def switch_on(self, by: str = "Anna Hale", person_id: str | None = None) -> None:
        with self.stage.app.database.write(self.stage.organisation_id) as session:
            row = session.get_one(Sender, (self.stage.organisation_id, self.sender_id))
            settings = self.stage.app.settings
            mailbox_switch.switch_on(
                session, settings, row, by=by, person_id=person_id, port=self.server.port
            )

    def switch_off(self) -> None:
        with self.stage.app.database.write(self.stage.organisation_id) as session:
            mailbox_switch.switch_off(
                session, session.get_one(Sender, (self.stage.organisation_id, self.sender_id))
            )

    def arrives(self, at: datetime | None = None, **fields: Any) -> EmailMessage:
        """An answer to the chaser lies in the inbox; fields by the names of header lines, with _ for -."""
        usual = {"from_": PRIYA, "to": USER, "in_reply_to": self.chaser_mail_id}
        return self._lies("INBOX", at, **usual | fields)

    def is_sent(self, at: datetime | None = None, **fields: Any) -> EmailMessage:
        """A mail of the colleague lies among what was sent."""
        usual = {"from_": f"Anna Hale <{USER}>", "to": ACCOUNTS, "in_reply_to": self.chaser_mail_id}
        return self._lies("Sent", at, **usual | fields)

    def _lies(
        self, folder: str, at: datetime | None, body: str = "It was paid.", **fields: Any
    ) -> EmailMessage:
        mail = EmailMessage()
        values = {"subject": "Re: Invoice INV-1042", "message_id": f"<{new_id()}@mail.example>"} | fields
        at = at or clock.now()
        mail["Date"] = format_datetime(at)
        for name, value in values.items():
            if value:
                mail[name.strip("_").replace("_", "-").title()] = value
        mail.set_content(body)
        self.server.add(mail, folder, at)
        return mail

    # -- acting and looking ----------------------------------------------------------------------------

    def read(self) -> None:
        """The mailbox's time has come: it is read to its end, and what was found is handled."""
        with self.stage.app.database.write(self.stage.organisation_id) as session:
            for row in session.query(MailboxReading):
                row.next_at = clock.now()
        while mailbox_reading.read(self.stage.app, self.stage.organisation_id):
            pass
        replies.handle(self.stage.app)
        mail_events.handle(self.stage.app)

    def reading(self) -> MailboxReading:
        with self.stage.app.database.read(self.stage.organisation_id) as session:
            found = mailbox_readings.one(session, self.stage.organisation_id, self.sender_id)
            assert found is not None
            return found

    @property
    def chaser_mail_id(self) -> str:
        return f"<{self.stage.chaser_id}@{INBOUND_DOMAIN}>"


@contextmanager
def mailbox_stage(stage: Stage, **fields: Any) -> Iterator[MailboxStage]:
    """Anna, who wrote the chaser, with a mailbox of her own; until the end of the block."""
    with imap_server() as server:
        server.folders["Sent"] = StoredFolder(flags="\\Sent")
        row = Sender(
            organisation_id=stage.organisation_id, id=new_id(), name="Anna Hale", email=USER, is_default=True,
            way="mailbox", state="ready", created_at=clock.now(),
            mailbox={"host": "localhost", "port": 587, "security": "starttls", "user": USER, "daily_limit": 400},
            secret_cipher=stage.app.secrets.encrypt(PASSWORD), **fields,
        )  # fmt: skip
        with stage.app.database.write(stage.organisation_id) as session:
            session.add(row)
            session.flush()
            sender_id = row.id
        yield MailboxStage(stage, server, sender_id)
