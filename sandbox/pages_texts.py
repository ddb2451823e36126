"""The telephones of all customers: the texts that arrived, and their owners' answers."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from sandbox.pages_answers import Answer, see_other
from sandbox.texts import found, text_desk
from sandbox.world import World


def add_text_pages(blueprint: Blueprint, world: World) -> None:
    """Reading, and answering."""

    def page(problem: str | None = None, notice: str | None = None) -> str:
        with world.lock:
            newest_first = list(text_desk().texts)[::-1]
            return render_template(
                "pages/texts.html", section="texts", texts=newest_first, problem=problem, notice=notice
            )

    @blueprint.get("/texts")
    def texts() -> Answer:
        return page(notice="The application has the answer." if "answered" in request.args else None)

    @blueprint.post("/texts/<sid>/reply")
    def text_reply(sid: str) -> Answer:
        text, said = found(text_desk(), sid), request.form.get("text", "").strip()
        if not said:
            return page(problem="Write an answer first."), 400
        try:
            status = text_desk().reply(text, said)
        except ValueError as error:
            return page(problem=str(error)), 409
        if status is None or status >= 400:
            return page(problem=f"The application did not take the answer (status {status})."), 502
        return see_other("texts", answered="yes")
