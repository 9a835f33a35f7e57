"""Consents at Spotify end six months after they were given; who is told in time connects again without a lost day."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import SpotifyAccount
from accounts.outbox import say

WARNINGS = (30, 10)  # days before the end
SHORTEST = timedelta(days=181)  # of six months


def warn(now: datetime) -> int:
    """Tells each listener whose consent ends in 30 or in 10 days, once each; answers how many were told."""
    old = SpotifyAccount.objects.filter(pending=False, needs_reconnect=False, user__is_bot_blocked=False)
    old = old.filter(authorized_at__lt=now - SHORTEST + timedelta(days=max(WARNINGS)))
    return sum(_warn(account, now) for account in old.select_related("user"))


def _warn(account: SpotifyAccount, now: datetime) -> bool:
    left = (account.consent_ends_at - now).days
    reached = [days for days in WARNINGS if 0 <= left < days]
    if not reached or account.user.telegram_chat_id is None:
        return False
    # A day that was missed is made up for, and the later warning takes the place of the earlier one.
    key = f"consent:{account.pk}:{account.authorized_at:%Y%m%d}:{min(reached)}"
    return say(account.user.telegram_chat_id, "consent_ending", key, {"days": left})
