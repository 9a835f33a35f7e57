from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Incident, OAuthState, Outbox, SpotifyAccount, User
from vibe.clients.admin import ReadOnlyAdmin


class CascadingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Deletes what hangs on the row, read-only rows and all, and counts them where Django would list 10,000 likes."""

    def get_deleted_objects(self, objs: QuerySet[Any] | Sequence[Model], request: HttpRequest) -> Any:
        _listed, counts, _missing_permissions, protected = super().get_deleted_objects(objs, request)
        return [str(obj) for obj in objs], counts, set(), protected


@admin.register(User)
class ListenerAdmin(CascadingAdmin, UserAdmin):  # type: ignore[type-arg]
    list_display = (
        "username",
        "telegram_username",
        "timezone",
        "nightly_at",
        "is_approved",
        "is_bot_blocked",
        "is_staff",
    )
    list_filter = ("is_approved", "is_bot_blocked", "is_staff", "language")
    search_fields = ("username", "telegram_username", "telegram_chat_id")
    readonly_fields = ("last_generated_date", "latest_playlist_id", "latest_playlist_url", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        (_("Telegram"), {"fields": ("telegram_chat_id", "telegram_username", "is_approved", "is_bot_blocked")}),
        (
            _("Wishes"),
            {"fields": ("language", "timezone", "nightly_at", "playlist_size", "min_new_ratio", "playlist_mode")},
        ),
        (_("Latest playlist"), {"fields": ("last_generated_date", "latest_playlist_id", "latest_playlist_url")}),
        (_("Staff"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )


@admin.register(SpotifyAccount)
class SpotifyAccountAdmin(CascadingAdmin, ReadOnlyAdmin):
    """Deleting one disconnects it. Fields are listed by name, so that a new one that holds a secret stays unseen."""

    fields = (
        *("user", "display_name", "account_id", "spotify_user_id", "market", "scopes", "pending", "needs_reconnect"),
        *("authorized_at", "consent_ends_at", "expires_at", "refreshing_until"),
    )
    list_display = ("__str__", "user", "pending", "needs_reconnect", "authorized_at", "consent_ends_at")
    list_filter = ("pending", "needs_reconnect")
    list_select_related = ("user",)
    search_fields = ("display_name", "spotify_user_id", "account_id", "user__username")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("accounts.delete_spotifyaccount")


@admin.register(OAuthState)
class OneTimeLinkAdmin(ReadOnlyAdmin):
    fields = ("user", "telegram_chat_id", "created_at", "expires_at", "used_at", "returned_at")
    list_display = ("user", "telegram_chat_id", "created_at", "expires_at", "used_at", "returned_at")
    list_select_related = ("user",)
    ordering = ("-created_at",)


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = ("key", "chat_id", "kind", "status", "error_code", "attempts", "not_before", "created_at")
    list_filter = ("status", "kind", "error_code")
    ordering = ("-created_at",)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ("kind", "opened_at", "closed_at", "params")
    list_filter = ("kind", ("closed_at", admin.EmptyFieldListFilter))
    ordering = ("-opened_at",)
