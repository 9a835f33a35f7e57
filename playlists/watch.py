"""What the operator is told of: services that refuse everybody, the day's calls used up, nights with failures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Min, Q

from accounts import incidents
from accounts.models import Incident
from playlists.models import PlaylistRun
from playlists.querysets import Runs
from playlists.states import SUPERSEDED, Status, Trigger

LOOK_BACK = timedelta(days=2)
PATIENCE = timedelta(hours=1)  # from the first failure of a night until it is told, though others still wait
NAMED = 5
NEWEST = 200


def watch(now: datetime) -> None:
    """Call it once a minute: each trouble is told once when it begins and once when it is over."""
    incidents.watch_services(now, _ceilings(now))
    _watch_nights(now)


def _ceilings(now: datetime) -> dict[str, dict[str, Any]]:
    """`quota`, while our own ceilings leave no day's list even its least; until one is granted its calls again."""
    # One that is forced may be refused because the rest is kept for the others.
    lists = PlaylistRun.objects.filter(night__isnull=False, dry_run=False)
    parked = lists.filter(status=Status.QUEUED, error_code="quota_exceeded", not_before__gt=now)
    # A run that Spotify itself has stopped had its share before.
    refused = parked.exclude(report__has_key="budget").order_by("-started_at").first()
    if refused and refused.started_at and not _granted_since(refused.started_at):
        return {"quota": {"until": refused.error_params.get("until", ""), "ours": True}}
    told = Incident.objects.filter(kind="quota", closed_at=None).first()
    # While the refused one tries again its row says nothing.
    if told and told.params.get("ours") and not _granted_since(told.opened_at):
        return {"quota": told.params}
    return {}


def _granted_since(moment: datetime) -> bool:
    # One that only goes on writing what it had chosen before was not asked for its share again.
    fresh = Q(intent_at=None) | Q(intent_at__gte=F("started_at"))
    ended = PlaylistRun.objects.filter(fresh, finished_at__gt=moment, started_at__gt=moment)
    return bool(ended.filter(report__has_key="budget").exists())


def _nightly() -> Runs:
    """Runs of a night that nobody asked for in person."""
    by_itself = Q(trigger__in=[Trigger.NIGHTLY, Trigger.ENDPOINT]) | Q(asked=0)
    runs: Runs = PlaylistRun.objects.filter(by_itself, night__isnull=False, dry_run=False)
    return runs


def _watch_nights(now: datetime) -> None:
    """Told is the latest night with failures; over it is when a later one has ended without any."""
    failed = _failed(now)
    bad, unfinished = _nights(failed), _nights(_nightly().unfinished())
    good = _lately_done(now) - bad - unfinished
    last = Incident.objects.filter(kind="night").order_by("-opened_at").first()
    told = _night_of(last) if last else date.min
    if last and last.closed_at is None:
        if max(good, default=date.min) > told:
            incidents.over("night", now)
        return
    night = max(bad, default=date.min)
    if night > max(told, *good, date.min) and (night not in unfinished or _is_enough(failed, night, now)):
        _begin(failed.filter(night=night), night, now)


def _lately_done(now: datetime) -> set[date]:
    """Nights of the newest successes; of all of two days there may be hundreds of thousands."""
    done = _nightly().filter(status=Status.SUCCESS, finished_at__gt=now - LOOK_BACK)
    nights = done.order_by("-finished_at").values_list("night", flat=True)[:NEWEST]
    return {night for night in nights if night}


def _failed(now: datetime) -> Runs:
    return _nightly().filter(status=Status.FAILED, finished_at__gt=now - LOOK_BACK).exclude(error_code=SUPERSEDED)


def _nights(runs: Runs) -> set[date]:
    return {night for night in runs.values_list("night", flat=True).distinct() if night}


def _night_of(incident: Incident) -> date:
    """Which night it tells of."""
    stored = incident.params.get("night")
    return date.fromisoformat(stored) if stored else incident.opened_at.date()


def _is_enough(failed: Runs, night: date, now: datetime) -> bool:
    first: datetime = failed.filter(night=night).aggregate(at=Min("finished_at"))["at"]
    return first <= now - PATIENCE


def _begin(failed: Runs, night: date, now: datetime) -> None:
    named = failed.select_related("user").order_by("pk")[:NAMED]
    users = [str(run.user) for run in named]
    incidents.begin("night", now, night=night.isoformat(), count=failed.count(), users=users)
