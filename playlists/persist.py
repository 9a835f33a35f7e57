"""What stays of a run: the frozen plan before anything is written, and everything else in one transaction after."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import SpotifyAccount, User
from playlists import notify
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from recommendations.candidates import Found, Pick
from recommendations.models import RecommendationHistory
from recommendations.recommend import Recommendation
from vibe import crash
from vibe.clients.errors import NeedsReconnect

FALLBACK = "liked"  # the source of a track that no source found: one of the listener's own likes


@transaction.atomic
def freeze(run: PlaylistRun, made: Recommendation, now: datetime, report: dict[str, Any]) -> None:
    """Saves the choice before anything is written anywhere, so that a retry repeats neither call nor choice.

    Raises `LostLease`.
    """
    gave_way = [*made.selection.relaxations, *(["quota"] if report["budget"]["thrifty"] else [])]
    plan = {"tracks": [_planned(pick) for pick in made.selection.picks], "relaxations": gave_way}
    RunLedger.objects.update_or_create(run=run, defaults={"body": RunLedger.pack(ledger(made))})
    run.advance(now, plan=plan, report=report)


def _planned(pick: Pick) -> dict[str, Any]:
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
        "reason": _reason(pick.reason),
        "score": round(pick.score, 4),
        "is_new": pick.is_new,
    }


def _reason(found: Found | None) -> dict[str, str]:
    return {"relation": found.relation, "because": found.because} if found else {"relation": "fallback"}


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


def ledger(made: Recommendation) -> dict[str, Any]:
    """Every candidate with who found it, its score and its fate."""
    return {
        "seeds": [[seed.key, seed.artist, seed.name, round(seed.weight, 4)] for seed in made.profile.seeds],
        "candidates": [
            {
                "key": ranked.candidate.key,
                "artist": ranked.candidate.artist,
                "title": ranked.candidate.title,
                "found": [[f.source, f.seed, round(f.match, 4), f.rank] for f in ranked.candidate.found],
                "score": round(ranked.score, 4),
                "parts": {name: round(part, 4) for name, part in ranked.parts.items()},
                "fate": made.selection.fates.get(ranked.candidate.key, ""),
            }
            for ranked in made.ranked
        ],
    }


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
        report=report,
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
