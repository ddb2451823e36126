"""Encryption of secrets at rest with keys that can be rotated."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from kit.errors import UserError
from kit.wording import _


class SecretBox:
    """Encrypts with the first key and decrypts with any, so that keys can be rotated (``TOKEN_KEYS``)."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise UserError(_("TOKEN_KEYS is not set: set it to at least one long random key."))
        fernets = [Fernet(_as_fernet_key(key)) for key in keys]
        self._newest, self._fernet = fernets[0], MultiFernet(fernets)

    def encrypt(self, text: str) -> str:
        """The text, encrypted with the first key."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, cipher: str) -> str:
        """The text again; ``UserError`` when none of the keys fits."""
        try:
            return self._fernet.decrypt(cipher.encode("ascii")).decode()
        except InvalidToken:
            raise UserError(
                _(
                    "A stored ledger token or password cannot be decrypted: TOKEN_KEYS no longer holds the key it was encrypted"
                    " with. Put the old key back behind the new one, or reconnect the organisation, or give the password anew."
                )
            ) from None

    def is_by_newest(self, cipher: str) -> bool:
        """Whether it was encrypted with the first key, so that the others may be forgotten."""
        try:
            self._newest.decrypt(cipher.encode("ascii"))
        except InvalidToken:
            return False
        return True

    def rotate(self, cipher: str) -> str:
        """The same secret, encrypted with the first key; ``UserError`` when none of the keys fits."""
        return self.encrypt(self.decrypt(cipher))


def _as_fernet_key(key: str) -> bytes:
    """A key made by ``Fernet.generate_key`` as it is; any other text through SHA-256."""
    try:
        if len(base64.urlsafe_b64decode(key)) == 32:
            return key.encode("ascii")
    except (ValueError, UnicodeEncodeError):
        pass  # not base64, so it is a passphrase
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())


def digest(secret: str) -> str:
    """A fingerprint of a long random secret, to recognise it without keeping it."""
    return hashlib.sha256(secret.encode()).hexdigest()
