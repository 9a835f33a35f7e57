"""Whether this process lives (`/health`), and whether the installation can do its work (`/ready`)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.models import OrmQ

from playlists import worker
from playlists.models import PlaylistRun
from playlists.states import LEASE, Status
from vibe import bearer
from vibe.clients.models import Heartbeat, ServiceState

logger = logging.getLogger(__name__)
OK = "ok"
WAITED = timedelta(minutes=30)
STOOD_STILL = timedelta(minutes=15)
MUTE = timedelta(minutes=5)  # the bot beats every minute at least, whatever Telegram does to it


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing more is claimed."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 where playlists can be made, 503 where not; who shows the token is told why."""
    checks = _checked(timezone.now())
    is_ready = all(checks[name] == OK for name in NEEDED) and FAILED not in checks.values()
    answer: dict[str, object] = {"status": "ready" if is_ready else "not ready"}
    if bearer.is_shown(request):
        answer["checks"] = checks
    return JsonResponse(answer, status=200 if is_ready else 503)


def _checked(now: datetime) -> dict[str, str]:
    """What each check found. The first that raises is the last one made: the others would wait for the same."""
    found = dict.fromkeys(CHECKS, "not checked")
    for name, check in CHECKS.items():
        try:
            found[name] = check(now)
        except Exception as error:  # noqa: BLE001
            # A monitor asks every few seconds: a line each time is enough, and says no address of a database.
            logger.warning("ready: %s failed (%s)", name, type(error).__name__)
            found[name] = FAILED
            break
    return found


def _database(_now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def _migrations(_now: datetime) -> str:
    try:
        return _all_applied()
    except NotMigrated:
        return "not applied; run manage.py migrate"


class NotMigrated(Exception):
    """The tables are older than this code."""


@cache  # what is raised is not kept: a process asks until it is so, and never again
def _all_applied() -> str:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated
    return OK


def _broker(now: datetime) -> str:
    """The queue is a table of the same database; that one answers is no word on whether anything can be written."""
    try:
        with transaction.atomic():
            OrmQ.objects.create(key="probe", payload="", lock=now)
            found = OrmQ.objects.filter(key="probe").exists()
            transaction.set_rollback(True)
    except DatabaseError as error:
        logger.warning("ready: the queue failed (%s)", type(error).__name__)
        return "cannot be written; see that the database is not read-only and its disk not full"
    return OK if found else "loses what is written"


def _worker(now: datetime) -> str:
    last = worker.last_seen()
    if last is None:
        return "never started; run manage.py runworker"
    return OK if worker.is_alive(now) else f"silent since {_moment(last)}"


def _bot(now: datetime) -> str:
    """Where nobody has to ask Telegram for updates, all is well without a bot's process."""
    if not settings.TELEGRAM_BOT_TOKEN or settings.TELEGRAM_MODE != "polling":
        return OK
    last = Heartbeat.objects.filter(name="bot").values_list("at", flat=True).first()
    if last is None:
        return "not running; run manage.py runbot"
    return OK if last >= now - MUTE else f"silent since {_moment(last)}"


def _queue(now: datetime) -> str:
    """A long backlog is a normal night; one of which nothing moves is not."""
    since = now - WAITED
    begun = Q(not_before=None, created_at__lt=since) | Q(not_before__lt=since)
    waiting = PlaylistRun.objects.due(now).filter(begun)
    return OK if not waiting.exists() or _moves(now - STOOD_STILL) else "stands still"


def _moves(since: datetime) -> bool:
    """Whether a run made progress, ended or was parked. The lease tells the first two, and has an index."""
    taken_up = [status for status in Status if status != Status.QUEUED]
    progress = PlaylistRun.objects.filter(status__in=taken_up, lease_until__gte=since + LEASE)
    parked = PlaylistRun.objects.filter(status=Status.QUEUED, started_at__gte=since)
    return progress.exists() or parked.exists()


def _spotify(now: datetime) -> str:
    """For information: while Spotify refuses everybody, runs are parked, and nothing here is to be mended."""
    state = ServiceState.objects.filter(service="spotify", family="", blocked_until__gt=now).first()
    return f"blocked until {_moment(state.blocked_until)} ({state.reason})" if state and state.blocked_until else OK


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


FAILED = "failed"
CHECKS: dict[str, Callable[[datetime], str]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "worker": _worker,
    "queue": _queue,
    "bot": _bot,
    "spotify": _spotify,
}
NEEDED = ("database", "migrations", "broker", "worker", "queue", "bot")
