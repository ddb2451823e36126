"""The organisation and what is set up in it, as JSON."""

from __future__ import annotations

from sandbox.accounting.wire import EPOCH, MILLISECOND, Json, ms_instant
from sandbox.records import BrandingTheme, OrgUser
from sandbox.world import Organisation

VERSIONS = {"AU": "AU", "NZ": "NZ", "GB": "UK", "US": "US"}
ACTIONS = (
    "CreateApprovedInvoice",
    "CreateDraftInvoice",
    "AttachFilesIntoInvoice",
    "UseMulticurrency",
    "CreateInvoicePayment",
)


def organisation_shape(org: Organisation) -> Json:
    """The organisation itself."""
    return {
        "Name": org.name,
        "LegalName": org.legal_name,
        "PaysTax": True,
        "Version": VERSIONS.get(org.country, "GLOBAL"),
        "OrganisationType": "COMPANY",
        "BaseCurrency": org.base_currency,
        "CountryCode": org.country,
        "IsDemoCompany": org.is_demo,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": "QUARTERLY",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "CreatedDateUTC": f"/Date({(org.created_utc - EPOCH) // MILLISECOND})/",
        "OrganisationEntityType": "COMPANY",
        "Timezone": org.timezone,
        "ShortCode": org.short_code,
        "OrganisationID": org.tenant_id,
        "Edition": "BUSINESS",
        "Class": "DEMO" if org.is_demo else "PREMIUM",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {"Sales": {"Day": 30, "Type": "DAYSAFTERBILLDATE"}},
    }


def user_shape(user: OrgUser, *, is_subscriber: bool) -> Json:
    """Somebody who works in the ledger."""
    return {
        "UserID": user.id,
        "EmailAddress": user.email,
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "UpdatedDateUTC": ms_instant(user.updated_utc),
        "IsSubscriber": is_subscriber,
        "OrganisationRole": user.role,
    }


def theme_shape(theme: BrandingTheme) -> Json:
    """A branding theme."""
    return {
        "BrandingThemeID": theme.id,
        "Name": theme.name,
        "SortOrder": theme.sort_order,
        "CreatedDateUTC": ms_instant(theme.created_utc),
    }
