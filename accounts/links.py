"""The one-time link to Spotify's consent, from the bot or the shell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LINK_LIFETIME = timedelta(minutes=10)


class Links(models.QuerySet["OAuthState"]):
    def open(self, now: datetime) -> Links:
        return self.filter(used_at=None, expires_at__gt=now)


class OAuthState(models.Model):
    """A one-time link from the bot or the shell; only its hash is kept."""

    token_hash = models.CharField(_("hash of the link"), max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="link_requests", verbose_name=_("listener")
    )
    # Null for a link begun from the shell, which activates without the bot's confirmation.
    telegram_chat_id = models.BigIntegerField(_("Telegram chat"), null=True, blank=True)
    expires_at = models.DateTimeField(_("valid until"))
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    by_paste = models.BooleanField(
        _("by pasting the address"),
        default=False,
        help_text=_("Its token is Spotify's state: the address landed on is pasted into the chat."),
    )
    keep = models.BooleanField(
        _("keep what is known"),
        null=True,
        blank=True,
        help_text=_("Whether what is known of another linked account is kept; empty: asked."),
    )
    returned_at = models.DateTimeField(
        _("came back"), null=True, blank=True, help_text=_("When Spotify sent the browser back.")
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects: ClassVar[Links] = Links.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name, verbose_name_plural = _("one-time link"), _("one-time links")
        indexes = [models.Index(fields=["expires_at"], name="link_by_expiry")]

    def __str__(self) -> str:
        return f"link for {self.user} until {self.expires_at:%Y-%m-%d %H:%M}"
