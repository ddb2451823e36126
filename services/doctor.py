"""The doctor: looks at everything that has to work, and says how to mend what does not."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import requests
from cryptography.hazmat.primitives.serialization import load_der_public_key
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from kit import clock, settings
from kit.errors import SettingsError, UserError
from kit.wording import _
from services import brakes, parked, waiting
from services.app import App
from store import migrate
from store.queries import mailbox_readings, organisations, senders
from store.row_security import exempt_role

_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part."""

    name: str
    healthy: bool
    text: str
    warning: bool = False
    """It works, but not as well guarded as it could be."""


def examine(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Look at one part after the other; with wrong settings nothing else can be looked at."""
    try:
        found = settings.load(environ)
    except SettingsError as error:
        yield from (Finding("settings", False, line) for line in str(error).splitlines())
        return
    yield Finding("settings", True, f"{found.app_env}, SEND_MODE={found.send_mode}")
    app = App(found)
    try:
        yield from _parts(app)
    finally:
        app.database.close()


def _parts(app: App) -> Iterator[Finding]:
    for look in (_keys, _database, _redis, _ledger, _webhooks, _mail, _mail_events, _replies, _texts, _plans):
        try:
            yield look(app)
        except UserError as error:
            yield Finding(_NAMES[look], False, str(error))
    yield from _organisations(app)
    yield from _senders(app)
    yield from mailboxes(app)
    yield from _parked(app)
    yield from _stopped(app)


def _keys(app: App) -> Finding:
    app.settings.require("secret_key", "token_keys")
    app.secrets.encrypt("works")
    return Finding("keys", True, "SECRET_KEY and TOKEN_KEYS are set")


def _database(app: App) -> Finding:
    migrate.require_current(app.database)
    words = f"{app.database.dialect}, schema is the newest"
    with app.database.read_across() as session:
        unheld = exempt_role(session.connection())
    if unheld is None:
        return Finding("database", True, words)
    words += (
        f"; but PostgreSQL's row security does not hold the role {unheld}, which is a superuser or has BYPASSRLS:"
        " connect as an ordinary role that owns the database."
    )
    return Finding("database", True, words, warning=True)


def _redis(app: App) -> Finding:
    try:
        app.redis.ping()
    except RedisError as error:
        return Finding(
            "redis",
            False,
            f"does not answer ({type(error).__name__}): check REDIS_URL and that the server runs.",
        )
    return Finding("redis", True, "embedded" if app.settings.embedded_redis else "answers")


def _ledger(app: App) -> Finding:
    app.settings.require("xero_client_id", "xero_client_secret")
    address = f"{app.settings.xero_identity_url}/.well-known/openid-configuration"
    answer = _get(address, "the ledger's identity service", "XERO_IDENTITY_URL")
    if answer.status_code >= 500:
        return Finding(
            "ledger",
            False,
            f"{address} answers {answer.status_code}: try again later, or check XERO_IDENTITY_URL.",
        )
    return Finding("ledger", True, f"answers at {app.settings.xero_identity_url}")


def _webhooks(app: App) -> Finding:
    app.settings.require("xero_webhook_key")
    return Finding("ledger webhooks", True, f"to be delivered to {app.settings.public_url}/webhooks/xero")


def _mail(app: App) -> Finding:
    app.settings.require("sendgrid_api_key")
    key = app.settings.sendgrid_api_key
    answer = _get(f"{app.settings.sendgrid_api_url}/v3/scopes", "SendGrid", "SENDGRID_API_URL", key)
    if answer.status_code in (401, 403):
        return Finding(
            "mail", False, "SendGrid refuses SENDGRID_API_KEY: make a key with the Mail Send permission."
        )
    return Finding("mail", True, f"SendGrid answers at {app.settings.sendgrid_api_url}")


def _mail_events(app: App) -> Finding:
    app.settings.require("sendgrid_event_public_key")
    try:
        load_der_public_key(base64.b64decode(app.settings.sendgrid_event_public_key, validate=True))
    except ValueError:
        raise UserError(
            _(
                "SENDGRID_EVENT_PUBLIC_KEY is not a key: copy the verification key of the signed event webhook."
            )
        ) from None
    return Finding(
        "mail events", True, f"to be delivered to {app.settings.public_url}/webhooks/sendgrid/events"
    )


def _replies(app: App) -> Finding:
    app.settings.require("inbound_mail_domain", "inbound_mail_token")
    return Finding("replies", True, f"come to …@{app.settings.inbound_mail_domain}")


def _texts(app: App) -> Finding:
    """They are no must: without them the steps that need one are left out, and the others go on."""
    settings = app.settings
    given = [settings.twilio_account_sid, settings.twilio_auth_token, settings.text_sender]
    if not any(given):
        words = "not set up, so steps that send one are left out; set TWILIO_ACCOUNT_SID and the others to have them."
        return Finding("text messages", True, words, warning=True)
    settings.require("twilio_account_sid", "twilio_auth_token")
    if not settings.text_sender:
        raise UserError(
            _("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID must be set, so that texts come from somebody.")
        )
    address = f"{settings.twilio_api_url}/2010-04-01/Accounts/{settings.twilio_account_sid}.json"
    answer = _get(
        address, "Twilio", "TWILIO_API_URL", basic=(settings.twilio_account_sid, settings.twilio_auth_token)
    )
    if answer.status_code in (401, 403, 404):
        return Finding(
            "text messages",
            False,
            "Twilio refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN: copy both from its console.",
        )
    return Finding("text messages", True, f"Twilio answers at {settings.twilio_api_url}")


def _plans(app: App) -> Finding:
    """Self-hosted needs none; hosted without them can be tried out, and not paid for."""
    settings = app.settings
    if not settings.hosted:
        return Finding("plans", True, "HOSTED is off: no trials, no plans, and no limits")
    if not settings.sells:
        words = "no plan can be begun: set STRIPE_SECRET_KEY and STRIPE_PRICE_ID; until then trials end without a way on."
        return Finding("plans", False, words)
    address = f"{settings.stripe_api_url}/v1/subscriptions"
    answer = _get(address, "Stripe", "STRIPE_API_URL", settings.stripe_secret_key)
    if answer.status_code in (401, 403):
        return Finding("plans", False, "Stripe refuses STRIPE_SECRET_KEY: copy it from its dashboard.")
    if not settings.stripe_webhook_secret:
        words = (
            "STRIPE_WEBHOOK_SECRET is not set, so webhooks are refused and Stripe is asked once a day alone."
        )
        return Finding("plans", True, words, warning=True)
    return Finding(
        "plans", True, f"Stripe answers; news to be delivered to {settings.public_url}/webhooks/stripe"
    )


def _organisations(app: App) -> Iterator[Finding]:
    try:
        with app.database.read_across() as session:
            found = organisations.connected(session)
    except SQLAlchemyError:
        return  # said already, of the database itself
    for one in found:
        name = f"organisation {one.ledger_tenant_id}"
        if one.connection == "needs_reconnect":
            yield Finding(name, False, one.connection_note or "must be connected again by a person.")
        elif problem := waiting.problem_of(one, clock.now()):
            yield Finding(name, False, problem)
        else:
            yield Finding(name, True, f"{one.connection}, chasing is {one.chasing}")


def _senders(app: App) -> Iterator[Finding]:
    """Whose mails wait, or would not count as genuine."""
    try:
        with app.database.read_across() as session:
            found = senders.troubled(session)
    except SQLAlchemyError:
        return  # said already, of the database itself
    for row in found:
        why = row.problem or "was not checked yet: check it on the page Senders."
        waits = row.state == "failing" or app.settings.real_mail
        text = f"{'its mails wait' if waits else 'its mails may count as forged'}; {why}"
        yield Finding(f"sender {row.id}", not waits, text, warning=not waits)


def mailboxes(app: App) -> Iterator[Finding]:
    """In which answers are not seen any more."""
    try:
        with app.database.read_across() as session:
            found = mailbox_readings.troubled(session)
    except SQLAlchemyError:
        return  # said already, of the database itself
    for row in found:
        follows = "mend it on the page of the sender." if row.refused else "it is tried again by itself."
        text = f"answers in it are not seen: {(row.problem or '').rstrip('.')}; {follows}"
        yield Finding(f"mailbox of sender {row.sender_id}", not row.refused, text, warning=not row.refused)


def _stopped(app: App) -> Iterator[Finding]:
    """Somebody may have stopped all mail and gone home."""
    try:
        with app.database.read_across() as session:
            told = brakes.stopped_all(session)
    except SQLAlchemyError:
        return
    if told:
        yield Finding("brakes", True, told, warning=True)


def _parked(app: App) -> Iterator[Finding]:
    """Events that were given up, which a person may have tried again."""
    try:
        found = parked.recently(app)
    except SQLAlchemyError:
        return  # said already, of the database itself
    for source, number in sorted(found.items()):
        text = f"{number} in the last week could not be handled: see the log, then run `dunnock replay`."
        yield Finding(f"events of {source}", False, text)


def _get(
    address: str, party: str, setting: str, key: str | None = None, *, basic: tuple[str, str] | None = None
) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        return requests.get(address, headers=headers, auth=basic, timeout=_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise UserError(
            _(
                "%(party)s does not answer at %(address)s (%(name)s): check %(setting)s and the network.",
                party=party,
                address=address,
                name=type(error).__name__,
                setting=setting,
            )
        ) from None


_NAMES: dict[Callable[[App], Finding], str] = {
    _keys: "keys",
    _database: "database",
    _redis: "redis",
    _ledger: "ledger",
    _webhooks: "ledger webhooks",
    _mail: "mail",
    _mail_events: "mail events",
    _replies: "replies",
    _texts: "text messages",
    _plans: "plans",
}
