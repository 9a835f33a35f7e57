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


def say_needs_link(account: SpotifyAccount, facts: dict[str, Any], *, own_key: str = "") -> None:
    """Tells the listener once that Spotify must be connected again; in the caller's transaction.

    `facts`: the payload, `code` at least. `own_key`: of somebody who waits for an answer of his own; he is told in any
    case, and then nobody else need tell it.
    """
    user, key = account.user, needs_link_key(account)
    if user.telegram_chat_id is None or user.is_bot_blocked:
        return
    say(user.telegram_chat_id, "needs_link", key, facts)
    if own_key:
        say(user.telegram_chat_id, "needs_link", own_key, facts)
        untried = Outbox.objects.filter(key=key, status=Outbox.Status.PENDING, attempts=0)
        untried.update(status=Outbox.Status.DEAD, error_code="superseded")
