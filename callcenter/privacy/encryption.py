"""Encrypts what must not be stored in clear, such as PESELs and recordings; keyed hashes."""

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
    """The decrypted bytes.

    Raises cryptography.fernet.InvalidToken for another key, for damage, and for data that was
    encrypted more than `ttl_s` seconds ago.
    """
    return _keys[0].decrypt(sealed, ttl_s)


def is_whole(sealed: bytes) -> bool:
    """Whether `sealed` has the complete form of an encrypted value, whichever its key.

    The Fernet form: byte 0x80, 8 bytes of time, 16 of IV, blocks of 16, 32 of HMAC.
    """
    try:
        token = base64.b64decode(sealed, b"-_", validate=True)
    except binascii.Error:
        return False
    return token[:1] == b"\x80" and len(token) >= 73 and (len(token) - 57) % 16 == 0


def mark(clear: bytes) -> bytes:
    """A keyed hash of 32 bytes: equal for equal `clear`, and not computable without the key."""
    return hmac.digest(_mark_keys[0], clear, sha256)
