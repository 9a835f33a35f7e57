"""How listeners stand, for figures and filters alike: a name, words, and a condition on User."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import SpotifyAccount

WORDS = {
    "linked": _("Spotify linked"),
    "needs_link": _("must connect Spotify again"),
    "not_linked": _("Spotify not linked"),
    "nightly": _("gets a playlist every night"),
    "blocked": _("has blocked the bot"),
    "waiting": _("waits to be let in"),
    "turned_away": _("turned away"),
}
_ACTIVE = Q(is_active=True)


def conditions() -> dict[str, Q]:
    """By the names of WORDS. The first three share out all who are active; the others overlap."""
    linked = Exists(SpotifyAccount.objects.filter(user=OuterRef("pk"), pending=False))
    ended = Exists(SpotifyAccount.objects.filter(user=OuterRef("pk"), pending=False, needs_reconnect=True))
    alive = _ACTIVE & Q(linked & ~ended)
    waiting = _ACTIVE & Q(is_approved=False, telegram_chat_id__isnull=False)
    return {
        "linked": alive,
        "needs_link": _ACTIVE & Q(ended),
        "not_linked": _ACTIVE & Q(~linked),
        "nightly": alive & Q(nightly_at__isnull=False, is_bot_blocked=False),
        "blocked": _ACTIVE & Q(is_bot_blocked=True),
        "waiting": Q(pk__in=[]) if settings.BOT_OPEN else waiting,
        "turned_away": Q(is_active=False),
    }
