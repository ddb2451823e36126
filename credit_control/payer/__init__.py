"""How customers pay, told from the ledger alone: a rating, habits, and when an open invoice is likely to be paid.

Every figure is a published formula over invoices that can be named (docs/payers.md). Days and shares are exact
fractions and are rounded once, when they are shown; amounts of two currencies are never added.
"""
