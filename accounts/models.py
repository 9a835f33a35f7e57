"""Who the user is, which Spotify account is linked, and what waits to be said in Telegram."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Users(UserManager["User"]):
    def find(self, spec: str) -> User:
        """The user named by a primary key, `tg:<telegram id>` or `@name` (Telegram's or ours).

        Raises `User.DoesNotExist`.
        """
        if spec.startswith("tg:"):
            return self.get(telegram_chat_id=int(spec[3:])) if spec[3:].lstrip("-").isdigit() else self.get(pk=None)
        if spec.startswith("@"):
            named = self.filter(Q(telegram_username__iexact=spec[1:]) | Q(username__iexact=spec[1:]))
            return named.order_by("pk").first() or self.get(pk=None)
        return self.get(pk=int(spec)) if spec.isdigit() else self.get(pk=None)


class User(AbstractUser):
    """Staff sign in with a password; a listener is `tg<id>` with an unusable one."""

    class Mode(models.TextChoices):
        FRESH = "fresh", _("a new playlist each day")
        STANDING = "standing", _("one playlist, refreshed")

    telegram_chat_id = models.BigIntegerField(unique=True, null=True, blank=True)
    telegram_username = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    timezone = models.CharField(max_length=64, default="UTC")
    nightly_at = models.TimeField(null=True, blank=True, help_text=_("Local time; empty switches the night off."))
    playlist_size = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Empty: the installation's default."),
    )
    min_new_ratio = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("Empty: the installation's default."),
    )
    playlist_mode = models.CharField(max_length=16, choices=Mode.choices, default=Mode.FRESH)
    last_generated_date = models.DateField(null=True, blank=True)
    latest_playlist_id = models.CharField(max_length=64, blank=True, default="")
    latest_playlist_url = models.URLField(blank=True, default="")
    is_bot_blocked = models.BooleanField(default=False)
    is_approved = models.BooleanField(default=False)

    objects: ClassVar[Users] = Users()  # type: ignore[assignment]

    @property
    def spotify(self) -> SpotifyAccount | None:
        """The linked account, if any; a pending one does not count."""
        return self.spotify_accounts.filter(pending=False).first()


class SpotifyAccount(models.Model):
    """A consent at Spotify. Tokens are sealed; only `accounts.spotify_auth` opens them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="spotify_accounts")
    account_id = models.CharField(max_length=128)
    spotify_user_id = models.CharField(max_length=128)
    display_name = models.CharField(max_length=128, blank=True, default="")
    access_token_sealed = models.TextField(blank=True, default="")
    refresh_token_sealed = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField()
    # Who holds the right to refresh: a row lock that needs no transaction around an HTTP call.
    refreshing_until = models.DateTimeField(null=True, blank=True)
    scopes = models.TextField(blank=True, default="", help_text=_("As granted, separated by spaces."))
    authorized_at = models.DateTimeField(help_text=_("The consent ends six months later, whatever we do."))
    needs_reconnect = models.BooleanField(default=False)
    market = models.CharField(max_length=2, blank=True, default="")
    pending = models.BooleanField(default=True)
    confirm_hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(pending=False), name="one_linked_account_a_user"),
            models.UniqueConstraint(fields=["account_id"], condition=Q(pending=False), name="one_user_an_account"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.spotify_user_id


class OAuthState(models.Model):
    """A one-time link from the bot or the shell; only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="link_requests")
    # Null for a link begun from the shell, which activates without the bot's confirmation.
    telegram_chat_id = models.BigIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="link_by_expiry")]
        verbose_name = "one-time link"

    def __str__(self) -> str:
        return f"link for {self.user} until {self.expires_at:%Y-%m-%d %H:%M}"


class Outbox(models.Model):
    """A message to say in Telegram, written in the transaction of what it tells of."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        DEAD = "dead"

    key = models.CharField(max_length=128, unique=True)
    chat_id = models.BigIntegerField()
    kind = models.CharField(max_length=32)
    payload = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    not_before = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["status", "not_before"], name="outbox_due")]
        verbose_name_plural = "outbox"

    def __str__(self) -> str:
        return f"{self.key} {self.status}"
