from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import standing
from accounts.models import Incident, OAuthState, Outbox, SpotifyAccount, User
from botapp.listener_actions import ListenerActions
from playlists.disconnect import disconnect
from vibe.clients.admin import OurAdmin, ReadOnlyAdmin, rows


class CascadingAdmin(OurAdmin):
    """Deletes what hangs on the row, read-only rows and all, and counts them where Django would list 10,000 likes."""

    def get_deleted_objects(self, objs: QuerySet[Any] | Sequence[Model], request: HttpRequest) -> Any:
        _listed, counts, _missing_permissions, protected = super().get_deleted_objects(objs, request)
        return [str(obj) for obj in objs], counts, set(), protected


class StandingFilter(admin.SimpleListFilter):
    title, parameter_name = _("standing"), "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(standing.WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        condition = standing.conditions().get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


@admin.register(User)
class ListenerAdmin(ListenerActions, UserAdmin, CascadingAdmin):  # type: ignore[type-arg, misc]  # generic for mypy alone
    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    list_display = ("username", "telegram_username", "spotify_state", "nightly_at", "timezone", "last_generated_date")
    filter_horizontal = ()  # too wide for a phone; rights are those of a group
    list_filter = (StandingFilter, "is_approved", "is_staff", "language")
    search_fields = ("username", "telegram_username", "telegram_chat_id__exact")
    readonly_fields = (
        *("last_generated_date", "latest_playlist_id", "latest_playlist_url", "last_login", "date_joined"),
        *("nightly_since", "elsewhere", "is_approved"),
    )
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email", "elsewhere")}),
        (_("Telegram"), {"fields": ("telegram_chat_id", "telegram_username", "is_approved", "is_bot_blocked")}),
        (
            _("Wishes"),
            {
                "fields": (
                    *("language", "timezone", "nightly_at", "nightly_since"),
                    *("playlist_size", "min_new_ratio", "wildness", "languages", "playlist_mode"),
                )
            },
        ),
        (_("Latest playlist"), {"fields": ("last_generated_date", "latest_playlist_id", "latest_playlist_url")}),
        (_("Staff"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        known = standing.conditions()
        listeners: QuerySet[User] = super().get_queryset(request)
        return listeners.annotate(is_linked=known["linked"], is_ended=known["needs_link"])

    @display(description=_("Spotify"), label={"linked": "success", "again": "warning", "none": "info"})
    def spotify_state(self, user: Any) -> tuple[str, Any]:
        if user.is_ended:
            return "again", standing.WORDS["needs_link"]
        return ("linked", _("linked")) if user.is_linked else ("none", _("not linked"))

    @admin.display(description=_("Elsewhere"))
    def elsewhere(self, user: User) -> SafeString:
        links = [
            (rows("playlists_playlistrun", user__id__exact=user.pk), _("playlist runs")),
            (rows("accounts_spotifyaccount", user__id__exact=user.pk), _("Spotify account")),
        ]
        if account := user.spotify:
            links += [
                (rows(f"recommendations_{model}", account__id__exact=account.pk), words)
                for model, words in (
                    ("savedtrack", _("saved tracks")),
                    ("play", _("plays")),
                    ("recommendationhistory", _("history")),
                    ("feedback", _("feedback")),
                )
            ]
        return format_html_join(" · ", '<a class="v-link" href="{}">{}</a>', links)


@admin.register(SpotifyAccount)
class SpotifyAccountAdmin(CascadingAdmin, ReadOnlyAdmin):
    """Deleting one disconnects it. Fields are listed by name, so that a new one that holds a secret stays unseen."""

    fields = (
        *("user", "display_name", "account_id", "spotify_user_id", "market", "scopes", "remarks"),
        *("authorized_at", "consent_ends", "expires_at", "refreshing_until", "standing_playlist_id"),
    )
    readonly_fields = ("remarks", "consent_ends")
    list_display = ("__str__", "user", "remarks", "authorized_at", "consent_ends")
    list_filter = ("pending", "needs_reconnect")
    list_select_related = ("user",)
    search_fields = ("display_name", "spotify_user_id", "account_id", "user__username")

    @display(description=_("Remarks"), label=True)
    def remarks(self, account: SpotifyAccount) -> str:
        """Nothing where all is well."""
        marks = {_("not confirmed yet"): account.pending, _("must be connected again"): account.needs_reconnect}
        return ", ".join(str(words) for words, holds in marks.items() if holds)

    @admin.display(description=_("consent ends"))
    def consent_ends(self, account: SpotifyAccount) -> str:
        return date_format(account.consent_ends_at, "DATETIME_FORMAT")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("accounts.delete_spotifyaccount")

    def delete_model(self, request: HttpRequest, account: SpotifyAccount) -> None:
        if account.pending:
            account.delete()
        else:
            disconnect(account.user, timezone.now())

    def delete_queryset(self, request: HttpRequest, accounts: QuerySet[SpotifyAccount]) -> None:
        for account in accounts.select_related("user"):
            self.delete_model(request, account)


@admin.register(OAuthState)
class OneTimeLinkAdmin(ReadOnlyAdmin):
    fields = ("user", "telegram_chat_id", "by_paste", "keep", "created_at", "expires_at", "used_at", "returned_at")
    list_display = ("user", "by_paste", "keep", "created_at", "expires_at", "used_at", "returned_at")
    list_select_related = ("user",)
    ordering = ("-created_at",)


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    """Without the payload: a one-time link may wait in it, and what was said to a listener is his."""

    fields = (
        *("key", "chat_id", "kind", "status", "error_code", "attempts", "not_before", "lease_until"),
        *("message_id", "created_at"),
    )
    list_display = ("key", "chat_id", "kind", "status", "error_code", "attempts", "not_before", "created_at")
    list_filter = ("status", "kind", "error_code")
    search_fields = ("key__exact", "chat_id__exact")
    ordering = ("-pk",)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ("kind", "opened_at", "closed_at", "params")
    list_filter = ("kind", ("closed_at", admin.EmptyFieldListFilter))
    ordering = ("-opened_at",)


@admin.register(AccessAttempt)
class FailedSignInAdmin(ReadOnlyAdmin):
    """Deleting a row lets that person try again at once."""

    fields = ("username", "ip_address", "failures_since_start", "attempt_time", "path_info", "user_agent")
    list_display = ("username", "ip_address", "failures_since_start", "attempt_time")
    ordering = ("-attempt_time",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")


admin.site.unregister(Group)


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin, OurAdmin):  # type: ignore[misc]
    pass
