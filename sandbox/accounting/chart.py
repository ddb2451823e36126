"""What an organisation's documents can be booked on: accounts, tax rates, tracking categories. The same for all."""

from __future__ import annotations

from decimal import Decimal

from sandbox.accounting.wire import Json

ACCOUNTS = {
    "200": ("Sales", "REVENUE"),
    "260": ("Other Revenue", "REVENUE"),
    "270": ("Interest Income", "REVENUE"),
    "280": ("Realised Currency Gains", "REVENUE"),
    "310": ("Cost of Goods Sold", "EXPENSE"),
    "610": ("Accounts Receivable", "ASSET"),
}
"""By their codes: name and class."""

SYSTEM = {"280": "REALISEDCURRENCYGAIN", "610": "DEBTORS"}
"""Accounts that the ledger books on by itself."""

TAX_RATES = {
    "NONE": ("No VAT", Decimal(0), True),
    "OUTPUT2": ("20% (VAT on Income)", Decimal(20), True),
    "INPUT2": ("20% (VAT on Expenses)", Decimal(20), False),
}
"""By their types: name, percent, and whether it can be used for sales."""

TRACKING = {"Region": ("North", "South")}


def account_shapes() -> list[Json]:
    """The chart of accounts."""
    return [
        {
            "AccountID": f"00000000-0000-4000-8000-0000000{code:0>5}",
            "Code": code,
            "Name": name,
            "Status": "ACTIVE",
            "Type": kind if kind != "ASSET" else "CURRENT",
            "Class": kind,
            "EnablePaymentsToAccount": False,
            **({"SystemAccount": SYSTEM[code]} if code in SYSTEM else {}),
        }
        for code, (name, kind) in ACCOUNTS.items()
    ]


def tax_rate_shapes() -> list[Json]:
    """The tax rates."""
    return [
        {
            "Name": name,
            "TaxType": type_,
            "Status": "ACTIVE",
            "CanApplyToRevenue": for_sales,
            "CanApplyToExpenses": not for_sales,
            "DisplayTaxRate": float(percent),
            "EffectiveRate": float(percent),
        }
        for type_, (name, percent, for_sales) in TAX_RATES.items()
    ]


def tracking_shapes() -> list[Json]:
    """The tracking categories with their options."""
    return [
        {
            "Name": name,
            "Status": "ACTIVE",
            "TrackingCategoryID": f"00000000-0000-4000-8000-{number:0>12}",
            "Options": [
                {
                    "TrackingOptionID": f"00000000-0000-4000-9000-{number}{place:0>11}",
                    "Name": option,
                    "Status": "ACTIVE",
                }
                for place, option in enumerate(options, 1)
            ],
        }
        for number, (name, options) in enumerate(TRACKING.items(), 1)
    ]
