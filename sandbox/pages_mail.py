"""The mailbox of all customers: what arrived, as they read it, and their answers."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, render_template, request, send_file

from sandbox.mail import mail_desk
from sandbox.mail_inbound import ReplyDraft
from sandbox.mailbox import Mail
from sandbox.pages_answers import Answer, found_or_404, see_other
from sandbox.world import World

_HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; "
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
"""A mail's own HTML may look as it likes and link, but runs nothing and fetches nothing."""


def add_mail_pages(blueprint: Blueprint, world: World) -> None:
    """Reading, and answering."""
    _add_reading(blueprint, world)
    _add_answering(blueprint)


def _add_reading(blueprint: Blueprint, world: World) -> None:
    @blueprint.get("/mail")
    def mails() -> Answer:
        with world.lock:
            newest_first = list(mail_desk().mailbox)[::-1]
            return render_template("pages/mails.html", section="mail", mails=newest_first)

    @blueprint.get("/mail/<mail_id>")
    def mail(mail_id: str) -> Answer:
        with world.lock:
            return _page(_mail(mail_id), notice=_fate_of_answer(request.args.get("answered")))

    @blueprint.get("/mail/<mail_id>/html")
    def mail_html(mail_id: str) -> Answer:
        html = found_or_404(_mail(mail_id).html, "HTML part")
        answer = Response(html, content_type="text/html; charset=utf-8")
        answer.headers["Content-Security-Policy"] = _HTML_POLICY
        return answer

    @blueprint.get("/mail/<mail_id>/attachments/<int:place>")
    def attachment(mail_id: str, place: int) -> Answer:
        files = dict(enumerate(_mail(mail_id).attachments))
        file = found_or_404(files.get(place), "attachment")
        return send_file(BytesIO(file.content), file.type, as_attachment=True, download_name=file.name)


def _add_answering(blueprint: Blueprint) -> None:
    @blueprint.post("/mail/<mail_id>/reply")
    def reply(mail_id: str) -> Answer:
        answered, text = _mail(mail_id), request.form.get("text", "").strip()
        if not text:
            return _page(answered, problem="Write an answer first."), 400
        try:
            status, _ = mail_desk().reply(answered, ReplyDraft(text))
        except ValueError as error:
            return _page(answered, problem=str(error), draft=text), 409
        if status is not None and 400 <= status < 500:
            return _page(answered, problem=f"The application refused the answer (status {status})."), 502
        return see_other("mail", mail_id=mail_id, answered="taken" if status and status < 400 else "later")


def _fate_of_answer(answered: str | None) -> str | None:
    return {
        "taken": "The application has the answer.",
        "later": "The application did not take the answer yet; it is tried again.",
    }.get(answered or "")


def _page(mail: Mail, problem: str | None = None, notice: str | None = None, draft: str = "") -> str:
    return render_template(
        "pages/mail.html", section="mail", mail=mail, problem=problem, notice=notice, draft=draft
    )


def _mail(mail_id: str) -> Mail:
    return found_or_404(mail_desk().mailbox.get(mail_id), "mail")
