"""Names that came with the product are said in the reader's language, until somebody has given others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from credit_control.schedules import PRESETS
from kit.ids import derived_id
from kit.wording import worded_in
from services.app import App
from services.compose import all_shipped
from services.occasions.finding import NAMES
from services.preset_names import MAILS, SCHEDULES, STEPS, TEXTS, preset_name
from store.models import Schedule
from tests.support.cast import Cast
from tests.support.visitor import Member


@pytest.fixture
def german(owner: Member) -> Member:
    owner.press("/account/language", language="de")
    return owner


def test_every_name_that_comes_with_the_product_is_known() -> None:
    assert set(PRESETS) == SCHEDULES
    assert {step.name for steps in PRESETS.values() for step in steps} == STEPS
    assert {key.replace("_", " ").capitalize() for key in all_shipped("en")} == TEXTS
    assert set(NAMES.values()) <= MAILS | TEXTS


@given(st.text())
def test_a_name_of_ones_own_stays_as_it_was_typed(name: str) -> None:
    with worded_in("de"):
        assert preset_name(f"{name}!") == f"{name}!"
    assert preset_name(name) == name


def test_pages_show_them_in_german_and_forms_have_them_as_stored(german: Member, stage: Cast) -> None:
    schedules = german.words(f"{stage.home}/schedules")
    assert "Behutsam 0 Kunden" in schedules and "Nachdrücklich 0 Kunden" in schedules
    assert "Erste Mahnung" in schedules and "First reminder" not in schedules
    firm = german.get(f"{stage.home}/schedules/{derived_id('schedule', stage.organisation_id, 'Firm')}").text
    assert 'name="schedule_name" value="Firm"' in firm
    assert 'value="First reminder"' in firm and "Förmliche Mahnung</option>" in firm
    assert "Ankündigung der Sperre" in german.words(f"{stage.home}/templates")


@pytest.mark.parametrize("page", ["today", "data/customers", "invoices?show=open", "rules", "settings"])
def test_no_page_says_a_preset_name_in_english(german: Member, stage: Cast, page: str) -> None:
    said = german.words(f"{stage.home}/{page}")
    assert [name for name in STEPS if " " in name and name in said] == []


def test_a_planned_mail_is_called_by_its_step_in_german(german: Member, stage: Cast) -> None:
    assert re.search(r"(Erste|Zweite|Dritte|Förmliche) Mahnung", german.words(f"{stage.home}/queue"))


def test_a_renamed_schedule_keeps_the_name_that_it_was_given(
    german: Member, stage: Cast, dunnock: App
) -> None:
    with dunnock.database.write(stage.organisation_id) as session:
        session.execute(update(Schedule).where(Schedule.name == "Gentle").values(name="Soft & slow"))
    said = german.words(f"{stage.home}/schedules")
    assert "Soft & slow" in said and "Behutsam" not in said
