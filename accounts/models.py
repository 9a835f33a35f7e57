"""Who the user is, which Spotify account is linked, and what waits to be said in Telegram."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import mix
from accounts.links import LINK_LIFETIME as LINK_LIFETIME
from accounts.links import OAuthState as OAuthState
from accounts.messages import Incident as Incident
from accounts.messages import Outbox as Outbox

CONSENT_MONTHS = 6  # https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens


def validate_timezone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is no time zone; write one like Europe/Moscow."), params={"name": name})


def telegram_id(spec: str) -> int | None:
    """The id in `tg:<telegram id>`, if that is what it is."""
    found = re.fullmatch(r"tg:(-?\d{1,18})", spec)
    return int(found[1]) if found else None


class Users(UserManager["User"]):
    def find(self, spec: str) -> User:
        """The user named by a primary key, `tg:<telegram id>` or `@name` (Telegram's or ours).

        Raises `User.DoesNotExist`.
        """
        if (chat := telegram_id(spec)) is not None:
            named = Q(telegram_chat_id=chat)
        elif name := spec.removeprefix("@") if spec.startswith("@") else "":
            named = Q(telegram_username__iexact=name) | Q(username__iexact=name)
        else:
            named = Q(pk=int(spec) if spec.isdecimal() else None)
        user = self.filter(named).order_by("pk").first()
        if user is None:
            raise self.model.DoesNotExist(spec)
        return user

    def listener(self, spec: str) -> User:
        """A new user for `tg:<telegram id>` or `@name`, who cannot sign in with a password.

        Raises `ValidationError` where the spec makes no good name or the name is taken.
        """
        chat = telegram_id(spec)
        if chat is None and not spec.startswith("@"):
            raise ValidationError(_("A new user is named by @name or tg:<telegram id>."))
        user = self.model(username=spec.removeprefix("@").replace(":", ""), telegram_chat_id=chat)
        user.set_unusable_password()
        user.full_clean()
        user.save()
        return user


class User(AbstractUser):
    """Staff sign in with a password; a listener is `tg<id>` with an unusable one."""

    class Mode(models.TextChoices):
        FRESH = "fresh", _("a new playlist each day")
        STANDING = "standing", _("one playlist, refreshed")

    telegram_chat_id = models.BigIntegerField(_("Telegram chat"), unique=True, null=True, blank=True)
    telegram_username = models.CharField(_("Telegram name"), max_length=64, blank=True, default="")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_timezone])
    nightly_at = models.TimeField(
        _("hour of the night"), null=True, blank=True, help_text=_("Local time; empty switches the night off.")
    )
    nightly_since = models.DateTimeField(
        _("hour chosen at"),
        null=True,
        blank=True,
        help_text=_("When the hour was chosen; what was due before is not caught up with."),
    )
    playlist_size = models.PositiveSmallIntegerField(
        _("tracks in a playlist"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Empty: the installation's default."),
    )
    min_new_ratio = models.FloatField(
        _("least share of new tracks"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("Empty: the installation's default."),
    )
    wildness = models.PositiveSmallIntegerField(
        _("wildness"),
        default=0,
        validators=[MaxValueValidator(10)],
        help_text=_("0: closest to his taste; 10: mostly artists he does not know and tracks that few people know."),
    )
    languages = models.CharField(
        _("languages of the music"),
        max_length=200,
        default=mix.AUTO,
        validators=[mix.validate],
        help_text=_("auto: as he listens; off: whatever comes; or shares, like: ru 40 en 50 other 10."),
    )
    playlist_mode = models.CharField(_("kind of playlist"), max_length=16, choices=Mode.choices, default=Mode.FRESH)
    last_generated_date = models.DateField(_("day of the latest playlist"), null=True, blank=True)
    latest_playlist_id = models.CharField(_("id of the latest playlist"), max_length=64, blank=True, default="")
    latest_playlist_url = models.URLField(_("address of the latest playlist"), blank=True, default="")
    is_bot_blocked = models.BooleanField(_("blocked the bot"), default=False)
    is_approved = models.BooleanField(_("let in"), default=False)
    asked = models.CharField(
        _("awaited answer"),
        max_length=32,
        blank=True,
        default="",
        help_text=_("The bot's command that waits for a word of his."),
    )

    objects: ClassVar[Users] = Users()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(playlist_size__range=(1, 100)), name="size_is_1_to_100"),
            models.CheckConstraint(condition=Q(min_new_ratio__range=(0.0, 1.0)), name="ratio_is_0_to_1"),
            models.CheckConstraint(condition=Q(wildness__range=(0, 10)), name="wildness_is_0_to_10"),
            models.CheckConstraint(condition=Q(playlist_mode__in=["fresh", "standing"]), name="mode_is_known"),
        ]

    @property
    def spotify(self) -> SpotifyAccount | None:
        """The linked account, if any; a pending one does not count."""
        return self.spotify_accounts.filter(pending=False).first()

    @property
    def size(self) -> int:
        """Tracks a playlist: the user's wish, or the installation's."""
        return settings.DEFAULT_PLAYLIST_SIZE if self.playlist_size is None else self.playlist_size

    @property
    def ratio(self) -> float:
        """The least share of new tracks, 0..1: the user's wish, or the installation's."""
        return settings.MIN_NEW_RATIO if self.min_new_ratio is None else self.min_new_ratio

    @property
    def zone(self) -> ZoneInfo:
        """UTC where the name means nothing here (any more)."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("UTC")

    def local_date(self, now: datetime) -> date:
        """The date on the user's wall."""
        return now.astimezone(self.zone).date()


class SpotifyAccount(models.Model):
    """A consent at Spotify. Tokens are sealed; only `accounts.tokens` opens them."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="spotify_accounts", verbose_name=_("listener")
    )
    account_id = models.CharField(_("account id"), max_length=128)
    spotify_user_id = models.CharField(_("Spotify user id"), max_length=128)
    display_name = models.CharField(_("name at Spotify"), max_length=128, blank=True, default="")
    access_token_sealed = models.TextField(_("sealed access token"), blank=True, default="")
    refresh_token_sealed = models.TextField(_("sealed refresh token"), blank=True, default="")
    expires_at = models.DateTimeField(_("access token expires"))
    # Who holds the right to refresh: a row lock that needs no transaction around an HTTP call.
    refreshing_until = models.DateTimeField(_("being refreshed until"), null=True, blank=True)
    scopes = models.TextField(
        _("rights granted"), blank=True, default="", help_text=_("As granted, separated by spaces.")
    )
    authorized_at = models.DateTimeField(
        _("consent given"), help_text=_("The consent ends six months later, whatever we do.")
    )
    needs_reconnect = models.BooleanField(_("must be connected again"), default=False)
    market = models.CharField(_("country"), max_length=2, blank=True, default="")
    pending = models.BooleanField(_("not confirmed yet"), default=True)
    confirm_hash = models.CharField(_("hash of the confirmation"), max_length=64, blank=True, default="")
    standing_playlist_id = models.CharField(
        _("id of the standing playlist"),
        max_length=64,
        blank=True,
        default="",
        help_text=_("The one playlist that is refreshed in place."),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("Spotify account"), _("Spotify accounts")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(pending=False), name="one_linked_account_a_user"),
            models.UniqueConstraint(fields=["user"], condition=Q(pending=True), name="one_pending_account_a_user"),
            models.UniqueConstraint(fields=["account_id"], condition=Q(pending=False), name="one_user_an_account"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.spotify_user_id

    @property
    def consent_ends_at(self) -> datetime:
        """Six calendar months after the consent; refreshing does not extend it."""
        year, month = divmod(self.authorized_at.month - 1 + CONSENT_MONTHS, 12)
        year, month = self.authorized_at.year + year, month + 1
        day = min(self.authorized_at.day, monthrange(year, month)[1])
        return self.authorized_at.replace(year=year, month=month, day=day)
