"""Headers of every answer: what a page may load, and who may frame, cache or guess it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from kit.settings import Settings

_BILLING = ("https://checkout.stripe.com", "https://billing.stripe.com")
_YEAR = 365 * 24 * 3600
_FOR_CUSTOMERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}
"""Of account pages: nobody learns their address, keeps them or finds them, and no script runs on them at all."""


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of the app, but those to webhooks."""
    always = {
        "Content-Security-Policy": _content_policy(settings),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    if settings.public_url.startswith("https://"):
        always["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"

    @app.after_request
    def add(response: Response) -> Response:
        if (request.blueprint or "").startswith("webhooks_"):
            return response  # read by a machine that wants a status and nothing else
        if request.path.startswith("/a/") or (g.get("own_name") and request.endpoint != "static"):
            response.headers.update(_FOR_CUSTOMERS)
        for name, value in always.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _content_policy(settings: Settings) -> str:
    """Scripts and styles from our own files only. Forms may lead to the ledger's sign-in, and to where plans are begun."""
    forms = [settings.xero_login_url, *(_BILLING if settings.sells else ())]
    if settings.sells:
        forms.append(settings.stripe_api_url)  # a stand-in shows its own pages
    others = " ".join(f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, forms))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "frame-src 'self'",
            f"form-action 'self' {others}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
