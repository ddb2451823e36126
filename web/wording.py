"""In which language pages are: as its reader has said, else as the browser asks for.

It is kept in the session, so that an error page needs no look at the database, and follows what its person has set elsewhere.
Programs are answered in English, and customers' pages have words and a choice of their own.
"""

from __future__ import annotations

from contextlib import ExitStack

from flask import Flask, g, request, session
from jinja2.runtime import Context
from jinja2.utils import pass_context
from markupsafe import Markup, escape

from kit import wording

_KEPT = "language"
_FOLLOWED = "language_followed"
"""In the session: what its person had set when this session last looked; absent: nothing."""
_OWN_WORDS = ("/api/", "/webhooks/", "/static/", "/a/", "/health", "/metrics")


def install(app: Flask) -> None:
    """Set the language with each request, and give page templates the words for it."""
    app.before_request(_begin)
    app.teardown_request(_end)
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    env.newstyle_gettext = True  # type: ignore[attr-defined]  # what the extension looks at
    env.globals.update({"gettext": _sentence, "ngettext": _counted, "pgettext": _in_context, "_": _words})
    env.globals.update(language_tag=wording.tag, page_languages=wording.LANGUAGES, language=wording.language)


def chosen() -> str | None:
    """What whoever looks has chosen; None: as the browser asks."""
    found = session.get(_KEPT)
    return found if found in wording.LANGUAGES else None


def keep(language: str | None) -> None:
    """Go on in this language in this session, from this moment on; None: as the browser asks."""
    session.pop(_KEPT, None)
    if language is not None:
        session[_KEPT] = language
    _speak(chosen() or _asked_by_browser())


def follow(setting: str | None) -> None:
    """Go on as the person has set it, if that has changed since this session last looked: they may have done so elsewhere."""
    if session.get(_FOLLOWED) != setting:
        keep(setting)
        session[_FOLLOWED] = setting


def _begin() -> None:
    if not request.path.startswith(_OWN_WORDS):
        _speak(chosen() or _asked_by_browser())


def _speak(language: str) -> None:
    if "wording" not in g:
        g.wording = ExitStack()
    stack: ExitStack = g.wording
    stack.enter_context(wording.worded_in(language, on_pages=True))


def _end(_error: BaseException | None) -> None:
    stack: ExitStack | None = g.pop("wording", None)
    if stack is not None:
        stack.close()


def _asked_by_browser() -> str:
    return request.accept_languages.best_match(wording.LANGUAGES, wording.ENGLISH) or wording.ENGLISH


# A ``{% trans %}`` block is markup of the template's own, with values that are escaped as they go in. ``_("…")`` is plain
# words, which are escaped as a whole where they come out, so that it can be given whatever somebody has typed. Values
# that the template has made markup of itself (links in a ``{% set %}`` block, what a macro wrote) stay what they are.


def _words(text: str, /, **values: object) -> str:
    if any(hasattr(value, "__html__") for value in values.values()):
        return escape(wording.said(text)) % values
    return wording.gettext(text, **values)


@pass_context
def _sentence(context: Context, text: str, /, **values: object) -> str:
    return _as_markup(context, wording.said(text), values)


@pass_context
def _in_context(context: Context, about: str, text: str, /, **values: object) -> str:
    return _as_markup(context, wording.said(text, about), values)


@pass_context
def _counted(context: Context, one: str, many: str, number: int, /, **values: object) -> str:
    values = {**values, "count": wording.whole_number(number, wording.locale())}
    return _as_markup(context, wording.said_of(one, many, number), values)


def _as_markup(context: Context, text: str, values: dict[str, object]) -> str:
    return Markup(text) % values if context.eval_ctx.autoescape else text % values  # noqa: S704
