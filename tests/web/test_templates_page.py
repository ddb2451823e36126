"""The pages of texts: list, editor with preview and tone, test to oneself, tones side by side, languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit import clock
from kit.ids import derived_id
from services.app import App
from store.models import Contact, TemplateVersion
from tests.support.cast import Cast
from tests.support.visitor import Member, Visitor, words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BODY = "Hello,\n\n{{ overdue_total }} is open.\n\n{{ invoice_table }}\n\n{{ signature }}"


def address(stage: Cast, key: str = "second_reminder") -> str:
    return f"{stage.home}/templates/{derived_id('template', stage.organisation_id, key)}"


def typed(**fields: str) -> dict[str, str]:
    return {"name": "Second reminder", "subject": "Your invoice", "body": BODY, "based_on": "1", **fields}


def newest(dunnock: App, stage: Cast, language: str = "en") -> tuple[int, str, str]:
    with dunnock.database.read(stage.organisation_id) as session:
        template = derived_id("template", stage.organisation_id, "second_reminder")
        one = (
            session.query(TemplateVersion)
            .filter_by(template_id=template, language=language)
            .order_by(TemplateVersion.number.desc())
            .first()
        )
        assert one is not None
        return one.number, one.subject, one.body


def test_the_list_names_every_text_its_languages_and_who_sends_it(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/templates")
    assert "Formal notice Mail German English French Firm, Standard" in page
    assert "German English French Firm, Gentle, Standard" in page
    assert "You write in English." in page


def test_the_editor_shows_the_text_as_the_longest_owing_customer_would_get_it(
    owner: Member, stage: Cast
) -> None:
    page = owner.words(address(stage))
    assert "Version 1 in English. Sent by Firm, Gentle, Standard." in page
    assert "Invoices INV-1006 and INV-1007 from Hedgerow Joinery" in page
    assert "£8,400.00 on the invoices below" in page
    assert "payables@nightingale.example" in page
    assert "the first name of the customer's contact person, where the ledger has one" in page


def test_the_preview_is_about_whomever_one_names(owner: Member, stage: Cast) -> None:
    assert "INV-1003" in owner.words(f"{address(stage)}?about=corvid")
    one = owner.words(f"{address(stage)}?about=INV-1002")
    assert "£310.50 open on it" in one and "accounts@bellwether.example" in one
    assert "No customer and no open invoice is called “nobody”" in owner.words(
        f"{address(stage)}?about=nobody"
    )
    assert "Nobody at this customer has an e-mail address" in owner.words(f"{address(stage)}?about=quill")


def test_what_is_typed_is_shown_without_being_kept(owner: Member, stage: Cast, dunnock: App) -> None:
    answer = owner.press(
        f"{address(stage)}/preview", **typed(body="Good day,\n\nyou owe {{ overdue_total }}.", about="pike")
    )
    assert answer.status_code == 200
    assert "Good day, you owe £188.40." in words(answer)
    assert "{{ overdue_total }}.</textarea>" in answer.text
    assert newest(dunnock, stage)[0] == 1


def test_saving_makes_a_version_and_mails_are_written_with_it(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    answer = owner.press(address(stage), **typed(body=BODY.replace("\n", "\r\n"), about="pike"))
    assert answer.status_code == 302 and "about=pike" in answer.location
    assert newest(dunnock, stage) == (2, "Your invoice", BODY + "\n")
    assert "Version 2 in English" in owner.words(answer.location)
    german = owner.press(f"{address(stage)}?language=de", **typed(subject="Ihre Rechnung"))
    assert german.status_code == 302
    assert newest(dunnock, stage, "de")[:2] == (2, "Ihre Rechnung")
    assert newest(dunnock, stage)[:2] == (2, "Your invoice")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"body": "Dear {{ contact_nmae }}"}, "the field 'contact_nmae' does not exist (line 1)."),
        ({"body": "One\n\n{{ first_name }}"}, "the field 'first_name' may be without a value"),
        ({"subject": "{{ nope }}"}, "The subject cannot be used"),
        ({"name": ""}, "The template has no name; give it one."),
        ({"body": ""}, "The text of the mail is empty."),
    ],
)
def test_what_could_not_be_sent_is_refused_and_nothing_typed_is_lost(
    owner: Member, stage: Cast, dunnock: App, fields: dict[str, str], sentence: str
) -> None:
    answer = owner.press(address(stage), **typed(**{"subject": "A subject of mine", **fields}))
    assert answer.status_code == 422 and sentence in words(answer)
    if "subject" not in fields:
        assert 'value="A subject of mine"' in answer.text
    if fields.get("body"):
        assert f"{fields['body']}</textarea>" in answer.text
    assert newest(dunnock, stage)[0] == 1


def test_two_people_do_not_overwrite_each_other_unseen(owner: Member, stage: Cast, dunnock: App) -> None:
    assert owner.press(address(stage), **typed(subject="From Anna")).status_code == 302
    late = owner.press(address(stage), **typed(subject="From Ben"))
    assert late.status_code == 422 and "Somebody has changed this text since you opened it" in words(late)
    assert 'value="From Ben"' in late.text and 'name="based_on" type="hidden" value="2"' in late.text
    assert owner.press(address(stage), **typed(subject="From Ben", based_on="2")).status_code == 302
    assert newest(dunnock, stage)[:2] == (3, "From Ben")


def test_words_that_threaten_are_pointed_out_and_can_be_kept(owner: Member, stage: Cast) -> None:
    harsh = typed(body=f"You failed to pay.\n\nWe will see you in court.\n\n{BODY}")
    page = words(owner.press(f"{address(stage)}/preview", **harsh))
    assert "Line 1: You failed . This blames." in page and "Line 3: court . This threatens." in page
    assert owner.press(address(stage), **harsh).status_code == 302


def test_a_new_template_is_written_and_removed(owner: Member, stage: Cast) -> None:
    new = f"{stage.home}/templates/new"
    assert "Write something, then press Preview." in owner.words(new)
    assert "is open." in words(owner.press(f"{new}/preview", **typed()))
    assert owner.press(new, **typed()).status_code == 422  # the name is taken
    made = owner.press(f"{new}?language=fr", **typed(name="Un petit mot"))
    assert made.status_code == 302 and "language=fr" in made.location
    page = owner.words(made.location)
    assert "Version 1 in French. No schedule sends it." in page and "Add German" in page
    assert owner.press(f"{made.location.split('?')[0]}/remove").status_code == 302
    assert owner.get(made.location).status_code == 404
    assert owner.press(f"{address(stage)}/remove").location == address(stage)
    assert "is sent by “Firm”, “Gentle” and “Standard”" in owner.words(address(stage))


def test_a_language_without_a_text_begins_with_the_one_that_comes_with_the_product(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.query(TemplateVersion).filter_by(language="de").delete()
    page = owner.words(f"{address(stage)}?language=de&about=pike")
    assert "There is no German text yet." in page and "Guten Tag" in page
    assert "is written to in English wherever there is such a text; this is the German one." in page
    assert owner.get(f"{address(stage)}?language=xx").status_code == 404


def test_a_customer_and_the_organisation_can_be_given_a_language(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(f"{stage.home}/contacts/{stage.contact_id}/language", language="de")
    with dunnock.database.read(stage.organisation_id) as session:
        assert session.get_one(Contact, (stage.organisation_id, stage.contact_id)).language == "de"
    assert '<option value="de" selected>' in owner.get(f"{stage.home}/contacts/{stage.contact_id}").text
    owner.press(f"{stage.home}/templates/language", language="fr")
    assert "You write in French." in owner.words(f"{stage.home}/templates")
    assert "Bonjour" in owner.words(f"{address(stage)}?about=pike")
    assert owner.press(f"{stage.home}/templates/language", language="xx").status_code == 400


def test_the_tones_of_a_schedule_stand_side_by_side_each_on_its_day(owner: Member, stage: Cast) -> None:
    page = owner.words(f"{stage.home}/templates/side-by-side?about=INV-1003")
    due = clock.now().date() - timedelta(days=8)
    said = [
        "I just wanted to make sure that it has arrived",
        "It may just have slipped through",
        "On which day will you be paying?",
        "Is something holding it up?",
        "This letter does not give up any right",
    ]
    assert [page.index(one) for one in said] == sorted(page.index(one) for one in said)
    assert "14 days after due" in page and f"{(due + timedelta(days=2)).day} " in page
    gentle = derived_id("schedule", stage.organisation_id, "Gentle")
    other = owner.words(f"{stage.home}/templates/side-by-side?schedule={gentle}&about=INV-1003")
    assert "10 days after due" in other and "This letter" not in other


def test_a_text_that_is_missing_in_the_customers_language_says_so_beside_the_others(
    owner: Member, stage: Cast, dunnock: App
) -> None:
    owner.press(f"{stage.home}/contacts/{stage.contact_id}/language", language="de")
    with dunnock.database.write(stage.organisation_id) as session:
        courtesy = derived_id("template", stage.organisation_id, "courtesy")
        session.query(TemplateVersion).filter_by(language="de", template_id=courtesy).delete()
    page = owner.words(f"{stage.home}/templates/side-by-side?about=INV-1001")
    assert page.count("is written to in German wherever there is such a text; this is the English one.") == 1
    assert "Guten Tag" in page and "Hello" in page


def test_a_test_goes_to_oneself_or_says_that_nothing_is_sent(owner: Member, stage: Cast) -> None:
    answer = owner.press(f"{address(stage)}/test", **typed(about="pike"))
    assert answer.status_code == 200
    assert "SEND_MODE is log, so the test was not handed over" in words(answer)
    assert "anna@hedgerow.example" in words(answer) and 'value="Your invoice"' in answer.text


def test_those_who_may_not_change_texts_can_read_and_preview_them(visitor: Visitor, stage: Cast) -> None:
    colleague = visitor.signed_in_as(stage.colleague_id)
    page = colleague.get(f"{address(stage)}?about=pike")
    assert page.status_code == 200 and "owners and managers can change it" in words(page)
    assert "£188.40" in words(page) and ">Save<" not in page.text
    assert colleague.press(address(stage), **typed()).status_code == 403
    assert colleague.get(f"{stage.home}/templates/new").status_code == 403


def test_hostile_names_and_texts_stay_words(owner: Member, stage: Cast) -> None:
    page = owner.press(
        f"{address(stage)}/preview",
        **typed(subject="<script>alert(1)</script>", body="</textarea><script>alert(2)</script>{{ contact_name }}",
                about="document.title"),
    )  # fmt: skip
    assert page.status_code == 200
    assert "<script>alert" not in page.text and "<img src=x" not in page.text
    beside = owner.get(f"{stage.home}/templates/side-by-side?about=document.title")
    assert "&lt;img src=x" in beside.text and "<img src=x" not in beside.text
