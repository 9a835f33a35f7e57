"""The admin's first page: how the installation does, each figure a link to exactly the rows it counts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django_q.models import Schedule

from accounts import standing
from accounts.models import Incident
from playlists import figures, notes, worker
from playlists.causes import cause
from playlists.course import STEPS
from playlists.figures import Day
from playlists.models import PlaylistRun
from vibe import charts, hits
from vibe.charts import RESULTS
from vibe.clients import quota
from vibe.clients.admin import GROUPS, rows
from vibe.clients.models import ServiceState
from vibe.figure import Figure as Figure
from vibe.figure import percent

RUNS, TRACKS, USERS = "playlists_playlistrun", "playlists_playlistruntrack", "accounts_user"
OF_RESULT: dict[str, dict[str, Any]] = {
    "success": {"status__exact": "success", "dry_run__exact": 0},
    "failed": {"status__exact": "failed", "dry_run__exact": 0},
    "needs_link": {"status__exact": "needs_link", "dry_run__exact": 0},
    "unfinished": {"status__in": "queued,running", "dry_run__exact": 0},
    "dry_run": {"dry_run__exact": 1},
}


def show(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK. Who may not see the runs sees no figures of them either."""
    return {**context, **told(timezone.now())} if request.user.has_perm("playlists.view_playlistrun") else context


def told(now: datetime) -> dict[str, Any]:
    found = figures.days(now)
    since = figures.made_since(now)
    made = figures.lists(since).count()
    return {
        "now": now,
        "window": figures.DAYS,
        "newest": figures.NEWEST,
        "since": since,
        "is_capped": since > figures.first_day(now),
        "tiles": tiles(found, now),
        "results": RESULTS,
        "days": [(day.date, [_of_day(day, result) for result in RESULTS], _novelty(day)) for day in reversed(found)],
        "runs_chart": json.dumps(charts.runs(found)),
        "novelty_chart": json.dumps(charts.novelty(found)),
        "stacked": json.dumps(charts.options(stacked=True)),
        "percent": json.dumps(charts.options(stacked=False)),
        "troubles": [(_trouble(code, times, now), cause(code)) for code, times in figures.troubles(now)],
        "sources": _sources(since, made),
        "hits": hits.by_source(since),
        "seeds": hits.by_seed(since),
        "durations": _durations(since, made),
        "people": _people(),
        "calls": _calls(now),
        "coming": [(one, reverse("admin:accounts_user_change", args=[one.user_id])) for one in figures.coming(now)],
        "schedules": _schedules(),
        "empty": figures.empty(),
    }


def every_figure(context: dict[str, Any]) -> list[Figure]:
    """All that `told` has found, wherever it stands on the page."""
    return list(_figures(context.values()))


def _figures(values: Iterable[Any]) -> Iterable[Figure]:
    for value in values:
        if isinstance(value, Figure):
            yield value
        elif isinstance(value, dict):
            yield from _figures(value.values())
        elif isinstance(value, list | tuple):
            yield from _figures(value)


def tiles(found: list[Day], now: datetime) -> list[dict[str, Any]]:
    today, mean = found[-1], figures.novelty(found)
    due = PlaylistRun.objects.due(now).count()
    running = PlaylistRun.objects.filter(status="running").count()
    trouble = Incident.objects.filter(closed_at=None).count()
    blocks = ServiceState.objects.filter(blocked_until__gt=now).count()
    made, failed = sum(day.counts["success"] for day in found), today.counts["failed"]
    window = {"created_at__gte": figures.first_day(now).isoformat()}
    lists = rows(RUNS, **OF_RESULT["success"], **window)
    blocked = rows("clients_servicestate", blocked_until__gt=now.isoformat())
    return [
        {
            "title": _("Playlists today"),
            "figure": _of_day(today, "success"),
            "note": _of_day(today, "failed")._replace(shown=_("failed: {count}").format(count=failed)),
            "icon": "queue_music",
        },
        {
            "title": _("New tracks, 30 days"),
            "figure": Figure(percent(mean[1]) if mean else "-", lists, made),
            "note": Figure(_("asked for: {share}").format(share=percent(mean[0])) if mean else "", lists, made),
            "icon": "auto_awesome",
        },
        {
            "title": _("Waiting for a worker"),
            "figure": Figure(due, rows(RUNS, waiting="due"), due),
            "note": Figure(_("running: {count}").format(count=running), rows(RUNS, status__exact="running"), running),
            "icon": "hourglass_top",
            "alarm": "" if worker.is_alive(now) else _("No worker is alive."),
        },
        {
            "title": _("Open incidents"),
            "figure": Figure(trouble, rows("accounts_incident", closed_at__isempty=1), trouble),
            "note": Figure(_("services blocked: {count}").format(count=blocks), blocked, blocks),
            "icon": "warning",
        },
    ]


def _of_day(day: Day, result: str) -> Figure:
    start = datetime(day.date.year, day.date.month, day.date.day, tzinfo=UTC)
    window = {"created_at__gte": start.isoformat(), "created_at__lt": (start + timedelta(days=1)).isoformat()}
    return Figure(day.counts[result], rows(RUNS, **OF_RESULT[result], **window), day.counts[result])


def _novelty(day: Day) -> Figure:
    shown = "" if day.asked is None or day.achieved is None else f"{percent(day.achieved)} / {percent(day.asked)}"
    return _of_day(day, "success")._replace(shown=shown)


def _trouble(code: str, times: int, now: datetime) -> Figure:
    window = {"created_at__gte": figures.first_day(now).isoformat()}
    bad = {"status__in": "failed,needs_link", "dry_run__exact": 0, "error_code": code}
    return Figure(times, rows(RUNS, **bad, **window), times)


def _lists(since: datetime) -> str:
    return rows(RUNS, **OF_RESULT["success"], created_at__gte=since.isoformat())


def _sources(since: datetime, made: int) -> list[dict[str, Any]]:
    found = figures.sources(since)
    most = max((one.picked for one in found), default=0) or 1
    of_lists = {"run__status__exact": "success", "run__dry_run__exact": 0, "run__created_at__gte": since.isoformat()}
    return [
        {
            "name": notes.source(one.name),
            "found": Figure(one.found, _lists(since), made),
            "picked": Figure(one.picked, rows(TRACKS, source=one.name, **of_lists), one.picked),
            "supported": Figure(one.supported, rows(TRACKS, found_by=one.name, **of_lists), one.supported),
            "share": 100 * one.picked // most,
        }
        for one in found
    ]


def _durations(since: datetime, made: int) -> list[dict[str, Any]]:
    link = _lists(since)
    return [
        {
            "name": STEPS.get(step, step) if step else _("the whole run"),
            "p50": Figure(_seconds(spread.p50), link, made),
            "p95": Figure(_seconds(spread.p95), link, made),
        }
        for step, spread in figures.durations(since).items()
    ]


def _seconds(milliseconds: float) -> str:
    return formats.number_format(round(milliseconds / 1000, 1), 1)


def _people() -> list[tuple[Any, Figure]]:
    counts = figures.people()
    everybody = (_("all"), Figure(counts["all"], reverse(f"admin:{USERS}_changelist"), counts["all"]))
    by_standing = [
        (words, Figure(counts[name], rows(USERS, standing=name), counts[name]))
        for name, words in standing.WORDS.items()
    ]
    return [everybody, *by_standing]


def _calls(now: datetime) -> list[dict[str, Any]]:
    # An hour is on the hour, so what came after a moment came after the hour before it.
    window = (now - quota.REMEMBERED).replace(minute=0, second=0, microsecond=0).isoformat()
    return [
        {
            "name": GROUPS.get(group, group),
            "made": Figure(made, rows("clients_apiusage", group=group, hour__gt=window), count),
            "most": most,
            "share": min(100 * made // most, 100) if most else 0,
        }
        for group, made, most, count in figures.calls(now)
    ]


def _schedules() -> list[tuple[Schedule, str]]:
    coming = Schedule.objects.order_by("next_run", "pk")
    return [(one, reverse("admin:django_q_schedule_change", args=[one.pk])) for one in coming]
