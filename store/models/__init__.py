"""The tables, one file a subject. Everything below an organisation has its id in the primary key."""

from store.models.account_pages import AccountLink, AccountPages, PageAnswer
from store.models.audit import AuditEntry
from store.models.base import Base
from store.models.brakes import Brake, Habits, Installation
from store.models.bulk import BulkItem, BulkRun
from store.models.chasing import (
    Hold,
    PlacingRule,
    Schedule,
    ScheduleVersion,
    StepTaken,
    Template,
    TemplateVersion,
)
from store.models.communication import (
    Attachment,
    Communication,
    CommunicationInvoice,
    InvoicePdf,
    LedgerNote,
    MailEvent,
)
from store.models.comparing import ComparisonMember, ScheduleComparison
from store.models.connecting import ConnectionMark, LedgerRefusal
from store.models.consequences import AccountStop, ClaimLetter, LateFee, LatePaymentPolicy, LatePaymentTerms
from store.models.control import EditedText, InternalNotice, Replay, WeeklyDigest
from store.models.credit import AccountWatch, CreditAlert, CreditLimit
from store.models.credit_reports import CreditCompany, CreditReport
from store.models.data_rights import (
    DataExport,
    DataExportPart,
    DeletedOrganisation,
    Deletion,
    ErasedAddress,
    Erasure,
)
from store.models.disputes import Dispute
from store.models.feed import EventEndpoint, Feed, FeedEvent
from store.models.figures import BookTurn, FigureTarget, KeptResult, MonthlyFigure, StaleFigure
from store.models.finding import ContactTag, MessageWords, SavedView
from store.models.foresight import ForeseenMail, Foresight
from store.models.history import HistoryReading
from store.models.inbox import InboxEvent, Lease, SweepMark, SyncPosition
from store.models.ledger import Allocation, Contact, Credit, Invoice, Payment
from store.models.occasions import Campaign, CampaignMember, OccasionSwitch, SentMark
from store.models.organisation import ApiAnswer, ApiToken, Authorisation, Membership, Organisation, Person
from store.models.payers import CashForecast, PayerLook, PayerRating, RatingChange
from store.models.people import ChangedAddress, ChannelWish, ContactPerson, PersonAway
from store.models.plans import PaidFor, Payer, TrialPeriod
from store.models.practices import (
    Practice,
    PracticeClient,
    PracticeMember,
    PracticeMemberClient,
    PracticeRun,
    PracticeRunClient,
    PracticeSet,
    PracticeSetUse,
)
from store.models.promises import (
    ExpectedDate,
    PaymentPlan,
    PlanInstalment,
    PlanInvoice,
    PromiseInvoice,
    PromiseToPay,
)
from store.models.quotes import Quote
from store.models.replies import Answer, PaidClaim, PaidClaimInvoice, Reply, StrayMail
from store.models.risk import CreditProposal, RiskChange, RiskMark
from store.models.second_eyes import AskedChange
from store.models.senders import Forward, MailboxReading, Sender, SendingDomain
from store.models.setting_up import PlannedStart, SetupStep
from store.models.signing_in import (
    Invitation,
    Passkey,
    Password,
    PasswordReset,
    RecoveryCode,
    SignIn,
    UsedChallenge,
)
from store.models.special_terms import AgreedTerms
from store.models.stopped_addresses import StoppedAddress
from store.models.team_tasks import TeamTask
from store.models.texts import TextStop

__all__ = [
    "AccountLink",
    "AccountPages",
    "AccountStop",
    "AccountWatch",
    "AgreedTerms",
    "Allocation",
    "Answer",
    "ApiAnswer",
    "ApiToken",
    "AskedChange",
    "Attachment",
    "AuditEntry",
    "Authorisation",
    "Base",
    "BookTurn",
    "Brake",
    "BulkItem",
    "BulkRun",
    "Campaign",
    "CampaignMember",
    "CashForecast",
    "ChangedAddress",
    "ChannelWish",
    "ClaimLetter",
    "Communication",
    "CommunicationInvoice",
    "ComparisonMember",
    "ConnectionMark",
    "Contact",
    "ContactPerson",
    "ContactTag",
    "Credit",
    "CreditAlert",
    "CreditCompany",
    "CreditLimit",
    "CreditProposal",
    "CreditReport",
    "DataExport",
    "DataExportPart",
    "DeletedOrganisation",
    "Deletion",
    "Dispute",
    "EditedText",
    "ErasedAddress",
    "Erasure",
    "EventEndpoint",
    "ExpectedDate",
    "Feed",
    "FeedEvent",
    "FigureTarget",
    "ForeseenMail",
    "Foresight",
    "Forward",
    "Habits",
    "HistoryReading",
    "Hold",
    "InboxEvent",
    "Installation",
    "InternalNotice",
    "Invitation",
    "Invoice",
    "InvoicePdf",
    "KeptResult",
    "LateFee",
    "LatePaymentPolicy",
    "LatePaymentTerms",
    "Lease",
    "LedgerNote",
    "LedgerRefusal",
    "MailEvent",
    "MailboxReading",
    "Membership",
    "MessageWords",
    "MonthlyFigure",
    "OccasionSwitch",
    "Organisation",
    "PageAnswer",
    "PaidClaim",
    "PaidClaimInvoice",
    "PaidFor",
    "Passkey",
    "Password",
    "PasswordReset",
    "Payer",
    "PayerLook",
    "PayerRating",
    "Payment",
    "PaymentPlan",
    "Person",
    "PersonAway",
    "PlacingRule",
    "PlanInstalment",
    "PlanInvoice",
    "PlannedStart",
    "Practice",
    "PracticeClient",
    "PracticeMember",
    "PracticeMemberClient",
    "PracticeRun",
    "PracticeRunClient",
    "PracticeSet",
    "PracticeSetUse",
    "PromiseInvoice",
    "PromiseToPay",
    "Quote",
    "RatingChange",
    "RecoveryCode",
    "Replay",
    "Reply",
    "RiskChange",
    "RiskMark",
    "SavedView",
    "Schedule",
    "ScheduleComparison",
    "ScheduleVersion",
    "Sender",
    "SendingDomain",
    "SentMark",
    "SetupStep",
    "SignIn",
    "StaleFigure",
    "StepTaken",
    "StoppedAddress",
    "StrayMail",
    "SweepMark",
    "SyncPosition",
    "TeamTask",
    "Template",
    "TemplateVersion",
    "TextStop",
    "TrialPeriod",
    "UsedChallenge",
    "WeeklyDigest",
]
