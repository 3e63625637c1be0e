"""Encryption of what must not lie in clear: PESELs and recordings; and marks that need the key."""

import hmac
from hashlib import sha256

from cryptography.fernet import Fernet

_keys: list[Fernet] = []
_mark_keys: list[bytes] = []


def bind(data_key: str) -> None:
    """Use `data_key` (DATA_KEY, a Fernet key) in this process."""
    _keys[:] = [Fernet(data_key)]
    _mark_keys[:] = [hmac.digest(data_key.encode(), b"marks", sha256)]


def seal(clear: bytes) -> bytes:
    return _keys[0].encrypt(clear)


def unseal(sealed: bytes) -> bytes:
    """The clear bytes. Raises cryptography.fernet.InvalidToken for another key or damage."""
    return _keys[0].decrypt(sealed)


def mark(clear: bytes) -> bytes:
    """32 bytes that are the same for the same `clear`, and that nobody finds without the key."""
    return hmac.digest(_mark_keys[0], clear, sha256)
