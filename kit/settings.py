"""Settings from the environment, parsed strictly.

A wrong value never becomes a default: ``load`` raises ``SettingsError`` that names every mistake at once.
A missing secret leaves its field empty; what needs it says so when it is asked for (``require``).
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from kit.errors import SettingsError, UserError

ROOT = Path(__file__).resolve().parent.parent

GRANULAR_SCOPES = (
    "openid profile email offline_access "
    "accounting.settings.read accounting.contacts accounting.invoices accounting.payments.read"
)
"""The least that Dunnock needs; broad scopes are no longer given to new apps."""

SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Field names are the environment's names in small letters."""

    app_env: str
    send_mode: str
    var_dir: Path
    database_url: str
    redis_url: str
    public_url: str
    port: int
    secret_key: str
    token_keys: tuple[str, ...]
    xero_client_id: str
    xero_client_secret: str
    xero_webhook_key: str
    xero_scopes: str
    xero_login_url: str
    xero_identity_url: str
    xero_api_url: str
    sendgrid_api_key: str
    sendgrid_api_url: str
    sendgrid_event_public_key: str
    inbound_mail_domain: str
    inbound_mail_token: str
    google_client_id: str
    google_client_secret: str
    google_authorize_url: str
    google_token_url: str
    google_smtp_url: str
    google_imap_url: str
    microsoft_client_id: str
    microsoft_client_secret: str
    microsoft_authorize_url: str
    microsoft_token_url: str
    microsoft_smtp_url: str
    microsoft_imap_url: str
    dns_server: str
    """Who is asked about sending domains (address, or address:port); empty: the machine's resolvers."""
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_from: str
    twilio_messaging_service_sid: str
    twilio_api_url: str
    text_segments: int
    hosted: bool
    """Whether organisations use this installation on trial, and for pay; else nothing limits them."""
    creditsafe_username: str
    creditsafe_password: str
    creditsafe_url: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    stripe_price_id: str
    stripe_api_url: str
    metrics_token: str
    demo_clock_file: Path | None

    @property
    def production(self) -> bool:
        return self.app_env == "production"

    @property
    def embedded_redis(self) -> bool:
        """True when no Redis was named, so that the app starts its own under ``var_dir``."""
        return not self.redis_url

    @property
    def real_mail(self) -> bool:
        """Whether mails reach customers: in production, by a mail provider that is no stand-in on this machine."""
        return self.production and not self.mail_stays_here

    @property
    def mail_stays_here(self) -> bool:
        """Whether the mail provider is a stand-in on this machine, as the demo's is, which keeps what it gets."""
        return _on_this_machine(self.sendgrid_api_url)

    @property
    def sells(self) -> bool:
        """Whether a plan can be begun here."""
        return bool(self.hosted and self.stripe_secret_key and self.stripe_price_id)

    @property
    def credit_reports(self) -> bool:
        """Whether a credit bureau is connected."""
        return bool(self.creditsafe_username and self.creditsafe_password)

    @property
    def texts(self) -> bool:
        """Whether text messages are set up."""
        return bool(self.twilio_account_sid and self.twilio_auth_token and self.text_sender)

    @property
    def text_sender(self) -> str:
        """From whom texts come: a messaging service, or a number; empty for nobody."""
        return self.twilio_messaging_service_sid or self.twilio_from

    def require(self, *names: str) -> None:
        """``UserError`` that names what is missing, unless all these settings have a value."""
        missing = [name.upper() for name in names if not getattr(self, name)]
        if missing:
            raise UserError(
                f"{' and '.join(missing)} must be set for this; see the README for where to find it."
            )


KNOWN = tuple(field.name.upper() for field in fields(Settings))


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings, or ``SettingsError`` with one line for each mistake."""
    reader = _Reader(environ)
    var_dir = Path(reader.text("VAR_DIR", str(ROOT / "var"))).absolute()
    settings = Settings(
        app_env=reader.choice("APP_ENV", "development", "demo", "production"),
        send_mode=reader.choice("SEND_MODE", "log", "live"),
        var_dir=var_dir,
        database_url=reader.database(f"sqlite:///{var_dir / 'dunnock.db'}"),
        redis_url=reader.address("REDIS_URL", "", "redis", "rediss", "unix"),
        public_url=reader.address("PUBLIC_URL", "http://localhost:8000", "http", "https"),
        port=reader.port("PORT", 8000),
        secret_key=reader.text("SECRET_KEY"),
        token_keys=tuple(key.strip() for key in reader.text("TOKEN_KEYS").split(",") if key.strip()),
        xero_client_id=reader.text("XERO_CLIENT_ID"),
        xero_client_secret=reader.text("XERO_CLIENT_SECRET"),
        xero_webhook_key=reader.text("XERO_WEBHOOK_KEY"),
        xero_scopes=" ".join(reader.text("XERO_SCOPES", GRANULAR_SCOPES).split()),
        xero_login_url=reader.address("XERO_LOGIN_URL", "https://login.xero.com", "http", "https"),
        xero_identity_url=reader.address("XERO_IDENTITY_URL", "https://identity.xero.com", "http", "https"),
        xero_api_url=reader.address("XERO_API_URL", "https://api.xero.com", "http", "https"),
        sendgrid_api_key=reader.text("SENDGRID_API_KEY"),
        sendgrid_api_url=reader.address("SENDGRID_API_URL", "https://api.sendgrid.com", "http", "https"),
        sendgrid_event_public_key=reader.text("SENDGRID_EVENT_PUBLIC_KEY"),
        inbound_mail_domain=reader.text("INBOUND_MAIL_DOMAIN").lower(),
        inbound_mail_token=reader.text("INBOUND_MAIL_TOKEN"),
        google_client_id=reader.text("GOOGLE_CLIENT_ID"),
        google_client_secret=reader.text("GOOGLE_CLIENT_SECRET"),
        google_authorize_url=reader.address(
            "GOOGLE_AUTHORIZE_URL", "https://accounts.google.com/o/oauth2/v2/auth", "http", "https"
        ),
        google_token_url=reader.address(
            "GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token", "http", "https"
        ),
        google_smtp_url=reader.address("GOOGLE_SMTP_URL", "smtp://smtp.gmail.com:587", "smtp"),
        google_imap_url=reader.address("GOOGLE_IMAP_URL", "imaps://imap.gmail.com:993", "imaps"),
        microsoft_client_id=reader.text("MICROSOFT_CLIENT_ID"),
        microsoft_client_secret=reader.text("MICROSOFT_CLIENT_SECRET"),
        microsoft_authorize_url=reader.address(
            "MICROSOFT_AUTHORIZE_URL",
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
            "http",
            "https",
        ),
        microsoft_token_url=reader.address(
            "MICROSOFT_TOKEN_URL",
            "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            "http",
            "https",
        ),
        microsoft_smtp_url=reader.address("MICROSOFT_SMTP_URL", "smtp://smtp.office365.com:587", "smtp"),
        microsoft_imap_url=reader.address("MICROSOFT_IMAP_URL", "imaps://outlook.office365.com:993", "imaps"),
        dns_server=reader.text("DNS_SERVER"),
        twilio_account_sid=reader.shaped(
            "TWILIO_ACCOUNT_SID", r"AC[0-9a-fA-F]{32}", "AC and 32 hexadecimal digits"
        ),
        twilio_auth_token=reader.text("TWILIO_AUTH_TOKEN"),
        twilio_from=reader.shaped("TWILIO_FROM", r"\+[1-9]\d{6,14}", "a number such as +447700900123"),
        twilio_messaging_service_sid=reader.shaped(
            "TWILIO_MESSAGING_SERVICE_SID", r"MG[0-9a-fA-F]{32}", "MG and 32 hexadecimal digits"
        ),
        twilio_api_url=reader.address("TWILIO_API_URL", "https://api.twilio.com", "http", "https"),
        text_segments=reader.number("TEXT_SEGMENTS", 3, 1, 10),
        hosted=reader.choice("HOSTED", "off", "on") == "on",
        creditsafe_username=reader.text("CREDITSAFE_USERNAME"),
        creditsafe_password=reader.text("CREDITSAFE_PASSWORD"),
        creditsafe_url=reader.address("CREDITSAFE_URL", "https://connect.creditsafe.com", "http", "https"),
        stripe_secret_key=reader.shaped(
            "STRIPE_SECRET_KEY", r"(sk|rk)_[A-Za-z0-9_]{8,}", "a secret or restricted key (sk_… or rk_…)"
        ),
        stripe_webhook_secret=reader.shaped(
            "STRIPE_WEBHOOK_SECRET", r"whsec_[A-Za-z0-9+/=_-]{8,}", "a signing secret (whsec_…)"
        ),
        stripe_price_id=reader.shaped(
            "STRIPE_PRICE_ID", r"price_[A-Za-z0-9_]+", "the id of a price (price_…)"
        ),
        stripe_api_url=reader.address("STRIPE_API_URL", "https://api.stripe.com", "http", "https"),
        metrics_token=reader.text("METRICS_TOKEN"),
        demo_clock_file=Path(reader.text("DEMO_CLOCK_FILE")) if reader.text("DEMO_CLOCK_FILE") else None,
    )
    mistakes = [*reader.mistakes, *_unknown(environ), *_unsafe(settings)]
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return settings


class _Reader:
    """Reads values one by one and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.mistakes: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self._environ.get(name, "").strip() or default

    def choice(self, name: str, *choices: str) -> str:
        """One of the choices; the first is the default."""
        value = self.text(name, choices[0])
        if value not in choices:
            self.mistakes.append(f"{name} is '{value}': it must be one of {', '.join(choices)}.")
        return value

    def port(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
            self.mistakes.append(f"{name} is '{value}': it must be a port number from 1 to 65535.")
            return default
        return int(value)

    def shaped(self, name: str, pattern: str, words: str) -> str:
        """A value of a certain shape, or nothing."""
        value = self.text(name)
        if value and not re.fullmatch(pattern, value):
            self.mistakes.append(f"{name} is not usable: it must be {words}.")
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and len(value) < 6 and least <= int(value) <= most):
            self.mistakes.append(f"{name} is '{value}': it must be a whole number from {least} to {most}.")
            return default
        return int(value)

    def address(self, name: str, default: str, *schemes: str) -> str:
        """A URL without its last slash."""
        value = self.text(name, default)
        if not value:
            return value
        try:
            parts = urlsplit(value)
            bad = parts.scheme not in schemes or not (parts.netloc or parts.path.strip("/"))
        except ValueError:
            bad = True
        if bad:
            self.mistakes.append(
                f"{name} is not a usable address: it must begin with {' or '.join(f'{s}://' for s in schemes)}."
            )
        return value.rstrip("/")

    def database(self, default: str) -> str:
        """A SQLAlchemy URL; the ``postgres://`` that some platforms give is understood."""
        value = self.text("DATABASE_URL", default)
        if value.startswith("postgres://"):
            value = "postgresql://" + value.removeprefix("postgres://")
        if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            self.mistakes.append("DATABASE_URL must begin with postgresql:// or sqlite:///.")
        return value


_PREFIXES_OF_OURS = ("XERO_", "TWILIO_", "STRIPE_", "CREDITSAFE_", "INBOUND_MAIL_", "TOKEN_KEY")


def _unknown(environ: Mapping[str, str]) -> list[str]:
    """Names that are surely meant for us but that we do not know: a slip of the pen must not pass in silence."""
    mistakes = []
    for name in environ:
        if name in KNOWN:
            continue
        near = difflib.get_close_matches(name, [known for known in KNOWN if "_" in known], n=1, cutoff=0.87)
        if near or name.startswith(_PREFIXES_OF_OURS):
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(KNOWN)}."
            mistakes.append(f"{name} is not a setting of Dunnock{hint}")
    return mistakes


def _unsafe(settings: Settings) -> list[str]:
    """What production refuses, and what belongs to the demo alone."""
    mistakes = []
    if settings.demo_clock_file and settings.app_env != "demo":
        mistakes.append("DEMO_CLOCK_FILE is for the demo alone: remove it.")
    if not settings.production:
        return mistakes
    if len(settings.secret_key) < SHORTEST_SECRET:
        mistakes.append(
            f"SECRET_KEY must be set to at least {SHORTEST_SECRET} random characters in production."
        )
    if not settings.token_keys:
        mistakes.append("TOKEN_KEYS must be set in production: it encrypts the ledger tokens.")
    if any(len(key) < SHORTEST_SECRET for key in settings.token_keys):
        mistakes.append(f"Each of TOKEN_KEYS must have at least {SHORTEST_SECRET} characters in production.")
    for name in (
        "public_url",
        "xero_login_url",
        "xero_identity_url",
        "xero_api_url",
        "sendgrid_api_url",
        "google_token_url",
        "microsoft_token_url",
        "twilio_api_url",
        "stripe_api_url",
        "creditsafe_url",
    ):
        if not getattr(settings, name).startswith("https://") and not _on_this_machine(
            getattr(settings, name)
        ):
            mistakes.append(f"{name.upper()} must begin with https:// in production.")
    return mistakes


def _on_this_machine(address: str) -> bool:
    return urlsplit(address).hostname in ("localhost", "127.0.0.1", "::1")
