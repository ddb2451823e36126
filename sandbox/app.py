"""Puts the sandbox together: one Flask app, one world, no module globals, so that tests can have many."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from sandbox.accounting import accounting_blueprint
from sandbox.accounting.limits import Limiter
from sandbox.billing import billing_blueprint
from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.control import control_blueprint
from sandbox.credit import credit_blueprint
from sandbox.faults import FaultBook, FaultMiddleware
from sandbox.identity import identity_blueprint
from sandbox.ledger import default_user
from sandbox.mail import mail_blueprint
from sandbox.pages import pages_blueprint
from sandbox.request_log import RequestLog
from sandbox.texts import texts_blueprint
from sandbox.webhooks_out import WebhookSender
from sandbox.world import World

MAX_BODY = 30 * 1024 * 1024
"""Bytes; the largest body any of the imitated services takes (a mail with attachments)."""


def create_sandbox(config: SandboxConfig, world: World | None = None) -> Flask:
    """A sandbox ready to be served. Its world is at `app.extensions["sandbox_world"]`.

    Webhooks are sent by a daemon thread which `app.extensions["sandbox_webhooks"].stop()` ends.
    """
    world = world or World(Clock(config.clock_file))
    default_user(world)
    faults, limiter, webhooks = FaultBook(), Limiter(config), WebhookSender(world, config)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]  # DefaultJSONProvider has it, the base class not
    app.extensions.update(sandbox_world=world, sandbox_webhooks=webhooks, sandbox_faults=faults)
    app.register_blueprint(identity_blueprint(world, config))
    app.register_blueprint(accounting_blueprint(world, config, limiter))
    app.register_blueprint(control_blueprint(world, config, faults, webhooks, limiter))
    app.register_blueprint(mail_blueprint(world, config))
    app.register_blueprint(texts_blueprint(world, config))
    app.register_blueprint(billing_blueprint(world, config))
    app.register_blueprint(credit_blueprint(world, config))
    app.register_blueprint(pages_blueprint(world, config))
    app.before_request(_letting_due_things_happen(world))
    app.wsgi_app = RequestLog(FaultMiddleware(app.wsgi_app, faults), world)  # type: ignore[method-assign]  # Flask's own way to wrap
    if config.webhook_url:
        webhooks.start()
    return app


def _letting_due_things_happen(world: World) -> Callable[[], None]:
    """Before each answer, what the clock has reached must have happened."""

    def run_due() -> None:
        world.run_due()

    return run_due
