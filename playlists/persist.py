"""What stays of a run: the frozen plan before anything is written, and everything else in one transaction after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import SpotifyAccount, User
from playlists import ledger, notify
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from recommendations.candidates import Pick
from recommendations.collect import SourceReport
from recommendations.models import RecommendationHistory
from recommendations.reasons import Acquaintance, artists, facts
from recommendations.recommend import Recommendation
from recommendations.sources import SOURCES
from vibe import crash
from vibe.clients.errors import NeedsReconnect

AT_SPOTIFY = frozenset(source.name for source in SOURCES if source.service == "spotify")
FALLBACK = "liked"  # the source of a track that no source found: one of the listener's own likes


@transaction.atomic
def freeze(run: PlaylistRun, made: Recommendation, now: datetime, report: dict[str, Any]) -> None:
    """Saves the choice before anything is written anywhere, so that a retry repeats neither call nor choice.

    Raises `LostLease`.
    """
    gave_way = [*made.selection.relaxations, *_causes(made), *(["quota"] if report["budget"]["thrifty"] else [])]
    # An artist as he was found to be called, a style as it was asked for.
    wish = made.followed.get("artist", run.steer)
    tracks = [_planned(pick, made.listener, wish) for pick in made.selection.picks]
    plan: dict[str, Any] = {"tracks": tracks, "relaxations": gave_way}
    plan["artists"] = artists(made.selection.picks, made.listener)
    RunLedger.objects.update_or_create(run=run, defaults={"body": RunLedger.pack(ledger.written(made))})
    run.advance(now, plan=plan, report=report)


def _causes(made: Recommendation) -> Iterator[str]:
    """Why tracks, or new ones, are missing, where that is known, and what of a wish was not followed."""
    if made.followed.get("partly"):
        yield "wish_partly"
    extras = [report for report in made.sources if report.asked and report.source not in AT_SPOTIFY]
    if alone := extras != [] and all(map(_is_silent, extras)):
        yield "extras_silent"
    if {"short", "min_new_ratio"}.isdisjoint(made.selection.relaxations):
        return
    if made.looked_up["missing"] > made.looked_up["found"]:
        yield "not_at_spotify"
    if not alone and any(not report.answered and report.errors.keys() - {"gone"} for report in made.sources):
        yield "sources_silent"


def _is_silent(report: SourceReport) -> bool:
    """Whether it found nothing because of others than us."""
    return not report.found and not report.errors.keys() <= {"gone", "over_budget"}


def _planned(pick: Pick, listener: Acquaintance, wish: str) -> dict[str, Any]:
    track = pick.track
    if track is None:
        raise ValueError(f"{pick.candidate.key} was selected without being resolved")
    return {
        "id": track.id,
        "name": track.name,
        "artists": ", ".join(artist.name for artist in track.artists),
        "cover": track.cover,
        "isrc": track.isrc,
        "key": pick.candidate.key,
        "source": pick.reason.source if pick.reason else FALLBACK,
        "reason": _reason(pick, listener, wish),
        "score": round(pick.score, 4),
        "is_new": pick.is_new,
    }


def _reason(pick: Pick, listener: Acquaintance, wish: str) -> dict[str, Any]:
    """With the wish, where only that has led to what is named, and with all the sources that found it."""
    told = facts(pick, listener)
    if wish and "origin" not in told:
        told |= {"wish": wish}
    found_by = sorted({found.source for found in pick.candidate.found})
    # A set that both databases can look into.
    return told | ({"sources": dict.fromkeys(found_by, True)} if found_by else {})


def sources(made: Recommendation) -> list[dict[str, Any]]:
    """Each source's share: what it was asked, what it found, how many of its tracks resolved and were picked.

    A track is *picked* for the source of its reason, and *supported* by every source that found it.
    """
    picks = made.selection.picks
    picked = Counter(pick.reason.source for pick in picks if pick.reason)
    supported = Counter(name for pick in picks for name in {found.source for found in pick.candidate.found})
    resolved: Counter[str] = Counter()
    for ranked in made.ranked:
        if ranked.candidate.track or ranked.candidate.key in made.resolved:
            resolved.update({found.source for found in ranked.candidate.found})
    return [
        {
            **report.as_json(),
            "resolved": resolved[report.source],
            "picked": picked[report.source],
            "supported": supported[report.source],
        }
        for report in made.sources
    ]


@transaction.atomic
def refuse_left(account: SpotifyAccount) -> None:
    """Raises NeedsReconnect where the listener has disconnected meanwhile; else he has to wait for the caller."""
    if not SpotifyAccount.objects.select_for_update(no_key=True).filter(pk=account.pk).exists():
        raise NeedsReconnect(code="disconnected")


@transaction.atomic
def finish(run: PlaylistRun, account: SpotifyAccount, now: datetime, report: dict[str, Any]) -> None:
    """Run, tracks, history, the user's latest playlist and the message, together. Raises `LostLease`."""
    run.advance(now)  # who slept past the lease stops here, before he stumbles over the other's rows
    refuse_left(account)
    tracks = run.planned
    new = sum(track["is_new"] for track in tracks)
    PlaylistRunTrack.objects.bulk_create(_row(run, place, track) for place, track in enumerate(tracks, 1))
    if not run.dry_run:
        _history(account, tracks, now)
        _latest(run)
    notify.done(run)
    crash.here("finishing")
    # Last, so that a run which was taken over meanwhile undoes all of the above.
    run.advance(
        now,
        status=PlaylistRun.Status.SUCCESS,
        lease_token="",
        stage="done",
        finished_at=now,
        total=len(tracks),
        new=new,
        reused=len(tracks) - new,
        novelty=new / len(tracks),
        relaxations=(run.plan or {}).get("relaxations", []),
        report=report | {"artists": (run.plan or {}).get("artists", {})},
    )


def _row(run: PlaylistRun, place: int, track: dict[str, Any]) -> PlaylistRunTrack:
    return PlaylistRunTrack(
        run=run,
        position=place,
        spotify_track_id=track["id"],
        name=track["name"][:400],
        artists=track["artists"][:400],
        cover_url=track.get("cover", ""),  # a plan frozen by an older version has none
        source=track["source"],
        reason=track["reason"],
        score=track["score"],
        is_new_to_bot=track["is_new"],
    )


def _history(account: SpotifyAccount, tracks: list[dict[str, Any]], now: datetime) -> None:
    given = RecommendationHistory.objects.filter(account=account, spotify_track_id__in=[t["id"] for t in tracks])
    given.update(last_recommended_at=now, times_recommended=F("times_recommended") + 1)
    known = set(given.values_list("spotify_track_id", flat=True))
    RecommendationHistory.objects.bulk_create(
        RecommendationHistory(
            account=account,
            spotify_track_id=track["id"],
            isrc=track["isrc"],
            match_key=track["key"],
            first_recommended_at=now,
            last_recommended_at=now,
        )
        for track in tracks
        if track["id"] not in known
    )


def _latest(run: PlaylistRun) -> None:
    User.objects.filter(pk=run.user_id).update(
        last_generated_date=run.day, latest_playlist_id=run.playlist_id, latest_playlist_url=run.playlist_url
    )
