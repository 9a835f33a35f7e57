"""The ground of every page of the admin, and what the installation knows of its outside services."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from vibe.clients import quota
from vibe.clients.admin_log import NamelessLog
from vibe.clients.models import ApiUsage, Heartbeat, ServiceState

GROUPS = {  # of calls to Spotify, in the operator's words
    quota.TOTAL: _("all together"),
    "search": _("searches"),
    "artist_albums": _("albums of an artist"),
    "album_tracks": _("tracks of an album"),
    "artist_top_tracks": _("favourites of an artist"),
    "recommendations": _("suggestions"),
    "playlist": _("reading and writing playlists"),
    "library": _("reading likes"),
    "library_contains": _("whether a playlist is in a library"),
    "recent": _("reading plays"),
    "me": _("who a listener is"),
}
FAR = 1_000  # rows before a page
MOST = 100_000  # rows a list counts and turns through; who looks for more than these filters


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic for mypy alone
    """Counts no further than it turns pages: a million rows would be read for a number nobody needs."""

    template_name = "admin/pagination_capped.html"

    @cached_property
    def found(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[: MOST + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, MOST)

    def page(self, number: int | str) -> Page:  # type: ignore[type-arg]  # generic for mypy alone
        """Far pages skip keys, which an index has, and not whole rows."""
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        if begin < FAR:
            return super().page(number)
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        keys = rows.values_list("pk", flat=True)[begin : min(begin + self.per_page, self.count)]
        return Page(rows.filter(pk__in=list(keys)), number, self)

    @property
    def is_capped(self) -> bool:
        return self.found > MOST


def rows(model: str, **lookups: object) -> str:
    """The address of a list, filtered. `model`: "<app>_<model>"."""
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(lookups)}"


class OurAdmin(NamelessLog):
    """Lists that stay quick whatever the number of rows."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_fullwidth = True
    list_filter_sheet = False


class ReadOnlyAdmin(OurAdmin):
    """What the program writes and people look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ServiceState)
class ServiceStateAdmin(ReadOnlyAdmin):
    """An operator may lift a block, or have removed routes probed before their month is over."""

    list_display = ("__str__", "blocked_until", "reason", "failures", "routes")
    fields = ("service", "family", "blocked_until", "reason", "permits_at", "failures", "routes")
    readonly_fields = ("routes",)
    list_filter = ("service", "reason")
    ordering = ("service", "family")
    actions = ("clear_block", "probe_again")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("clients.change_servicestate")

    @admin.display(description=_("what is alive"))
    def routes(self, state: ServiceState) -> str:
        alive, gone = _("{route}: alive, tried on {day}"), _("{route}: removed, tried on {day}")
        known = sorted(state.capabilities.items())
        return "; ".join(
            (alive if one["alive"] else gone).format(
                route=GROUPS.get(name, name), day=date_format(date.fromisoformat(one["probed"]), "DATE_FORMAT")
            )
            for name, one in known
        )

    @admin.action(description=_("Clear the block: calls go again"), permissions=["operate"])
    def clear_block(self, request: HttpRequest, chosen: QuerySet[ServiceState]) -> None:
        """Where the service still refuses, the next call finds out and the block is back."""
        rested = chosen.exclude(blocked_until=None, reason="", failures=0)
        cleared = rested.update(blocked_until=None, reason="", failures=0)
        said = ngettext("%(count)s block cleared.", "%(count)s blocks cleared.", cleared) % {"count": cleared}
        self.message_user(request, said if cleared else str(_("Nothing was blocked.")), _level(cleared))

    @admin.action(description=_("Probe removed routes again"), permissions=["operate"])
    def probe_again(self, request: HttpRequest, chosen: QuerySet[ServiceState]) -> None:
        known = chosen.exclude(capabilities={}).update(capabilities={})
        said = _("They are tried again by the next playlist.") if known else _("Nothing was known of any route.")
        self.message_user(request, str(said), _level(known))


def _level(changed: int) -> int:
    return messages.SUCCESS if changed else messages.INFO


class GroupFilter(admin.SimpleListFilter):
    title, parameter_name = _("ceiling"), "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, GROUPS[name]) for name in quota.CEILINGS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiUsage]) -> QuerySet[ApiUsage]:
        return queryset.filter(quota.counted(self.value() or "")) if self.value() else queryset


@admin.register(ApiUsage)
class ApiUsageAdmin(ReadOnlyAdmin):
    list_display = ("hour", "service", "family", "outcome", "calls")
    list_filter = (GroupFilter, "service", "outcome", ("hour", admin.DateFieldListFilter), "family")
    ordering = ("-hour", "service", "family", "outcome")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")
    list_filter = (("at", admin.DateFieldListFilter),)
    ordering = ("-at",)
