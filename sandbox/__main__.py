"""`python -m sandbox`: serve a sandbox until SIGTERM or Ctrl-C."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from sandbox.app import create_sandbox
from sandbox.company import make_company
from sandbox.config import SandboxConfig, generate_event_key
from sandbox.server import make_sandbox_server

DEFAULTS = SandboxConfig()


@click.command(context_settings={"auto_envvar_prefix": "SANDBOX", "show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", default=8100, help="Port to listen on; 0 picks a free one.")
@click.option("--public-url", help="How others reach this sandbox.  [default: http://localhost:PORT]")
@click.option("--state-clock", type=click.Path(path_type=Path), help="File with the clock offset.")
@click.option("--app-url", default=DEFAULTS.app_url, help="Where the app runs; its webhook addresses follow.")
@click.option("--webhook-url", help="Ledger webhooks go here.  [default: APP_URL/webhooks/xero]")
@click.option("--event-url", help="Mail events go here.  [default: APP_URL/webhooks/sendgrid/events]")
@click.option("--inbound-url", help="Replies go here.  [default: APP_URL/webhooks/sendgrid/inbound]")
@click.option("--text-inbound-url", help="Texts go here.  [default: APP_URL/webhooks/twilio/inbound]")
@click.option("--twilio-account-sid", default=DEFAULTS.twilio_account_sid, help="The account of texts.")
@click.option("--twilio-auth-token", default=DEFAULTS.twilio_auth_token, help="Its token.")
@click.option(
    "--creditsafe-username", default=DEFAULTS.creditsafe_username, help="The account of the bureau."
)
@click.option("--creditsafe-password", default=DEFAULTS.creditsafe_password, help="Its password.")
@click.option("--stripe-webhook-url", help="News of plans goes here.  [default: APP_URL/webhooks/stripe]")
@click.option(
    "--stripe-secret-key", default=DEFAULTS.stripe_secret_key, help="The key of the billing account."
)
@click.option("--stripe-webhook-secret", default=DEFAULTS.stripe_webhook_secret, help="Signs news of plans.")
@click.option("--stripe-price-id", default=DEFAULTS.stripe_price_id, help="The price of the plan.")
@click.option("--inbound-domain", default=DEFAULTS.inbound_domain, help="Domain whose mail is replies.")
@click.option("--client-id", default=DEFAULTS.client_id, help="The app's client id.")
@click.option("--client-secret", default=DEFAULTS.client_secret, help="The app's client secret.")
@click.option("--webhook-key", default=DEFAULTS.webhook_key, help="Signs ledger webhooks.")
@click.option("--sendgrid-api-key", default=DEFAULTS.sendgrid_api_key, help="The key mails must carry.")
@click.option("--event-key-file", type=click.Path(exists=True, path_type=Path), help="Signs mail events.")
@click.option("--minute-limit", default=DEFAULTS.minute_limit, help="Requests a minute and organisation.")
@click.option("--day-limit", default=DEFAULTS.day_limit, help="Requests a day and organisation.")
@click.option("--concurrent-limit", default=DEFAULTS.concurrent_limit, help="Requests at once.")
@click.option("--empty", is_flag=True, help="Start without the made-up company.")
def main(
    host: str,
    port: int,
    public_url: str | None,
    state_clock: Path | None,
    app_url: str,
    webhook_url: str | None,
    event_url: str | None,
    inbound_url: str | None,
    text_inbound_url: str | None,
    stripe_webhook_url: str | None,
    event_key_file: Path | None,
    empty: bool,
    **rest: str | int,
) -> None:
    """Serve a pretend ledger and mail service for trying Dunnock out and for its tests."""
    listener = socket.create_server((host, port))
    config = SandboxConfig(
        app_url=app_url,
        webhook_url=webhook_url or f"{app_url}/webhooks/xero",
        event_url=event_url or f"{app_url}/webhooks/sendgrid/events",
        inbound_url=inbound_url or f"{app_url}/webhooks/sendgrid/inbound",
        text_inbound_url=text_inbound_url or f"{app_url}/webhooks/twilio/inbound",
        stripe_webhook_url=stripe_webhook_url or f"{app_url}/webhooks/stripe",
        event_private_key=event_key_file.read_text("ascii") if event_key_file else generate_event_key(),
        public_url=public_url or f"http://localhost:{listener.getsockname()[1]}",
        clock_file=state_clock,
        **rest,  # type: ignore[arg-type]  # click's options carry the names and types of the fields
    )
    serve(config, listener, empty=empty)


def serve(config: SandboxConfig, listener: socket.socket, *, empty: bool) -> None:
    """Serve until SIGTERM or Ctrl-C, then leave quietly."""
    app = create_sandbox(config)
    world = app.extensions["sandbox_world"]
    if not empty:
        make_company(world, world.now())
    server = make_sandbox_server(app, listener)

    def leave(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    click.echo(f"Sandbox ledger and mail at {config.public_url}", err=True)
    server.serve_forever()
    server.server_close()
    app.extensions["sandbox_webhooks"].stop()
    sys.exit(0)


if __name__ == "__main__":
    main()
