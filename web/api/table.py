"""Every route of the API: the one table from which routing, rights, validation and the description are made."""

from __future__ import annotations

from typing import Final

from services.roles import Right
from web.api.account_pages import offer_account_pages, show_account_pages, withdraw_account_links
from web.api.account_status import end_watch, put_on_watch, show_account_status
from web.api.account_stops import lift_stop, stop_account
from web.api.audit_log import list_audit_log
from web.api.brakes import list_brakes, release_brake, stop_mail
from web.api.bulk import act_in_bulk, show_bulk_run, undo_bulk_run
from web.api.calendars import (
    change_calendar,
    set_customers_calendar,
    show_calendar,
    show_customers_calendar,
)
from web.api.claims import (
    approve_claim_letter,
    claim_letter_posted,
    download_case,
    hand_over,
    list_claim_letters,
    list_claimable,
    make_claim_letter,
    print_claim_letter,
    show_claim_letter,
    withdraw_claim_letter,
)
from web.api.cohorts import report_cohorts
from web.api.communications import let_go, list_communications, list_ledger_notes, settle, show_communication
from web.api.comparisons import report_comparisons
from web.api.contacts import change_contact, list_contacts, show_contact
from web.api.courses import (
    change_schedule,
    list_schedules,
    make_schedule,
    move_to_newest,
    pause_schedule,
    resume_schedule,
)
from web.api.credit import decide_limit, show_credit
from web.api.credit_proposals import (
    accept_credit_proposal,
    decline_credit_proposal,
    list_credit_proposals,
)
from web.api.credit_reports import show_credit_reports
from web.api.customer_rights import (
    ask_for_contact_export,
    change_contact_rights,
    erase_contact,
    list_contact_exports,
    show_contact_rights,
)
from web.api.data_exports import ask_for_data_export, download_data_export, list_data_exports
from web.api.data_health import show_data_health
from web.api.disputes import (
    change_dispute,
    list_disputes,
    open_dispute,
    settle_dispute,
    show_dispute,
    withdraw_dispute,
)
from web.api.effect import report_does_it_work, report_impact
from web.api.event_endpoints import (
    add_event_endpoint,
    list_event_endpoints,
    remove_event_endpoint,
    switch_event_endpoint,
)
from web.api.events import list_events
from web.api.invoices import explain_invoice, list_invoices, show_invoice
from web.api.languages import choose_contacts_language, choose_own_language
from web.api.late_fees import (
    charge_fees,
    list_chargeable,
    list_late_fees,
    read_choices,
    show_choices,
    switch_charging,
    waive_fees,
)
from web.api.late_payment import choose_rules, set_terms, show_interest, show_policy, show_terms
from web.api.ledger_notes import set_contact_note_text, set_note_rule, show_note_rule, try_note_again
from web.api.money_ahead import report_money_ahead
from web.api.occasions import (
    change_campaign,
    list_campaigns,
    list_occasions,
    run_campaign,
    show_campaign,
    show_statement_run,
    switch_occasion,
)
from web.api.organisation import change_organisation, show_organisation
from web.api.payers import show_payer
from web.api.payment_plans import (
    accept_plan,
    agree_plan,
    change_plan,
    decline_plan,
    end_plan,
    list_plans,
    print_agreement,
    send_agreement,
    set_plan_policy,
    show_plan_policy,
)
from web.api.people import (
    add_person,
    change_person,
    confirm_address,
    list_people,
    note_wish,
    remove_person,
    settle_away,
    settle_stopped_address,
)
from web.api.promises import list_promises, record_promise, withdraw_promise
from web.api.queue import act_on_queue, change_text, send_at_once, show_queue, skip_once
from web.api.records import place_hold, record_call, record_note, release_hold
from web.api.replies import (
    answer_reply,
    assign_stray_mail,
    dismiss_stray_mail,
    list_paid_claims,
    list_replies,
    list_stray_mails,
    refute_paid_claim,
    settle_reply,
    show_reply,
    undo_reply,
    wait_for_paid_claim,
)
from web.api.reports import report_ageing, report_kpis, report_text_messages, report_usage
from web.api.risk import show_risk, show_risk_of
from web.api.route import Route
from web.api.rules import add_rule, change_rule, list_rules, order_rules, remove_rule
from web.api.runs import run
from web.api.senders import add_sender, change_sender, check_sender, list_senders, remove_sender, show_sender
from web.api.setting_up import show_setup
from web.api.simulation import ask_for_replay, show_replay, simulate_schedule
from web.api.special_terms import agree_special_terms, show_special_terms, take_back_special_terms
from web.api.tasks import hand_call_over, leave_task_out, list_calls, list_tasks, record_letter, record_review
from web.api.team import (
    change_member,
    invite,
    list_api_tokens,
    list_invitations,
    list_team,
    remove_member,
    revoke_api_token,
    send_invitation,
    withdraw_invitation,
)
from web.api.team_tasks import (
    ask_for_task,
    change_team_task,
    finish_team_task,
    list_team_tasks,
    reopen_team_task,
)
from web.api.templates import change_template, create_template, list_templates, remove_template, show_template
from web.api.timeline import list_contacts_timeline, list_invoices_timeline

ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "/organisation", Right.VIEW, show_organisation),
    Route("PATCH", "/organisation", Right.CHANGE_CHASING, change_organisation),
    Route("GET", "/setup", Right.VIEW, show_setup),
    Route("GET", "/organisation/calendar", Right.VIEW, show_calendar),
    Route("PATCH", "/organisation/calendar", Right.CHANGE_SETTINGS, change_calendar),
    Route("GET", "/brakes", Right.VIEW, list_brakes),
    Route("POST", "/brakes", Right.CHANGE_CHASING, stop_mail, status=201),
    Route("DELETE", "/brakes/{id}", Right.CHANGE_CHASING, release_brake, status=204),
    Route("GET", "/contacts", Right.VIEW, list_contacts),
    Route("GET", "/contacts/{id}", Right.VIEW, show_contact),
    Route("PATCH", "/contacts/{id}", Right.CHANGE_CHASING, change_contact),
    Route("GET", "/contacts/{id}/payer", Right.VIEW, show_payer),
    Route("GET", "/contacts/{id}/calendar", Right.VIEW, show_customers_calendar),
    Route("PUT", "/contacts/{id}/calendar", Right.RECORD, set_customers_calendar),
    Route("GET", "/contacts/{id}/people", Right.VIEW, list_people),
    Route("POST", "/contacts/{id}/people", Right.RUN, add_person, status=201),
    Route("POST", "/contacts/{id}/right-address", Right.RUN, confirm_address),
    Route("POST", "/contacts/{id}/away", Right.RUN, settle_away),
    Route("POST", "/contacts/{id}/wishes", Right.RECORD, note_wish),
    Route("POST", "/contacts/{id}/stopped-addresses", Right.RUN, settle_stopped_address),
    Route("PUT", "/people/{id}", Right.RUN, change_person),
    Route("DELETE", "/people/{id}", Right.RUN, remove_person, status=204),
    Route("GET", "/account-pages", Right.VIEW, show_account_pages),
    Route("PUT", "/account-pages", Right.CHANGE_SETTINGS, offer_account_pages),
    Route("POST", "/contacts/{id}/withdraw-links", Right.RECORD, withdraw_account_links),
    Route("GET", "/data-health", Right.VIEW, show_data_health),
    Route("GET", "/invoices", Right.VIEW, list_invoices),
    Route("GET", "/invoices/{id}", Right.VIEW, show_invoice),
    Route("GET", "/invoices/{id}/why", Right.VIEW, explain_invoice),
    Route("GET", "/invoices/{id}/timeline", Right.VIEW, list_invoices_timeline),
    Route("GET", "/contacts/{id}/timeline", Right.VIEW, list_contacts_timeline),
    Route("GET", "/events", Right.VIEW, list_events),
    Route("GET", "/audit-log", Right.READ_AUDIT, list_audit_log),
    Route("GET", "/event-endpoints", Right.VIEW, list_event_endpoints),
    Route("POST", "/event-endpoints", Right.CHANGE_SETTINGS, add_event_endpoint, status=201),
    Route("PATCH", "/event-endpoints/{id}", Right.CHANGE_SETTINGS, switch_event_endpoint),
    Route("DELETE", "/event-endpoints/{id}", Right.CHANGE_SETTINGS, remove_event_endpoint, status=204),
    Route("GET", "/data-exports", Right.TAKE_ALONG, list_data_exports),
    Route("POST", "/data-exports", Right.TAKE_ALONG, ask_for_data_export, status=201),
    Route("GET", "/data-exports/{id}/zip", Right.TAKE_ALONG, download_data_export),
    Route("GET", "/contacts/{id}/data-exports", Right.TAKE_ALONG, list_contact_exports),
    Route("POST", "/contacts/{id}/data-exports", Right.TAKE_ALONG, ask_for_contact_export, status=201),
    Route("GET", "/contacts/{id}/rights", Right.TAKE_ALONG, show_contact_rights),
    Route("PATCH", "/contacts/{id}/rights", Right.TAKE_ALONG, change_contact_rights),
    Route("POST", "/contacts/{id}/erasure", Right.TAKE_ALONG, erase_contact),
    Route("GET", "/communications", Right.VIEW, list_communications),
    Route("GET", "/communications/{id}", Right.VIEW, show_communication),
    Route("POST", "/communications/{id}/go", Right.RUN, let_go),
    Route("POST", "/communications/{id}/send-now", Right.RUN, send_at_once),
    Route("POST", "/communications/{id}/skip", Right.RUN, skip_once),
    Route("POST", "/communications/{id}/settle", Right.RUN, settle),
    Route("POST", "/communications/{id}/change", Right.RUN, change_text),
    Route("GET", "/queue", Right.VIEW, show_queue),
    Route("POST", "/queue/actions", Right.RUN, act_on_queue),
    Route("POST", "/bulk", Right.RECORD, act_in_bulk, status=201),
    Route("GET", "/bulk/{id}", Right.VIEW, show_bulk_run),
    Route("POST", "/bulk/{id}/undo", Right.RECORD, undo_bulk_run, status=201),
    Route("GET", "/replies", Right.VIEW, list_replies),
    Route("GET", "/replies/{id}", Right.VIEW, show_reply),
    Route("POST", "/replies/{id}/settle", Right.RECORD, settle_reply),
    Route("POST", "/replies/{id}/undo", Right.RECORD, undo_reply),
    Route("POST", "/replies/{id}/answer", Right.RUN, answer_reply, status=201),
    Route("GET", "/stray-mails", Right.VIEW, list_stray_mails),
    Route("POST", "/stray-mails/{id}/assign", Right.RECORD, assign_stray_mail),
    Route("POST", "/stray-mails/{id}/dismiss", Right.RECORD, dismiss_stray_mail),
    Route("GET", "/paid-claims", Right.VIEW, list_paid_claims),
    Route("POST", "/paid-claims/{id}/refute", Right.RECORD, refute_paid_claim),
    Route("POST", "/paid-claims/{id}/wait", Right.RECORD, wait_for_paid_claim),
    Route("GET", "/ledger-notes", Right.VIEW, list_ledger_notes),
    Route("GET", "/calls", Right.VIEW, list_calls),
    Route("PUT", "/contacts/{id}/calls", Right.RECORD, hand_call_over),
    Route("POST", "/ledger-notes/{id}/try-again", Right.RECORD, try_note_again),
    Route("GET", "/ledger-notes/rule", Right.VIEW, show_note_rule),
    Route("PUT", "/ledger-notes/rule", Right.CHANGE_SETTINGS, set_note_rule),
    Route("PUT", "/contacts/{id}/note-text", Right.CHANGE_CHASING, set_contact_note_text),
    Route("GET", "/team", Right.SEE_SETTINGS, list_team),
    Route("PATCH", "/team/{id}", Right.MANAGE_TEAM, change_member),
    Route("POST", "/team/{id}/remove", Right.MANAGE_TEAM, remove_member, status=204),
    Route("GET", "/invitations", Right.MANAGE_TEAM, list_invitations),
    Route("POST", "/invitations", Right.MANAGE_TEAM, invite, status=201),
    Route("POST", "/invitations/{id}/send", Right.MANAGE_TEAM, send_invitation),
    Route("DELETE", "/invitations/{id}", Right.MANAGE_TEAM, withdraw_invitation, status=204),
    Route("GET", "/api-tokens", Right.MANAGE_TEAM, list_api_tokens),
    Route("DELETE", "/api-tokens/{id}", Right.MANAGE_TEAM, revoke_api_token, status=204),
    Route("GET", "/team-tasks", Right.VIEW, list_team_tasks),
    Route("POST", "/team-tasks", Right.RECORD, ask_for_task, status=201),
    Route("PATCH", "/team-tasks/{id}", Right.RECORD, change_team_task),
    Route("POST", "/team-tasks/{id}/finish", Right.RECORD, finish_team_task),
    Route("POST", "/team-tasks/{id}/reopen", Right.RECORD, reopen_team_task),
    Route("POST", "/calls", Right.RECORD, record_call, status=201),
    Route("GET", "/promises", Right.VIEW, list_promises),
    Route("POST", "/promises", Right.RECORD, record_promise, status=201),
    Route("POST", "/promises/{id}/withdraw", Right.RECORD, withdraw_promise),
    Route("GET", "/plans", Right.VIEW, list_plans),
    Route("POST", "/plans", Right.RECORD, agree_plan, status=201),
    Route("GET", "/plans/policy", Right.VIEW, show_plan_policy),
    Route("PUT", "/plans/policy", Right.CHANGE_CHASING, set_plan_policy),
    Route("POST", "/plans/{id}/accept", Right.RECORD, accept_plan),
    Route("POST", "/plans/{id}/decline", Right.RECORD, decline_plan),
    Route("POST", "/plans/{id}/change", Right.RECORD, change_plan),
    Route("POST", "/plans/{id}/end", Right.RECORD, end_plan),
    Route("GET", "/plans/{id}/agreement", Right.VIEW, print_agreement),
    Route("POST", "/plans/{id}/agreement", Right.RUN, send_agreement),
    Route("GET", "/tasks", Right.VIEW, list_tasks),
    Route("POST", "/reviews", Right.RECORD, record_review, status=201),
    Route("POST", "/letters", Right.RECORD, record_letter, status=201),
    Route("POST", "/tasks/skip", Right.RECORD, leave_task_out),
    Route("POST", "/notes", Right.RECORD, record_note, status=201),
    Route("POST", "/holds", Right.RECORD, place_hold, status=201),
    Route("DELETE", "/holds/{id}", Right.RECORD, release_hold, status=204),
    Route("GET", "/disputes", Right.VIEW, list_disputes),
    Route("POST", "/disputes", Right.RECORD, open_dispute, status=201),
    Route("GET", "/disputes/{id}", Right.VIEW, show_dispute),
    Route("PATCH", "/disputes/{id}", Right.RECORD, change_dispute),
    Route("POST", "/disputes/{id}/settle", Right.RECORD, settle_dispute),
    Route("POST", "/disputes/{id}/withdraw", Right.RECORD, withdraw_dispute),
    Route("GET", "/schedules", Right.VIEW, list_schedules),
    Route("POST", "/schedules", Right.CHANGE_CHASING, make_schedule, status=201),
    Route("POST", "/schedules/simulate", Right.RECORD, simulate_schedule),
    Route("PUT", "/schedules/{id}", Right.CHANGE_CHASING, change_schedule),
    Route("GET", "/schedules/{id}/replay", Right.VIEW, show_replay),
    Route("POST", "/schedules/{id}/replay", Right.RECORD, ask_for_replay),
    Route("POST", "/schedules/{id}/move", Right.CHANGE_CHASING, move_to_newest),
    Route("POST", "/schedules/{id}/pause", Right.CHANGE_CHASING, pause_schedule),
    Route("POST", "/schedules/{id}/resume", Right.CHANGE_CHASING, resume_schedule),
    Route("GET", "/rules", Right.VIEW, list_rules),
    Route("POST", "/rules", Right.CHANGE_CHASING, add_rule, status=201),
    Route("PUT", "/rules", Right.CHANGE_CHASING, order_rules),
    Route("PUT", "/rules/{id}", Right.CHANGE_CHASING, change_rule),
    Route("DELETE", "/rules/{id}", Right.CHANGE_CHASING, remove_rule, status=204),
    Route("GET", "/templates", Right.VIEW, list_templates),
    Route("POST", "/templates", Right.CHANGE_CHASING, create_template, status=201),
    Route("GET", "/templates/{id}", Right.VIEW, show_template),
    Route("PUT", "/templates/{id}", Right.CHANGE_CHASING, change_template),
    Route("DELETE", "/templates/{id}", Right.CHANGE_CHASING, remove_template, status=204),
    Route("PUT", "/organisation/language", Right.CHANGE_CHASING, choose_own_language),
    Route("PUT", "/contacts/{id}/language", Right.CHANGE_CHASING, choose_contacts_language),
    Route("GET", "/senders", Right.VIEW, list_senders),
    Route("POST", "/senders", Right.CHANGE_SETTINGS, add_sender, status=201),
    Route("GET", "/senders/{id}", Right.VIEW, show_sender),
    Route("PATCH", "/senders/{id}", Right.CHANGE_SETTINGS, change_sender),
    Route("DELETE", "/senders/{id}", Right.CHANGE_SETTINGS, remove_sender, status=204),
    Route("POST", "/senders/{id}/check", Right.CHANGE_SETTINGS, check_sender),
    Route("POST", "/runs", Right.RUN, run),
    Route("GET", "/occasions", Right.VIEW, list_occasions),
    Route("PATCH", "/occasions", Right.CHANGE_CHASING, switch_occasion),
    Route("GET", "/occasions/statements", Right.VIEW, show_statement_run),
    Route("GET", "/campaigns", Right.VIEW, list_campaigns),
    Route("POST", "/campaigns", Right.CHANGE_CHASING, run_campaign),
    Route("GET", "/campaigns/{id}", Right.VIEW, show_campaign),
    Route("PATCH", "/campaigns/{id}", Right.CHANGE_CHASING, change_campaign),
    Route("GET", "/reports/ageing", Right.VIEW, report_ageing),
    Route("GET", "/reports/kpis", Right.VIEW, report_kpis),
    Route("GET", "/reports/cohorts", Right.VIEW, report_cohorts),
    Route("GET", "/reports/money-ahead", Right.VIEW, report_money_ahead),
    Route("GET", "/reports/impact", Right.VIEW, report_impact),
    Route("GET", "/reports/does-it-work", Right.VIEW, report_does_it_work),
    Route("GET", "/reports/comparisons", Right.VIEW, report_comparisons),
    Route("GET", "/reports/text-messages", Right.VIEW, report_text_messages),
    Route("GET", "/reports/usage", Right.VIEW, report_usage),
    Route("GET", "/invoices/{id}/interest", Right.VIEW, show_interest),
    Route("GET", "/late-payment", Right.VIEW, show_policy),
    Route("PUT", "/late-payment", Right.CHANGE_SETTINGS, choose_rules),
    Route("GET", "/contacts/{id}/late-payment", Right.VIEW, show_terms),
    Route("PUT", "/contacts/{id}/late-payment", Right.CHANGE_CHASING, set_terms),
    Route("GET", "/contacts/{id}/credit", Right.VIEW, show_credit),
    Route("GET", "/contacts/{id}/credit-reports", Right.VIEW, show_credit_reports),
    Route("GET", "/credit/risk", Right.VIEW, show_risk),
    Route("GET", "/contacts/{id}/risk", Right.VIEW, show_risk_of),
    Route("GET", "/contacts/{id}/special-terms", Right.VIEW, show_special_terms),
    Route("POST", "/contacts/{id}/special-terms", Right.GRANT_CREDIT, agree_special_terms, status=201),
    Route("DELETE", "/special-terms/{id}", Right.GRANT_CREDIT, take_back_special_terms, status=204),
    Route("PUT", "/contacts/{id}/credit-limit", Right.GRANT_CREDIT, decide_limit),
    Route("GET", "/credit/proposals", Right.VIEW, list_credit_proposals),
    Route("POST", "/credit/proposals/{id}/accept", Right.GRANT_CREDIT, accept_credit_proposal),
    Route("POST", "/credit/proposals/{id}/decline", Right.GRANT_CREDIT, decline_credit_proposal),
    Route("GET", "/contacts/{id}/account-status", Right.VIEW, show_account_status),
    Route("POST", "/contacts/{id}/watch", Right.RUN, put_on_watch),
    Route("POST", "/contacts/{id}/end-watch", Right.RUN, end_watch),
    Route("POST", "/contacts/{id}/stop", Right.RUN, stop_account),
    Route("POST", "/contacts/{id}/lift", Right.RUN, lift_stop),
    Route("PUT", "/late-payment/charging", Right.CHANGE_SETTINGS, switch_charging),
    Route("GET", "/late-payment/choices", Right.VIEW, show_choices),
    Route("POST", "/late-payment/choices", Right.CHANGE_SETTINGS, read_choices),
    Route("GET", "/late-fees", Right.VIEW, list_late_fees),
    Route("GET", "/late-fees/possible", Right.VIEW, list_chargeable),
    Route("POST", "/late-fees", Right.CHANGE_CHASING, charge_fees, status=201),
    Route("POST", "/late-fees/waivers", Right.CHANGE_CHASING, waive_fees, status=201),
    Route("GET", "/claims/possible", Right.VIEW, list_claimable),
    Route("GET", "/letters-before-action", Right.VIEW, list_claim_letters),
    Route(
        "POST", "/contacts/{id}/letters-before-action", Right.CHANGE_CHASING, make_claim_letter, status=201
    ),
    Route("GET", "/letters-before-action/{id}", Right.VIEW, show_claim_letter),
    Route("GET", "/letters-before-action/{id}/pdf", Right.VIEW, print_claim_letter),
    Route("POST", "/letters-before-action/{id}/approve", Right.CHANGE_CHASING, approve_claim_letter),
    Route("POST", "/letters-before-action/{id}/withdraw", Right.CHANGE_CHASING, withdraw_claim_letter),
    Route("POST", "/letters-before-action/{id}/posted", Right.CHANGE_CHASING, claim_letter_posted),
    Route("POST", "/contacts/{id}/hand-over", Right.CHANGE_CHASING, hand_over, status=201),
    Route("GET", "/contacts/{id}/hand-over", Right.CHANGE_CHASING, download_case),
)
