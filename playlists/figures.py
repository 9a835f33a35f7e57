"""What the operator's dashboard counts: the runs of 30 days, what they were made of, who is there, what comes next.

A day is one of UTC: listeners live in many zones, and the operator may in none of them. A run belongs to the day on
which it was asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any, NamedTuple

from django.db.models import Avg, Count, DateField, Func, Max

from accounts import standing
from accounts.models import User
from playlists import night
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.querysets import Runs
from playlists.states import Status
from vibe.clients import quota

DAYS = 30
# Lists whose report is opened and whose tracks are counted; a household makes 150 in 30 days.
NEWEST = 1_000
LOOKED_AT = 1_000  # listeners of whom the next nights are looked for
RESULTS = ("success", "failed", "needs_link", "unfinished", "dry_run")


class UtcDay(Func):
    """Both databases hold UTC, and cut it to the day without a call back to Python for each row."""

    function, output_field = "DATE", DateField()


@dataclass(slots=True)
class Day:
    date: date
    counts: Counter[str] = field(default_factory=Counter)  # by RESULTS
    asked: float | None = None  # means over the day's lists, 0..1
    achieved: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    found: int  # candidates, by the reports
    picked: int  # tracks of which it gave the reason
    supported: int  # tracks that it found, whoever gave the reason


class Spread(NamedTuple):
    """Milliseconds that half and 95 of 100 stayed below, by nearest rank."""

    p50: float
    p95: float


class Coming(NamedTuple):
    user_id: int
    username: str
    at: datetime


def first_day(now: datetime) -> datetime:
    """Where the window of 30 days begins, today included."""
    return datetime.combine(now.astimezone(UTC).date() - timedelta(days=DAYS - 1), time.min, UTC)


def days(now: datetime) -> list[Day]:
    """All thirty, those without a run too; oldest first."""
    start = first_day(now)
    found = {start.date() + timedelta(days=n): Day(start.date() + timedelta(days=n)) for n in range(DAYS)}
    runs = PlaylistRun.objects.filter(created_at__gte=start).order_by().annotate(on=UtcDay("created_at"))
    groups = runs.values("on", "status", "dry_run").annotate(
        count=Count("pk"), asked=Avg("min_new_ratio"), achieved=Avg("novelty")
    )
    for group in groups:
        day = found.setdefault(group["on"], Day(group["on"]))
        result = _result(group["status"], dry_run=group["dry_run"])
        day.counts[result] += group["count"]
        if result == Status.SUCCESS:
            day.asked, day.achieved = group["asked"], group["achieved"]
    return list(found.values())


def _result(status: str, *, dry_run: bool) -> str:
    if dry_run:
        return "dry_run"
    return "unfinished" if status in (Status.QUEUED, Status.RUNNING) else status


def novelty(found: Iterable[Day]) -> tuple[float, float] | None:
    """The share of new tracks asked for and achieved, the mean over all lists; None without any."""
    made = [day for day in found if day.counts["success"]]
    lists = sum(day.counts["success"] for day in made)
    if not lists:
        return None
    asked = sum((day.asked or 0.0) * day.counts["success"] for day in made)
    return asked / lists, sum((day.achieved or 0.0) * day.counts["success"] for day in made) / lists


def troubles(now: datetime, most: int = 5) -> list[tuple[str, int]]:
    """The codes that most real runs ended with."""
    ended = PlaylistRun.objects.filter(created_at__gte=first_day(now), dry_run=False)
    bad = ended.filter(status__in=[Status.FAILED, Status.NEEDS_LINK]).order_by()
    return list(bad.values_list("error_code").annotate(times=Count("pk")).order_by("-times", "error_code")[:most])


def made_since(now: datetime) -> datetime:
    """From when on reports are opened: 30 days, or less where they brought more than NEWEST lists."""
    start = first_day(now)
    newest = lists(start).order_by("-created_at").values_list("created_at", flat=True)
    return next(iter(newest[NEWEST - 1 : NEWEST]), start)


def lists(since: datetime) -> Runs:
    """The playlists that were made."""
    made: Runs = PlaylistRun.objects.filter(created_at__gte=since, status=Status.SUCCESS, dry_run=False)
    return made


def sources(since: datetime) -> list[Source]:
    """The most picked first. What no source found, the listener's own likes, has no candidates."""
    found = Counter[str]()
    for reports in lists(since).order_by().values_list("report__sources", flat=True):
        for one in reports or ():
            found[one["source"]] += one["found"]
    tracks = PlaylistRunTrack.objects.filter(run__in=lists(since).order_by()).order_by()
    picked = Counter(dict(tracks.values_list("source").annotate(Count("pk"))))
    supported = Counter({one.of[0]: one.given for one in tracks.rates_of_sources()})
    shares = [Source(name, found[name], picked[name], supported[name]) for name in {**found, **picked, **supported}]
    return sorted(shares, key=lambda one: (-one.picked, -one.supported, -one.found, one.name))


def durations(since: datetime) -> dict[str, Spread]:
    """Of the whole ("") from a worker's taking it up to its end, and of each step, the longest first."""
    spent = defaultdict[str, list[float]](list)
    for started, finished, steps in lists(since).order_by().values_list("started_at", "finished_at", "report__ms"):
        if started and finished:
            spent[""].append((finished - started) / timedelta(milliseconds=1))
        for step, ms in (steps or {}).items():
            spent[step].append(ms)
    found = {step: Spread(_rank(times, 0.5), _rank(times, 0.95)) for step, times in spent.items()}
    return dict(sorted(found.items(), key=lambda one: (one[0] != "", -one[1].p50)))


def _rank(times: list[float], share: float) -> float:
    return sorted(times)[ceil(share * len(times)) - 1]


def people() -> dict[str, int]:
    """By the names of `accounts.standing`, and `all`."""
    counts = {name: Count("pk", filter=condition) for name, condition in standing.conditions().items()}
    return User.objects.aggregate(all=Count("pk"), **counts)


class Calls(NamedTuple):
    group: str  # of `vibe.clients.quota`
    made: int  # as far as they still count
    most: int | None  # the ceiling, where there is one
    rows: int  # of ApiUsage


def calls(now: datetime) -> list[Calls]:
    """To Spotify, the groups with a ceiling first."""
    spent, most = quota.made(now), quota.ceilings()
    names = dict.fromkeys([quota.TOTAL, *most, *sorted(spent)])
    hours = {name: [calls for _, calls in spent.get(name, ())] for name in names}
    return [Calls(name, sum(made), most.get(name), len(made)) for name, made in hours.items()]


def coming(now: datetime, most: int = 5) -> list[Coming]:
    """Whose night is next, the soonest first; one that is due already comes with the next tick."""
    nightly = User.objects.filter(standing.conditions()["nightly"]).order_by("pk")[:LOOKED_AT]
    people = list(nightly.values_list("pk", "username", "timezone", "nightly_at", "nightly_since"))
    runs = PlaylistRun.objects.filter(user__in=[row[0] for row in people], night__gte=now.date() - 3 * night.DAY)
    had = dict(runs.order_by().values_list("user").annotate(Max("night")))
    found = []
    for pk, username, zone_name, nightly_at, since in people:
        at = _next(User(pk=pk, timezone=zone_name, nightly_at=nightly_at, nightly_since=since), had, now)
        if at:
            found.append(Coming(pk, username, at))
    return sorted(found, key=lambda one: (one.at, one.user_id))[:most]


def _next(user: User, had: Mapping[int, date], now: datetime) -> datetime | None:
    zone, nightly_at = user.zone, user.nightly_at
    if nightly_at is None:
        return None
    nights = [*night.nights(zone, now), *(user.local_date(now) + night.DAY * n for n in (1, 2))]
    for one in nights:
        due = night.due_at(zone, nightly_at, one, user.pk)
        has_passed = due < now and not night.is_due(due, now, user.nightly_since)
        if not has_passed and (user.pk not in had or one > had[user.pk]):
            return due
    return None


def empty() -> dict[str, Any]:
    """What an installation has to have before there is anything to count."""
    return {
        "has_people": User.objects.filter(is_staff=False).exists(),
        "has_linked": User.objects.filter(standing.conditions()["linked"]).exists(),
        "has_runs": PlaylistRun.objects.exists(),
    }
