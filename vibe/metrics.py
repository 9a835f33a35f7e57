"""`/metrics`: what the installation does, read from its rows at each scrape, as Prometheus collects it.

Rows are pruned, so nothing here is a counter: every figure is a gauge, of all rows that are kept or of the last day.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

from django.db import Error as DatabaseTrouble
from django.db.models import Case, CharField, Count, Exists, OuterRef, Sum, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.models import OrmQ
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts.models import Outbox, SpotifyAccount, User
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.states import BUSY, Status
from playlists.worker import QUEUES
from vibe import bearer
from vibe.clients import quota
from vibe.clients.models import ApiUsage, Heartbeat, ServiceState

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
TIMED = 1_000  # runs at most whose steps are timed: the newest of the day
ENDED = (Status.SUCCESS, Status.FAILED, Status.NEEDS_LINK)
Rows = Iterable[tuple[Any, ...]]


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever shows the token; without one of our own there is no such address."""
    if not bearer.is_switched_on():
        return HttpResponse(status=404)
    if not bearer.is_shown(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Figures(timezone.now()))
    try:
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except DatabaseTrouble as error:
        logger.error("metrics: the database failed (%s)", type(error).__name__)
        return HttpResponse(status=503)


class Figures(Collector):
    """The state of all tables at one moment, in the same number of queries however much they hold."""

    def __init__(self, now: datetime) -> None:
        self.now, self.since = now, now - DAY

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering asks the database nothing."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from (self.runs(), self.due(), self.runs_of_the_day(), self.picks(), *self.steps())
        yield from (self.calls(), *self.quota(), self.blocks())
        yield from (self.tasks(), self.users(), self.messages(), self.heartbeats())

    def runs(self) -> GaugeMetricFamily:
        found = PlaylistRun.objects.order_by().values_list("status").annotate(Count("pk"))
        return _gauge("vibe_runs", "Runs that are kept, dry ones too.", ["status"], _whole(found, Status.values))

    def due(self) -> GaugeMetricFamily:
        waiting = PlaylistRun.objects.due(self.now).count()
        return _gauge("vibe_runs_due", "Runs that wait for a worker, and whose hour has come.", [], [(waiting,)])

    def runs_of_the_day(self) -> GaugeMetricFamily:
        made = PlaylistRun.objects.filter(created_at__gte=self.since).exclude(error_code=BUSY).order_by()
        found = made.values_list("trigger", "status").annotate(Count("pk"))
        about = "Runs asked for in the last 24 hours, dry ones too."
        return _gauge("vibe_runs_last_day", about, ["trigger", "status"], found)

    def picks(self) -> GaugeMetricFamily:
        picked = PlaylistRunTrack.objects.filter(run__created_at__gte=self.since, run__dry_run=False).order_by()
        found = picked.values_list("source").annotate(Count("pk"))
        about = "Tracks of the playlists asked for in the last 24 hours, by the source of their reason."
        return _gauge("vibe_picks_last_day", about, ["source"], found)

    def steps(self) -> Iterator[GaugeMetricFamily]:
        ended = PlaylistRun.objects.filter(status__in=ENDED, finished_at__gte=self.since).order_by("-finished_at")
        taken = defaultdict[str, list[float]](list)
        for milliseconds in ended.values_list("report__ms", flat=True)[:TIMED]:
            for step, ms in (milliseconds or {}).items():
                taken[step].append(ms / 1000)
        rows = [(step, f"{q}", at) for step, times in sorted(taken.items()) for q, at in _spread(times)]
        about = f"How long the steps of the last day's runs took, the newest {TIMED:,} of them."
        yield _gauge("vibe_run_step_seconds", about, ["step", "quantile"], rows)
        counts = [(step, len(times)) for step, times in sorted(taken.items())]
        yield _gauge("vibe_run_steps", "How many runs those figures are of.", ["step"], counts)

    def calls(self) -> GaugeMetricFamily:
        made = ApiUsage.objects.filter(hour__gt=self.now - quota.REMEMBERED).order_by()
        found = made.values_list("service", "family", "outcome").annotate(Sum("calls"))
        about = "Outside calls in 24 hours and what has begun of one, by how they ended: ok, or the code of the error."
        return _gauge("vibe_outside_calls_last_day", about, ["service", "family", "outcome"], found)

    def quota(self) -> Iterator[GaugeMetricFamily]:
        left, most = quota.left(self.now), quota.ceilings()
        yield _gauge("vibe_quota_left", "Calls to Spotify left of 24 hours'.", ["group"], left.items())
        yield _gauge("vibe_quota_ceiling", "Calls to Spotify we allow ourselves in 24 hours.", ["group"], most.items())

    def blocks(self) -> GaugeMetricFamily:
        known = ServiceState.objects.values_list("service", "family", "blocked_until")
        found = [(service, family, self._seconds_to(until)) for service, family, until in known]
        about = "How long the service, or one family of its calls, is not asked by anybody; 0 where it is."
        return _gauge("vibe_service_block_seconds", about, ["service", "family"], found)

    def tasks(self) -> GaugeMetricFamily:
        found = OrmQ.objects.order_by().values_list("key").annotate(Count("pk"))
        return _gauge("vibe_queue_tasks", "Tasks in the queue or in hand.", ["queue"], _whole(found, QUEUES))

    def users(self) -> GaugeMetricFamily:
        linked = SpotifyAccount.objects.filter(user=OuterRef("pk"), pending=False)
        state = Case(
            When(is_active=False, then=Value("turned_away")),
            When(is_bot_blocked=True, then=Value("blocked_the_bot")),
            When(Exists(linked.filter(needs_reconnect=False)), then=Value("linked")),
            When(Exists(linked), then=Value("needs_reconnect")),
            default=Value("not_linked"),
            output_field=CharField(),
        )
        listeners = User.objects.filter(is_staff=False).order_by().annotate(state=state)
        found = listeners.values_list("state").annotate(Count("pk"))
        states = ("linked", "needs_reconnect", "not_linked", "blocked_the_bot", "turned_away")
        about = "Users but for the staff, each under the first that is so."
        return _gauge("vibe_users", about, ["state"], _whole(found, states))

    def messages(self) -> GaugeMetricFamily:
        found = Outbox.objects.order_by().values_list("status").annotate(Count("pk"))
        return _gauge(
            "vibe_outbox_messages", "Messages that are kept.", ["status"], _whole(found, Outbox.Status.values)
        )

    def heartbeats(self) -> GaugeMetricFamily:
        newest: dict[str, datetime] = {}
        for name, at in Heartbeat.objects.values_list("name", "at"):
            # `group/queue`, `bot:host:process`: groups and processes come and go, each would be a series of its own.
            beat = name.rpartition("/")[2].partition(":")[0]
            newest[beat] = max(at, newest.get(beat, at))
        found = [(beat, max(0.0, (self.now - at).total_seconds())) for beat, at in sorted(newest.items())]
        return _gauge("vibe_heartbeat_age_seconds", "How long a process has shown no sign of life.", ["name"], found)

    def _seconds_to(self, until: datetime | None) -> float:
        return max(0.0, (until - self.now).total_seconds()) if until else 0.0


def _gauge(name: str, about: str, labels: list[str], rows: Rows) -> GaugeMetricFamily:
    """`rows`: the labels' values, then the figure."""
    family = GaugeMetricFamily(name, about, labels=labels)
    for *values, figure in rows:
        family.add_metric([str(value) for value in values], float(figure))
    return family


def _whole(found: Rows, keys: Iterable[str]) -> Rows:
    """With a 0 for what there is none of: an alert on a figure that is missing would never fire."""
    return (dict.fromkeys(keys, 0) | dict(found)).items()


def _spread(times: list[float]) -> Iterator[tuple[float, float]]:
    percentiles = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    yield from ((0.5, percentiles[49]), (0.95, percentiles[94]), (1.0, max(times)))
