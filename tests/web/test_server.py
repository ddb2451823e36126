"""What a server process does beside answering."""

from __future__ import annotations

from services.app import App
from web import create_app
from web.server import compile_templates


def test_every_template_is_ready_before_somebody_asks_for_its_page(dunnock: App) -> None:
    app = create_app(dunnock)
    compile_templates(app)
    cache = app.jinja_env.cache
    assert cache is not None
    names = set(app.jinja_env.list_templates(extensions=["html"]))
    assert len(names) > 150
    assert {name for _, name in cache.keys()} == names, "all fit into what the environment keeps"  # noqa: SIM118
