"""Everything at a glance, and the way to change each of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import SpotifyAccount, User
from botapp.handlers import schedule
from botapp.handlers.settings import wishes
from botapp.turn import Turn, command
from playlists import notes, outcomes
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.querysets import Tracks
from playlists.rates import Rate
from playlists.states import Status
from recommendations.models import LibraryState
from recommendations.outcomes import BAD, HEARD, LIKED

TELLING = 20  # tracks from which on a share says something


@command("status")
def status(turn: Turn) -> None:
    user = turn.user
    account = user.spotify
    facts = wishes(user) | schedule.facts(user, turn.now) | {"last": _last(user), "novelty": _novelty(user, turn.now)}
    facts |= {"became": _became(user, turn.now)}
    if account:
        facts |= _account(account, user)
    turn.say("status", edit=True, **facts)


def _account(account: SpotifyAccount, user: User) -> dict[str, Any]:
    library = LibraryState.objects.filter(account=account).first()
    return {
        "account": str(account),
        "needs_reconnect": account.needs_reconnect,
        "until": user.local_date(account.consent_ends_at).isoformat(),
        "likes": account.saved_tracks.filter(removed_at=None).count(),
        "likes_total": library.total if library else 0,
        "unread": library is None or (library.completed_at is None and not library.total),
        "reading": library is not None and library.next_offset is not None,
    }


def _last(user: User) -> dict[str, Any] | None:
    run = user.runs.filter(dry_run=False).order_by("-created_at", "-pk").first()
    if run is None:
        return None
    return {
        "status": run.status,
        "at": (run.finished_at or run.created_at).isoformat(),
        "name": run.playlist_name,
        "url": run.playlist_url,
        "total": run.total,
        "code": run.error_code,
        "params": run.error_params,
    }


def _novelty(user: User, now: datetime) -> dict[str, Any] | None:
    """Of the latest playlist of his today: how much of it is new, and how much was asked for."""
    good = PlaylistRun.objects.filter(user=user, status=Status.SUCCESS, dry_run=False, day=user.local_date(now))
    run = good.order_by("-finished_at", "-pk").first()
    if run is None or run.novelty is None:
        return None
    return {"new": run.new, "achieved": run.novelty * 100, "asked": run.min_new_ratio * 100}


def _became(user: User, now: datetime) -> dict[str, Any] | None:
    """Of the tracks of the last 30 days; None as long as nothing is known of any."""
    given = PlaylistRunTrack.objects.given(now - outcomes.WATCHED, now).filter(run__user=user)
    found = given.rates()
    if not found or not found[0].coverage:
        return None
    [one] = found
    told = {"liked": one.counts[LIKED], "heard": one.counts[HEARD], "removed": sum(one.counts[word] for word in BAD)}
    return {"given": one.given, "known": max(1, round(one.coverage * 100)), **told, "hits": _hits(one, given)}


def _hits(one: Rate, given: Tracks) -> dict[str, Any] | None:
    """How often we were right, and which source most often was; None while that would be chance."""
    if one.rate is None or one.n < TELLING:
        return None
    best = max((source for source in given.rates_of_sources() if source.n >= TELLING), key=_rate, default=one)
    source = notes.source(best.of[0]) if best.of and _rate(best) > one.rate else ""
    return {"n": one.n, "rate": round(100 * one.rate), "source": source, "best": round(100 * _rate(best))}


def _rate(one: Rate) -> float:
    return one.rate or 0.0
