from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter
from unfold.decorators import display

from accounts.models import User
from playlists import course, notes, whatif_page
from playlists.causes import CAUSES, cause
from playlists.filters import FoundByFilter, OriginFilter, RelationFilter
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from playlists.states import Status
from vibe.clients.admin import ReadOnlyAdmin

RESULT = ("user", "status", "remarks", "playlist", "page", "total", "new", "reused", "novelty", "novelty_kept")
REQUEST = (
    *("trigger", "day", "night", "rehearsal", "asked"),
    *("size_asked", "min_new_ratio", "steer", "wildness", "languages", "mode"),
)
TRACES = ("attempts", "stage", "not_before", "lease_until", "intent_at", "marker", "public_id", "kept", "tidied_at")
COLOURS = {
    Status.SUCCESS: "success",
    Status.FAILED: "danger",
    Status.NEEDS_LINK: "warning",
    Status.RUNNING: "primary",
    Status.QUEUED: "info",
}


class WaitingFilter(admin.SimpleListFilter):
    title, parameter_name = _("waiting"), "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("due", _("for a worker")), ("parked", _("for their hour"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        match self.value():
            case "due":
                return queryset.due(now)
            case "parked":
                return queryset.filter(status=Status.QUEUED, not_before__gt=now)
        return queryset


class ErrorFilter(admin.SimpleListFilter):
    """Over the codes there are, where Django would read all rows for those that occur."""

    title, parameter_name = _("error"), "error_code"
    words: ClassVar[Mapping[str, Any]] = CAUSES

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.words.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class SourceFilter(ErrorFilter):
    title, parameter_name = _("source"), "source"
    words: ClassVar[Mapping[str, Any]] = notes.SOURCES


@admin.register(PlaylistRun)
class PlaylistRunAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "user", "state", "novelty_reached", "trigger", "rehearsal", "day", "failed_of")
    list_filter = (
        *("status", "trigger", "dry_run", ("created_at", admin.DateFieldListFilter), ("day", RangeDateFilter)),
        *(WaitingFilter, ErrorFilter, ("user", AutocompleteSelectFilter)),
    )
    list_filter_submit = True
    list_select_related = ("user",)
    ordering = ("-created_at", "-pk")
    sortable_by = ()
    search_fields = ("public_id__exact",)  # shows the box; `get_search_results` is what searches
    search_help_text = _("A listener's name, a run's number or page id, or a playlist's Spotify id.")
    fieldsets = (
        (None, {"fields": RESULT}),
        (_("Request"), {"fields": REQUEST, "classes": ["tab"]}),
        (_("Traces"), {"fields": TRACES, "classes": ["tab"]}),
    )
    readonly_fields = ("remarks", "playlist", "page", "novelty_kept", "rehearsal")
    change_form_outer_after_template = "admin/run.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlaylistRun]:
        runs: QuerySet[PlaylistRun] = super().get_queryset(request)
        at = request.resolver_match
        is_list = at is not None and (at.url_name or "").endswith("changelist")
        return runs.defer("plan", "report", "relaxations") if is_list else runs

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        term = search_term.strip()
        if not term:
            return queryset, False
        people = Q(username__iexact=term) | Q(telegram_username__iexact=term.lstrip("@"))
        if found := list(User.objects.filter(people).values_list("pk", flat=True)):
            return queryset.filter(user__in=found), False
        number = Q(pk=int(term)) if term.isdecimal() and len(term) < 19 else Q()
        return queryset.filter(number | Q(public_id=term) | Q(playlist_id=term)), False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        told = course.told(run, request.GET) if isinstance(run, PlaylistRun) else {}
        page: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})
        return page

    def get_urls(self) -> list[URLPattern]:
        view = require_safe(self.admin_site.admin_view(self.whatif))
        return [path("<int:number>/what-if/", view, name="playlists_playlistrun_whatif"), *super().get_urls()]

    def whatif(self, request: HttpRequest, number: int) -> HttpResponse:
        run = get_object_or_404(PlaylistRun, pk=number)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        return whatif_page.shown(request, run, self.admin_site.each_context(request))

    @display(description=_("Status"), label=COLOURS, ordering="status")
    def state(self, run: PlaylistRun) -> tuple[str, str]:
        return run.status, run.get_status_display()

    @admin.display(description=_("New"))
    def novelty_reached(self, run: PlaylistRun) -> str:
        return f"{run.new} / {run.total}" if run.total else "-"

    @display(description=_("Dry run"), label=True)
    def rehearsal(self, run: PlaylistRun) -> str:
        return str(_("dry run")) if run.dry_run else ""

    @admin.display(description=_("error"))
    def failed_of(self, run: PlaylistRun) -> str:
        return cause(run.error_code) or "-"

    @admin.display(description=_("What became of it"))
    def remarks(self, run: PlaylistRun) -> str:
        return run.notes or "-"

    @admin.display(description=_("Playlist"))
    def playlist(self, run: PlaylistRun) -> SafeString | str:
        return _link(run.playlist_url, run.playlist_name or run.playlist_id) if run.playlist_url else "-"

    @admin.display(description=_("Its page"))
    def page(self, run: PlaylistRun) -> SafeString:
        address = f"/runs/{run.public_id}"
        return _link(address, address)

    @admin.display(description=_("Asked and achieved"))
    def novelty_kept(self, run: PlaylistRun) -> str:
        return course.kept(run) or "-"


def _link(address: str, words: str) -> SafeString:
    return format_html('<a class="v-link" href="{}">{}</a>', address, words)


@admin.register(PlaylistRunTrack)
class PlaylistRunTrackAdmin(ReadOnlyAdmin):
    list_display = ("name", "artists", "of_run", "position", "found_by", "is_new_to_bot", "outcome")
    list_filter = (
        *(SourceFilter, FoundByFilter, "outcome", OriginFilter, RelationFilter, "is_new_to_bot"),
        *(("run__created_at", admin.DateFieldListFilter), "run__status", "run__dry_run"),
    )
    list_select_related = ("run__user",)
    ordering = ("-run_id", "-position")  # as the index has them
    sortable_by = ()
    search_fields = ("run__pk__exact",)
    search_help_text = _("The number of a run.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlaylistRunTrack]:
        tracks: QuerySet[PlaylistRunTrack] = super().get_queryset(request)
        return tracks.defer("run__plan", "run__report", "run__relaxations")

    @admin.display(description=_("Source"))
    def found_by(self, track: PlaylistRunTrack) -> str:
        return notes.source(track.source)

    @admin.display(description=_("Run"))
    def of_run(self, track: PlaylistRunTrack) -> SafeString:
        return _link(reverse("admin:playlists_playlistrun_change", args=[track.run_id]), str(track.run))


# Whoever may add a schedule may run any function; only migrations do. What succeeded is on our own rows.
for model in (Schedule, Failure, OrmQ, Success):
    admin.site.unregister(model)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    fields = ("name", "func", "schedule_type", "minutes", "cron", "cluster", "next_run", "repeats")
    list_display = ("name", "func", "schedule_type", "minutes", "next_run", "cluster")
    ordering = ("next_run",)


@admin.register(OrmQ)
class QueueAdmin(ReadOnlyAdmin):
    fields = ("key", "task_name", "lock")
    list_display = ("pk", "key", "task_name", "lock")
    list_filter = ("key",)
    ordering = ("pk",)

    @admin.display(description=_("Task"))
    def task_name(self, row: OrmQ) -> str:
        return " ".join(str(word) for word in (row.task["func"], *row.task["args"]))


@admin.register(Failure)
class FailureAdmin(ReadOnlyAdmin):
    """Without what the task answered: the log, which is scrubbed, says why it failed."""

    fields = ("name", "func", "cluster", "started", "stopped", "attempt_count")
    list_display = ("name", "func", "cluster", "started", "stopped")
    ordering = ("-started",)


@admin.register(RunLedger)
class RunLedgerAdmin(ReadOnlyAdmin):
    fields = ("run", "size")
    readonly_fields = ("size",)
    list_display = ("run",)
    list_select_related = ("run__user",)
    ordering = ("-run_id",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunLedger]:
        ledgers: QuerySet[RunLedger] = super().get_queryset(request)
        return ledgers.defer("body", "run__plan", "run__report", "run__relaxations")

    @admin.display(description=_("Candidates"))
    def size(self, ledger: RunLedger) -> int:
        return len(ledger.read()["candidates"])
