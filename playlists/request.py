"""What every door asks: the row of a run, inserted or taken up again. It decides; who carries it out is the door's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Sum

from accounts.models import User
from playlists import queue
from playlists.models import PlaylistRun
from playlists.querysets import Runs
from playlists.states import OPERATORS, Status


class NotConnected(Exception):
    """The user has no linked Spotify account."""


class AlreadyRunning(Exception):
    """Another run of this user is under way."""


class TooManyToday(Exception):
    """The user has asked as often today as MANUAL_RUNS_A_DAY allows; `limit` says how often."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@transaction.atomic
def order(user: User, *, trigger: str, now: datetime, **wishes: Any) -> tuple[PlaylistRun, bool]:
    """`request`, and rings for a worker where that made or revived the row. Raises as `request`."""
    run, ours = request(user, trigger=trigger, now=now, **wishes)
    if ours:
        queue.enqueue(run, now)
    return run, ours


def request(
    user: User,
    *,
    trigger: str,
    now: datetime,
    force: bool = False,
    dry_run: bool = False,
    size: int | None = None,
    min_new_ratio: float | None = None,
    wildness: int | None = None,
    languages: str | None = None,
    steer: str = "",
) -> tuple[PlaylistRun, bool]:
    """The row to carry out or, with False, one that is there already: done, or waiting for its hour.

    A night has one row, however it ended; `force` makes another beside it, and so does `steer`, a wish for this list
    alone. Raises `NotConnected`, `AlreadyRunning` and `TooManyToday`, which leave no trace.
    """
    if user.spotify is None:
        raise NotConnected
    PlaylistRun.objects.filter(user=user).revive(now)
    wanted: dict[str, Any] = {
        "size_asked": size or user.size,
        "min_new_ratio": user.ratio if min_new_ratio is None else min_new_ratio,
        "wildness": user.wildness if wildness is None else wildness,
        "languages": languages or user.languages,
        "trigger": trigger,
    }
    day, force = user.local_date(now), force or bool(steer)
    mode = User.Mode.FRESH if steer else user.playlist_mode  # one list's wish is not to fill the standing one
    new = wanted | {"day": day, "created_at": now, "dry_run": dry_run, "asked": 1, "steer": steer, "mode": mode}
    if dry_run:
        if trigger in OPERATORS:
            new["asked"] = 0
        else:
            _refuse_more(user, day)
        return PlaylistRun.objects.create(user=user, **new), True
    new["night"] = None if force else day
    known = PlaylistRun.objects.filter(user=user, night=new["night"], dry_run=False)
    return _asked_for(known.unfinished() if force else known, user, now, wanted, new)


def _asked_for(
    known: Runs, user: User, now: datetime, wanted: dict[str, Any], new: dict[str, Any]
) -> tuple[PlaylistRun, bool]:
    run = known.first()
    if run is not None:
        if run.steer != new["steer"]:
            raise AlreadyRunning  # and it is not what is wished for now
        return _again(run, now, wanted)
    _refuse_more(user, new["day"])
    try:
        with transaction.atomic():
            return PlaylistRun.objects.create(user=user, **new), True
    except IntegrityError:  # somebody else asked at this very moment
        return known.get(), False


def _again(run: PlaylistRun, now: datetime, wanted: dict[str, Any]) -> tuple[PlaylistRun, bool]:
    match run.status:
        case Status.SUCCESS:
            return run, False
        case Status.RUNNING:
            raise AlreadyRunning
        case Status.QUEUED:
            return _hurried(run, now, wanted)
    _refuse_more(run.user, run.day)
    ours = run.revive(now, wanted)
    run.refresh_from_db()
    return run, ours


def _hurried(run: PlaylistRun, now: datetime, wanted: dict[str, Any]) -> tuple[PlaylistRun, bool]:
    """A row of the night that a person asks for now need not wait behind the others; one that is parked must."""
    of_the_night = PlaylistRun.objects.filter(pk=run.pk, status=Status.QUEUED, asked=0)
    ours = bool(of_the_night.update(asked=1, trigger=wanted["trigger"]))
    run.refresh_from_db()
    return run, ours and (run.not_before is None or run.not_before <= now)


def _refuse_more(user: User, day: date) -> None:
    """One person pressing Again must not spend the household's quota."""
    limit = settings.MANUAL_RUNS_A_DAY
    asked = PlaylistRun.objects.filter(user=user, day=day).aggregate(times=Sum("asked"))["times"] or 0
    if limit and asked >= limit:
        raise TooManyToday(limit)
