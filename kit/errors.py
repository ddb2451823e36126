"""Errors that are meant to be read by people."""

from __future__ import annotations


class UserError(Exception):
    """Something that a person can mend. The message is one clear sentence: what was wrong and what to do."""


class SettingsError(UserError):
    """One or more settings are wrong; the message names each, a line each."""
