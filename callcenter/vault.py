"""Encryption of what must not lie in clear: PESELs and recordings."""

from cryptography.fernet import Fernet

_keys: list[Fernet] = []


def bind(data_key: str) -> None:
    """Use `data_key` (DATA_KEY, a Fernet key) in this process."""
    _keys[:] = [Fernet(data_key)]


def seal(clear: bytes) -> bytes:
    return _keys[0].encrypt(clear)


def unseal(sealed: bytes) -> bytes:
    """The clear bytes. Raises cryptography.fernet.InvalidToken for another key or damage."""
    return _keys[0].decrypt(sealed)
