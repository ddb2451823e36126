"""Texts through the API: each change is a version, and what could not be sent is refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from kit.ids import derived_id
from services import compose
from store.models import TemplateVersion
from tests.web.api.conftest import Api

BODY = "Hello,\n\n{{ invoice_table }}\n\n{{ copies }}\n\n{{ signature }}"
NEW = {"name": "A friendly word", "subject": "Invoice {{ invoice_numbers }}", "body": BODY}


def courtesy(api: Api) -> str:
    return derived_id("template", api.cast.organisation_id, "courtesy")


def put(api: Api, body: dict[str, Any], template: str | None = None) -> Any:
    return api.call("PUT", f"/templates/{template or courtesy(api)}", json=body)


def versions(api: Api, template: str) -> list[tuple[str, int, str]]:
    with api.app.database.read(api.cast.organisation_id) as session:
        rows = session.query(TemplateVersion).filter_by(template_id=template)
        return sorted((row.language, row.number, row.subject) for row in rows)


def test_a_template_is_told_with_all_its_languages_and_who_uses_it(api: Api) -> None:
    shown = api.get(f"/templates/{courtesy(api)}")
    assert shown.items() >= {"key": "courtesy", "name": "Courtesy", "language": "en", "version": 1}.items()
    assert [one["language"] for one in shown["texts"]] == ["de", "en", "fr"]
    assert shown["used_by"] == ["Firm", "Gentle", "Standard"]
    assert shown["subject"] == compose.shipped()["courtesy"].subject and shown["hints"] == []
    german = api.get(f"/templates/{courtesy(api)}", language="de")
    assert german["language"] == "de" and german["body"].startswith("Guten Tag")


def test_a_new_template_can_be_read_back_and_named_by_steps(api: Api) -> None:
    answer = api.post("/templates", NEW)
    assert answer.status_code == 201
    made: Any = answer.json
    assert made["key"] == "a_friendly_word" and made["version"] == 1 and made["language"] == "en"
    assert made["used_by"] == [] and made["body"] == BODY + "\n"
    assert api.get(f"/templates/{made['id']}") == made
    assert made in api.walk("/templates", 2)
    again: Any = api.post("/templates", NEW | {"name": "A friendly  word!"}).json
    assert again["key"] == "a_friendly_word_2"


def test_a_change_is_a_new_version_and_the_earlier_one_stays(api: Api) -> None:
    before = api.get(f"/templates/{courtesy(api)}")
    changed = put(api, {"subject": "Your invoice", "body": BODY}).json
    assert (changed["version"], changed["subject"], changed["name"]) == (2, "Your invoice", "Courtesy")
    assert versions(api, courtesy(api))[1:3] == [("en", 1, before["subject"]), ("en", 2, "Your invoice")]
    assert put(api, {"subject": "Your invoice", "body": BODY}).json == changed  # nothing has changed
    german = put(api, {"language": "de", "subject": "Ihre Rechnung", "body": BODY, "name": "Note"}).json
    assert (german["language"], german["version"], german["name"]) == ("de", 2, "Note")
    assert api.get(f"/templates/{courtesy(api)}")["subject"] == "Your invoice"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"body": "Hello\n{{ contact_nmae }}"}, "The text cannot be used: the field 'contact_nmae' does not exist (line 2)."),
        ({"body": "Hello {{ first_name }}"}, "the field 'first_name' may be without a value"),
        ({"subject": "{{ nope }}"}, "The subject cannot be used: the field 'nope' does not exist (line 1)."),
        ({"subject": "{% if false %}x{% endif %}"}, "The subject of the mail is empty."),
        ({"subject": "{{ invoice_table }}"}, "The invoice table cannot stand in the subject."),
        ({"body": "{% if false %}x{% endif %}"}, "The text of the mail is empty."),
        ({"body": "Hello\n\n{{ contact_name"}, "'{{' is not closed, or much later (line 3)"),
        ({"language": "xx"}, "Letters cannot be written in “xx” yet; choose one of"),
        ({"name": "Second reminder"}, "There is already a template called “Second reminder”"),
    ],
)  # fmt: skip
def test_what_could_not_be_sent_is_refused_with_the_line(
    api: Api, wrong: dict[str, str], sentence: str
) -> None:
    before = len(api.walk("/templates", 200))
    for answer in (api.post("/templates", NEW | wrong), put(api, NEW | wrong)):
        assert answer.status_code == 422
        assert sentence in answer.json["detail"]  # type: ignore[index]  # a problem is an object
    assert api.get(f"/templates/{courtesy(api)}")["version"] == 1
    assert len(api.walk("/templates", 200)) == before


def test_words_that_threaten_are_pointed_out_and_kept(api: Api) -> None:
    answer = put(api, {"subject": "Final warning", "body": f"Hello,\n\nwe will see you in court.\n\n{BODY}"})
    assert answer.status_code == 200
    assert [(one["place"], one["line"], one["words"]) for one in answer.json["hints"]] == [
        ("subject", 1, "Final warning"),
        ("body", 3, "court"),
    ]
    assert "threatens" in answer.json["hints"][0]["why"]


def test_a_template_in_use_cannot_be_removed_and_another_one_can(api: Api) -> None:
    answer = api.call("DELETE", f"/templates/{courtesy(api)}")
    assert answer.status_code == 409
    detail = answer.json["detail"]  # type: ignore[index]  # a problem is an object
    assert detail.startswith("“Courtesy” is sent by “Firm”, “Gentle” and “Standard”; choose another text")
    unused = f"/templates/{derived_id('unused', api.cast.organisation_id)}"
    assert api.call("DELETE", unused).status_code == 204
    assert api.call("GET", unused).status_code == api.call("DELETE", unused).status_code == 404
    assert api.post("/templates", NEW | {"name": "Unused"}).json["key"] == "unused_2"  # type: ignore[index]


def choose(api: Api, whose: str, code: str | None) -> Any:
    answer = api.call("PUT", f"{whose}/language", json={"language": code})
    return answer.json["language"] if answer.status_code == 200 else answer.status_code  # type: ignore[index]


def test_the_organisation_and_a_contact_have_a_language(api: Api) -> None:
    assert api.get("/organisation")["language"] == "en"
    assert choose(api, "/organisation", "fr") == "fr"
    assert api.get(f"/templates/{courtesy(api)}")["language"] == "fr"
    assert put(api, {"subject": "Facture", "body": BODY}).json["language"] == "fr"
    assert choose(api, "/organisation", None) == "en"
    contact = f"/contacts/{api.cast.contact_id}"
    assert api.get(contact)["language"] is None
    assert choose(api, contact, "de") == api.get(contact)["language"] == "de"
    assert choose(api, contact, "xx") == choose(api, "/organisation", "xx") == 422
    assert choose(api, contact, None) is None


def test_a_repeated_post_makes_one_template(api: Api) -> None:
    before = len(api.walk("/templates", 200))
    answers = {api.post("/templates", NEW, key="k-7").data for _ in range(3)}
    assert len(answers) == 1 and len(api.walk("/templates", 200)) == before + 1
