"""Xero: the ledger client, the governor of its call limits, and its sign-in service."""
