"""What was said, agreed and is known of how to reach people; what refers to others goes before them."""

from __future__ import annotations

from typing import Final

from kit.wording import N_
from store.personal.table import CHASE, COLLEAGUES, LEDGER, OWN, SAID, STORY, Personal, Whose, columns

TABLES: Final = (
    Personal(
        "foreseen_mails",
        Whose.CONTACT,
        "mails that were foreseen",
        "To show what comes.",
        OWN,
        goes=True,
        with_it=False,
    ),
    Personal(
        "foresights", Whose.CONTACT, "what is foreseen", "To show what comes.", OWN, goes=True, with_it=False
    ),
    Personal(
        "message_words",
        Whose.MESSAGE,
        "words for the search",
        "To find messages.",
        OWN,
        goes=True,
        with_it=False,
    ),
    Personal(
        "feed_events",
        Whose.CONTACT,
        N_("events for other programs"),
        "To tell other programs what happened.",
        OWN,
        emptied=columns("title", "text"),
        kept=columns("invoice_ids"),
    ),
    Personal(
        "account_links",
        Whose.CONTACT,
        N_("links to the customer’s page"),
        "To show what is open.",
        OWN,
        goes=True,
    ),
    Personal("page_answers", Whose.CONTACT, N_("answers on the customer’s page"), STORY, SAID, goes=True),
    Personal("edited_texts", Whose.CONTACT, N_("texts written for one mail"), CHASE, COLLEAGUES, goes=True),
    Personal("attachments", Whose.MESSAGE, N_("files"), STORY, SAID, goes=True),
    Personal(
        "forwards",
        Whose.MESSAGE,
        N_("answers passed on to colleagues"),
        "To tell colleagues.",
        OWN,
        goes=True,
    ),
    Personal("answers", Whose.MESSAGE, N_("answers to the customer"), STORY, COLLEAGUES, goes=True),
    Personal("replies", Whose.CONTACT, N_("replies as work"), STORY, SAID, goes=True),
    Personal(
        "mail_events",
        Whose.MESSAGE,
        N_("reports of the mail provider"),
        "To know whether mail arrives.",
        "The mail provider.",
        emptied=columns("reason", "recipient"),
    ),
    Personal("ledger_notes", Whose.NOTED, N_("notes for the ledger"), STORY, OWN, goes=True),
    Personal(
        "history_readings",
        Whose.DOCUMENT,
        "readings of the ledger’s history",
        "To show notes from the ledger.",
        OWN,
        goes=True,
        with_it=False,
    ),
    Personal(
        "bulk_items",
        Whose.ABOUT,
        "parts of actions on many",
        "To do one thing to many.",
        COLLEAGUES,
        emptied=columns("said", "before"),
        with_it=False,
    ),
    Personal(
        "team_tasks", Whose.CONTACT, N_("tasks of colleagues"), "To have it seen to.", COLLEAGUES, goes=True
    ),
    Personal(
        "holds", Whose.CONTACT, N_("holds"), "To leave the customer alone meanwhile.", COLLEAGUES, goes=True
    ),
    Personal(
        "disputes",
        Whose.CONTACT,
        N_("disputes"),
        STORY,
        SAID,
        emptied=columns("reason", "outcome_text"),
        signed=columns("opened_by", "settled_by"),
    ),
    Personal(
        "promises",
        Whose.CONTACT,
        N_("promises to pay"),
        STORY,
        SAID,
        emptied=columns("said_by"),
        signed=columns("recorded_by"),
    ),
    Personal(
        "payment_plans",
        Whose.CONTACT,
        N_("payment plans"),
        STORY,
        SAID,
        signed=columns("recorded_by", "accepted_by"),
    ),
    Personal(
        "paid_claims",
        Whose.CONTACT,
        N_("payments that were reported"),
        STORY,
        SAID,
        emptied=columns("reference"),
        signed=columns("created_by", "settled_by"),
    ),
    Personal(
        "campaign_members", Whose.CONTACT, N_("campaigns"), "To write to a list once.", COLLEAGUES, goes=True
    ),
    Personal(
        "comparison_members",
        Whose.CONTACT,
        N_("comparisons of schedules"),
        "To see which schedule works better.",
        OWN,
    ),
    Personal("contact_tags", Whose.CONTACT, N_("tags"), "To find customers.", COLLEAGUES, goes=True),
    Personal(
        "contact_people", Whose.CONTACT, N_("people"), "To know to whom to write.", COLLEAGUES, goes=True
    ),
    Personal(
        "changed_addresses",
        Whose.CONTACT,
        N_("changed addresses"),
        "To write to nobody by mistake.",
        LEDGER,
        goes=True,
    ),
    Personal(
        "channel_wishes",
        Whose.CONTACT,
        N_("wishes how to be contacted"),
        "To contact the customer as it likes.",
        SAID,
        goes=True,
    ),
    Personal(
        "people_away",
        Whose.CONTACT,
        N_("people who are away"),
        "To wait until they are back.",
        SAID,
        goes=True,
    ),
    Personal(
        "stopped_addresses",
        Whose.CONTACT,
        N_("addresses that get no mail"),
        "To write to nobody who wants none.",
        SAID,
        goes=True,
    ),
    Personal(
        "late_payment_terms",
        Whose.CONTACT,
        N_("terms of late payment"),
        "To charge for late payment.",
        COLLEAGUES,
        goes=True,
    ),
)
