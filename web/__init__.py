"""The web application: pages, API, webhooks and health checks in one Flask app."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from flask import Blueprint, Flask, Request, current_app, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from kit.crypto import digest
from kit.ids import new_id
from kit.settings import ROOT, Settings
from kit.wording import N_, _
from services.app import App
from services.preset_names import preset_name
from services.said_again import again
from web import acting, errors, headers, wording
from web.debtor import hosts
from web.format import install as install_filters
from web.health import health
from web.limits import Tally
from web.metrics import metrics
from web.navigation import current_pages, navigation
from web.pages import PAGES
from web.pages.plan import trial_note
from web.pages.second_eyes import install as install_second_eyes
from web.security import IDLE, allowed, set_up_line, tasks_due

_NEEDS_NO_SESSION = frozenset({"static", "health", "metrics", "api", "debtor"})
_NO_FORM_OF_OURS = frozenset({"no_digest"})
"""Addresses that mail programs press themselves; the token in the address says who may."""
_WITHOUT_SESSION = ("/webhooks/", "/api/", "/static/", "/a/")
_NOBODY_CAN_SIGN_IN = N_(
    "Nobody can sign in yet: SECRET_KEY is not set. Set it to a long random text and start again."
)
_LARGEST_FORM = 64 * 1024
_WITH_FILES = {"inbox.answer": 11 * 1024 * 1024}
"""Forms with which files come, in bytes."""


def create_app(dunnock: App) -> Flask:
    """The whole web side of one process."""
    from web.api import api
    from web.connect import connect
    from web.debtor import debtor
    from webhooks.sendgrid import webhooks_sendgrid
    from webhooks.stripe import webhooks_stripe
    from webhooks.twilio import webhooks_twilio
    from webhooks.xero import in_front

    app = assemble(dunnock, *PAGES, connect, debtor, webhooks_sendgrid, webhooks_stripe, webhooks_twilio, api)
    app.wsgi_app = in_front(dunnock, app.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask's own way
    return app


def assemble(dunnock: App, *blueprints: Blueprint) -> Flask:
    """A Flask app with our sessions, headers, errors and health checks, and these blueprints."""
    app = Flask("web", root_path=str(ROOT / "web"), template_folder=str(ROOT / "templates"))
    app.extensions["dunnock"] = dunnock
    app.extensions["tally"] = Tally()
    app.session_interface = _Sessions()
    _configure(app, dunnock.settings)
    acting.install(app)
    wording.install(app)
    hosts.install(app)
    app.before_request(_guard_sessions)  # before the CSRF check, which reads the form
    csrf = CSRFProtect(app)
    for blueprint in (health, metrics, *blueprints):
        app.register_blueprint(blueprint)
        if _sessionless(blueprint.name) or blueprint.name in _NO_FORM_OF_OURS:
            csrf.exempt(blueprint)
    headers.install(app, dunnock.settings)
    errors.install(app)
    install_second_eyes(app)
    install_filters(app)
    app.jinja_env.filters["again"] = again
    app.jinja_env.filters["preset_name"] = preset_name
    app.jinja_env.globals.update(asset=_asset, allowed=allowed, new_key=new_id)
    app.jinja_env.globals.update(navigation=navigation, current_pages=current_pages, tasks_due=tasks_due)
    app.jinja_env.globals.update(trial_note=trial_note, set_up_line=set_up_line)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    """Sessions in a cookie that only this host gets and no script reads; every page puts off their end."""
    secure = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key or None,
        SESSION_COOKIE_NAME="__Host-dunnock" if secure else "dunnock",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=IDLE,
        WTF_CSRF_TIME_LIMIT=None,  # a form lives as long as its session
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=30),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.production:
        # The platform's router is the one proxy in front; its word on address and scheme is the last in the list.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]  # Flask's own way


class _Sessions(SecureCookieSessionInterface):
    """Sessions in signed cookies, for pages alone: programs have none, and files that caches keep carry none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if request.path.startswith(_WITHOUT_SESSION) else super().open_session(app, request)


def _guard_sessions() -> ResponseReturnValue | None:
    """Pages need a secret to sign their sessions with, and take only small forms."""
    if request.endpoint is None or _sessionless(request.endpoint):
        return None
    if current_app.secret_key is None:
        return errors.answer(503, _(_NOBODY_CAN_SIGN_IN))
    request.max_content_length = _WITH_FILES.get(request.endpoint, _LARGEST_FORM)
    return None


def _sessionless(name: str) -> bool:
    """Whether a blueprint or endpoint works without sessions, and so without CSRF tokens."""
    blueprint = name.split(".", maxsplit=1)[0]
    return blueprint in _NEEDS_NO_SESSION or blueprint.startswith("webhooks_")


def _asset(name: str) -> str:
    """The address of one of our static files, which changes when the file does."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    return digest((ROOT / "web" / "static" / name).read_text(encoding="utf-8"))[:12]
