"""Encryption of what must not lie in clear: PESELs and recordings; and marks that need the key."""

import base64
import binascii
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


def unseal(sealed: bytes, ttl_s: int | None = None) -> bytes:
    """The clear bytes. Raises cryptography.fernet.InvalidToken for another key or damage, and for
    what was sealed more than `ttl_s` seconds ago."""
    return _keys[0].decrypt(sealed, ttl_s)


def is_whole(sealed: bytes) -> bool:
    """Whether it was sealed by some key and nothing of it is missing, as far as its form tells.

    The Fernet form: a byte 0x80, 8 of time, 16 to begin with, blocks of 16, 32 to prove it.
    """
    try:
        token = base64.b64decode(sealed, b"-_", validate=True)
    except binascii.Error:
        return False
    return token[:1] == b"\x80" and len(token) >= 73 and (len(token) - 57) % 16 == 0


def mark(clear: bytes) -> bytes:
    """32 bytes that are the same for the same `clear`, and that nobody finds without the key."""
    return hmac.digest(_mark_keys[0], clear, sha256)
