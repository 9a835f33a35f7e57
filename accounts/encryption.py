"""Tokens at rest: encrypted, and bound to the row they belong to."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from vibe.clients.errors import ServiceError


class Unreadable(ServiceError):
    """A stored token does not open: token_no_key, token_wrong_key, or token_wrong_owner (it is another row's)."""

    def __init__(self, code: str = "token_wrong_key") -> None:
        super().__init__("tokens", code, permanent=True)


def seal(owner: str, token: str) -> str:
    """The token as stored, encrypted with the first key."""
    # Fernet has no associated data; the owner inside the text is what refuses a swapped row.
    return _fernet().encrypt(f"{owner}\n{token}".encode()).decode()


def unseal(owner: str, sealed: str) -> str:
    """The token, whichever of the keys sealed it. Raises Unreadable."""
    try:
        found, _, token = _fernet().decrypt(sealed).decode().partition("\n")
    except InvalidToken:
        raise Unreadable from None
    if found != owner:
        raise Unreadable("token_wrong_owner")
    return token


def reseal(sealed: str) -> str:
    """The same text under the first key. Raises Unreadable."""
    try:
        return _fernet().rotate(sealed).decode()
    except InvalidToken:
        raise Unreadable from None


def _fernet() -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in settings.TOKEN_ENCRYPTION_KEYS])
    except ValueError:  # no key at all, or one that is none; `vibe.checks` says how to make one
        raise Unreadable("token_no_key") from None
