"""What every mailer promises, held against SendGrid's own paths over HTTP, a mail server, and the one in memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import pytest

from integration.email.mailer import (
    MailAccountProblem,
    Mailer,
    MailPostponed,
    MailRefused,
    MailUnsure,
)
from integration.email.sendgrid import SendGridMailer
from integration.email.smtp import SmtpMailer
from tests.integration.email.letters import letter
from tests.support.fake_mailer import FakeMailer
from tests.support.sandbox import RunningSandbox, running_sandbox
from tests.support.smtp_server import CLOSE_AT_ONCE, MailServer, mail_server, trusting


class Provider(ABC):
    """A mailer together with the provider behind it, which can be told to misbehave."""

    mailer: Mailer

    @abstractmethod
    def taken(self) -> list[str]:
        """Our ids of the mails that were taken."""

    @abstractmethod
    def postpone(self) -> None: ...

    @abstractmethod
    def refuse_the_account(self) -> None: ...

    @abstractmethod
    def refuse_the_mail(self) -> None: ...

    @abstractmethod
    def lose_the_answer(self) -> None: ...


class SandboxProvider(Provider):
    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.mailer = SendGridMailer(sandbox.config.sendgrid_api_key, sandbox.url)

    def taken(self) -> list[str]:
        return [mail["custom_args"]["dunnock_id"] for mail in self.sandbox.get("/sandbox/mail").json()]

    def postpone(self) -> None:
        self._fault(answer="429")

    def refuse_the_account(self) -> None:
        self._fault(answer="401")

    def refuse_the_mail(self) -> None:
        """Nothing to do: the provider sees for itself that ``nobody`` is no address."""

    def lose_the_answer(self) -> None:
        self._fault(answer="drop-after")

    def _fault(self, **fault: object) -> None:
        assert self.sandbox.post("/sandbox/mail/faults", **fault).ok


class MailboxProvider(Provider):
    """Somebody's own mailbox on a mail server."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.mailer = SmtpMailer(server.account(), trust=trusting(), public_only=False)

    def taken(self) -> list[str]:
        return ["a" * 32 for mail in self.server.mails() if mail["Message-ID"] == letter().message_id]

    def postpone(self) -> None:
        self.server.will_answer("MAIL", "451 4.3.0 Come later")

    def refuse_the_account(self) -> None:
        self.server.will_answer("AUTH", "535 5.7.8 No")

    def refuse_the_mail(self) -> None:
        """Nothing to do: what ``nobody`` is, is seen before the server is asked."""

    def lose_the_answer(self) -> None:
        self.server.will_answer("DATA", CLOSE_AT_ONCE)


class FakeProvider(Provider):
    def __init__(self) -> None:
        self.mailer = self.fake = FakeMailer()

    def taken(self) -> list[str]:
        return [mail.id for mail in self.fake.taken]

    def postpone(self) -> None:
        self.fake.failures.append(MailPostponed("too many", 2.0))

    def refuse_the_account(self) -> None:
        self.fake.failures.append(MailAccountProblem("the key is wrong"))

    def refuse_the_mail(self) -> None:
        self.fake.failures.append(MailRefused("bad sender"))

    def lose_the_answer(self) -> None:
        self.fake.lost_answers.append(MailUnsure("no answer"))


@pytest.fixture(params=["sendgrid", "mailbox", "fake"])
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    if request.param == "fake":
        yield FakeProvider()
        return
    if request.param == "mailbox":
        with mail_server() as server:
            yield MailboxProvider(server)
        return
    with running_sandbox() as sandbox:
        yield SandboxProvider(sandbox)


def test_a_mail_is_taken_once_and_gets_an_id(provider: Provider) -> None:
    assert provider.mailer.send(letter()) != ""
    assert provider.taken() == [letter().id]


def test_two_mails_get_two_ids(provider: Provider) -> None:
    assert provider.mailer.send(letter()) != provider.mailer.send(letter(id="c" * 32))


def test_what_is_postponed_was_not_taken_and_says_when_to_come_again(provider: Provider) -> None:
    provider.postpone()
    with pytest.raises(MailPostponed) as caught:
        provider.mailer.send(letter())
    assert caught.value.retry_after in (2.0, 300.0)
    assert provider.taken() == []


def test_a_trouble_with_the_account_is_told_from_one_with_the_mail(provider: Provider) -> None:
    provider.refuse_the_account()
    with pytest.raises(MailAccountProblem):
        provider.mailer.send(letter())
    assert provider.taken() == []


def test_a_mail_that_is_refused_was_not_taken(provider: Provider) -> None:
    provider.refuse_the_mail()
    with pytest.raises(MailRefused):
        provider.mailer.send(letter(from_email="nobody"))
    assert provider.taken() == []


def test_after_a_lost_answer_nobody_knows_and_it_is_not_sent_again(provider: Provider) -> None:
    provider.lose_the_answer()
    with pytest.raises(MailUnsure):
        provider.mailer.send(letter())
    assert provider.taken() == [letter().id]


def test_after_trouble_the_next_mail_goes_through(provider: Provider) -> None:
    provider.postpone()
    with pytest.raises(MailPostponed):
        provider.mailer.send(letter())
    provider.mailer.send(letter())
    assert provider.taken() == [letter().id]
