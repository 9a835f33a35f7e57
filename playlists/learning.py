"""What a run learns from the lists before it: it looks what became of them, and how far to trust each source."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import SpotifyAccount, User
from playlists import budget, outcomes
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.persist import FALLBACK
from playlists.states import Status
from playlists.tidy import held
from recommendations import own
from recommendations.candidates import Listening
from recommendations.learning import source_weights
from recommendations.outcomes import SETTLED
from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient

logger = logging.getLogger(__name__)
LEARNT = timedelta(days=90)  # lists that the sources' weights are of
OWN_SOURCES = (FALLBACK, own.SOURCE)  # the listener's likes, of which no outside source spoke


def learn(run: PlaylistRun, account: SpotifyAccount, client: SpotifyClient, now: datetime) -> dict[str, Any]:
    """Looks at one earlier list and judges all of the last weeks, for the run's report. No run fails of it."""
    done: dict[str, Any] = {"looked": 0, "changed": 0, "error": ""}
    try:
        done["looked"] = 0 if run.dry_run else _look(account, client, now)
    except ServiceError as error:
        done["error"] = error.code
    try:
        with transaction.atomic():
            done["changed"] = outcomes.judge(account, now)
    except Exception:
        logger.exception("run=%s: what became of the lists before it was not found out", run.pk)
        done["error"] = "internal"
    return done


def without_removed(account: SpotifyAccount, heard: Listening) -> Listening:
    """What he took out of our lists counts as disliked."""
    return replace(heard, disliked=heard.disliked | outcomes.rejected(account))


def weights(account: SpotifyAccount, now: datetime) -> dict[str, float]:
    """Source -> how much its word counts for this listener, as of `now`; 1 where absent."""
    match settings.LEARNING:
        case "on":
            given = PlaylistRunTrack.objects.given(now - LEARNT, now).filter(run__user=account.user_id)
            return source_weights(given.exclude(source__in=OWN_SOURCES).tallies())
        case "frozen":
            made = PlaylistRun.objects.filter(user=account.user_id, report__has_key="weights")
            return dict(made.order_by("-pk").values_list("report__weights", flat=True).first() or {})
    return {}


def _look(account: SpotifyAccount, client: SpotifyClient, now: datetime) -> int:
    """Reads the newest list that was not looked at since it settled: one call, where today's lists leave one."""
    one = _next(account.user, account, now)
    if one is None or not budget.for_listening(now):
        return 0
    found = held(one.playlist_id, client)
    outcomes.note(one, found or (), now)  # of another account's one as of an emptied one nothing is known
    return 1


def _next(user: User, account: SpotifyAccount, now: datetime) -> PlaylistRun | None:
    """A standing playlist is about to be written over, so it is looked at however new it is."""
    since = max(now - outcomes.WATCHED, account.authorized_at)
    made = user.runs.filter(status=Status.SUCCESS, dry_run=False, finished_at__gt=since, finished_at__lte=now)
    last: dict[str, PlaylistRun] = {}  # that filled each playlist
    for run in made.exclude(playlist_id="").filter(tidied_at=None).order_by("-finished_at", "-pk").defer("plan"):
        last.setdefault(run.playlist_id, run)
    return next((run for run in last.values() if run.looked_at is None and _is_due(run, account, now)), None)


def _is_due(run: PlaylistRun, account: SpotifyAccount, now: datetime) -> bool:
    if run.playlist_id == account.standing_playlist_id:
        return True
    return run.finished_at is not None and run.finished_at <= now - SETTLED
