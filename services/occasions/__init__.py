"""Mails that no step of a schedule sends: thanks, statements, unsent invoices, confirmations and campaigns.

They are found when the rules look at a contact (``planning``), and go the same way as chasers from there on.
"""
