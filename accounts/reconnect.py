"""A consent that has ended: whoever finds out first tells its listener, once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Outbox, SpotifyAccount
from accounts.outbox import say
from vibe.clients.errors import NeedsReconnect


def ended(account: SpotifyAccount, now: datetime) -> NeedsReconnect:
    """The error of a consent that is gone: it ran out, or it was taken back."""
    return NeedsReconnect(code="consent_ended" if now >= account.consent_ends_at else "needs_reconnect")


def needs_link_key(account: SpotifyAccount) -> str:
    """One for each consent that ends: whoever finds out first tells it, and all the others keep quiet."""
    return f"needs_link:{account.pk}:{account.authorized_at.isoformat()}"


def say_needs_link(account: SpotifyAccount, facts: dict[str, Any], *, card: tuple[str, int] | None = None) -> None:
    """Tells the listener once that Spotify must be connected again; in the caller's transaction.

    `facts`: the payload, `code` at least. `card`: a key of its own and the message that waits for an answer; it gets
    this one where that is not on its way yet, else the same words in its place.
    """
    user, key = account.user, needs_link_key(account)
    if user.telegram_chat_id is None or user.is_bot_blocked:
        return
    own_key, message_id = card or ("", None)
    if say(user.telegram_chat_id, "needs_link", key, facts, message_id=message_id) or message_id is None:
        return
    untried = Outbox.objects.filter(key=key, status=Outbox.Status.PENDING, attempts=0, message_id=None)
    if not untried.update(message_id=message_id, payload=facts):
        say(user.telegram_chat_id, "needs_link", own_key, facts, message_id=message_id)
