"""Reads and changes of many runs at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Q

from playlists.rates import Rate, rates
from playlists.states import ATTEMPTS, LASTING, RESTORED, SUPERSEDED, Outcome, Status
from recommendations.learning import Tally

if TYPE_CHECKING:
    from playlists.models import PlaylistRun
    from playlists.results import PlaylistRunTrack  # noqa: F401  the class below names it

# A ring that was lost is repeated after so long; a busy night is not to pile up double ones.
RING_AGAIN = timedelta(minutes=10)
# Longer than Spotify's longest lock-out (a day): what waits longer is of no use to anybody.
STALE = timedelta(hours=36)


# A run whose worker died twice may be what killed it: from then on each waits a while of its own, newly drawn each
# time, so that one that kills its worker does not take the same neighbours along until they are worn out too.
SUSPECT = 2
APART = timedelta(minutes=1)
PLACES = 8


PASSING = Q(dry_run=True) & ~Q(trigger__in=LASTING)  # as PlaylistRun.is_passing


class Runs(models.QuerySet["PlaylistRun"]):
    def unfinished(self) -> Runs:
        return self.filter(status__in=[Status.QUEUED, Status.RUNNING])

    def dead(self, now: datetime) -> Runs:
        """Running by their row, though no progress has renewed the lease."""
        return self.filter(status=Status.RUNNING, lease_until__lt=now)

    def revive(self, now: datetime) -> int:
        """Runs whose process died wait again, with their plan and their traces; a passing one just ends."""
        ended: dict[str, Any] = {
            "lease_token": "",
            "lease_until": None,
            "error_code": "interrupted",
            "error_params": {},
        }
        self.dead(now).filter(PASSING).update(status=Status.FAILED, finished_at=now, **ended)
        dead = self.dead(now).filter(attempts__lt=ATTEMPTS)
        again: dict[str, Any] = {"status": Status.QUEUED, "enqueued_at": None, **ended}
        revived = dead.filter(attempts__lt=SUSPECT).update(not_before=now, **again)
        for pk, attempts in dead.values_list("pk", "attempts"):
            revived += dead.filter(pk=pk).update(not_before=now + _apart(pk, attempts), **again)
        return revived

    def worn_out(self, now: datetime) -> Runs:
        """Dead once more after the last attempt."""
        return self.dead(now).filter(~PASSING, attempts__gte=ATTEMPTS)

    def stale(self, now: datetime) -> Runs:
        return self.filter(status=Status.QUEUED, created_at__lt=now - STALE)

    def due(self, now: datetime) -> Runs:
        """Waiting, their hour has come."""
        return self.filter(Q(not_before=None) | Q(not_before__lte=now), status=Status.QUEUED).exclude(PASSING)

    def unheard(self, now: datetime) -> Runs:
        """Due, and nobody was rung for, or so long ago that the ring was lost."""
        return self.due(now).filter(Q(enqueued_at=None) | Q(enqueued_at__lt=now - RING_AGAIN))

    def supersede(self, run: PlaylistRun, now: datetime) -> int:
        """Runs of this user's earlier days that still wait: today's takes their place."""
        earlier = self.filter(user=run.user_id, day__lt=run.day, status=Status.QUEUED)
        return earlier.update(status=Status.FAILED, error_code=SUPERSEDED, error_params={}, finished_at=now)

    def later(self, run: PlaylistRun) -> Runs:
        """This user's runs of later days, which make `run` yesterday's news."""
        return self.filter(user=run.user_id, day__gt=run.day, dry_run=False).exclude(status=Status.FAILED)

    def leftovers(self, run: PlaylistRun) -> list[PlaylistRun]:
        """Other runs of this user that ended badly and may have left a playlist at Spotify."""
        ended = self.filter(user=run.user_id, status__in=["failed", "needs_link"], intent_at__isnull=False)
        return list(ended.exclude(pk=run.pk).exclude(error_code=RESTORED))


class Tracks(models.QuerySet["PlaylistRunTrack"]):
    def given(self, since: datetime, until: datetime) -> Tracks:
        """Of the playlists that were written after `since` and up to `until`."""
        made = self.filter(run__status=Status.SUCCESS, run__dry_run=False)
        return made.filter(run__finished_at__gt=since, run__finished_at__lte=until)

    def found_by(self, source: str) -> Tracks:
        """With a word of `source`; of a row of before it is known of the source of its reason alone."""
        untold = Q(reason__sources__isnull=True, source=source)
        return self.filter(Q(reason__sources__has_key=source) | untold)

    def rates(self, *columns: str) -> list[Rate]:
        """What became of these tracks, by the values of `columns` (`reason__relation`); most given first."""
        return rates(self._outcomes(*columns))

    def rates_of_sources(self) -> list[Rate]:
        """Likewise by source: a track counts for each that found it."""
        rows = self._outcomes("source", "reason__sources")
        return rates((name, *rest) for source, sources, *rest in rows for name in sources or (source,))

    def tallies(self) -> list[Tally]:
        """By list, sources and outcome, for `recommendations.learning`."""
        columns = ("run_id", "source", "reason__sources", "outcome")
        rows = self.order_by().values_list(*columns).annotate(Count("pk"))
        return [Tally(run, tuple(sources or (source,)), *rest) for run, source, sources, *rest in rows]

    def _outcomes(self, *columns: str) -> Iterable[tuple[Any, ...]]:
        unknown = self.order_by().filter(outcome=Outcome.UNKNOWN).values("run")
        rows = self.order_by().annotate(followed=~Q(run__in=unknown)).values_list(*columns, "followed", "outcome")
        counted: Iterable[tuple[Any, ...]] = rows.annotate(Count("pk"))
        return counted


def _apart(pk: int, attempts: int) -> timedelta:
    # Not crc32: two that share a place by it would share every later one too.
    return APART * (sha256(f"{pk}/{attempts}".encode()).digest()[0] % PLACES)
