"""What the installation knows of its outside services, for the operator to look at."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from vibe.clients.models import ApiUsage, Heartbeat, ServiceState


@admin.register(ServiceState)
class ServiceStateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """An operator may lift a block, or have removed routes probed before their month is over."""

    list_display = ("service", "family", "blocked_until", "reason", "failures", "capabilities")
    list_filter = ("service", "reason")
    readonly_fields = ("capabilities", "permits_at", "failures")
    actions = ("probe_again",)

    @admin.action(description=_("Probe removed routes again"))
    def probe_again(self, request: HttpRequest, chosen: QuerySet[ServiceState]) -> None:
        chosen.update(capabilities={})


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """What the program writes and people look at; the other apps' admins share it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ApiUsage)
class ApiUsageAdmin(ReadOnlyAdmin):
    list_display = ("hour", "service", "family", "calls")
    list_filter = ("service", "family")
    date_hierarchy = "hour"
    ordering = ("-hour", "service", "family")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")
    list_filter = ("at",)
    ordering = ("-at",)
