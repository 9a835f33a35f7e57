"""The page of one run, for whoever has its address: nothing in it says whose it is."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from playlists import notes, promise, wishes
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.states import Status


@require_safe
@never_cache
def run_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """In the language and time zone of its listener, whose reasons these are."""
    run = get_object_or_404(PlaylistRun.objects.select_related("user"), public_id=public_id)
    with translation.override(run.user.language), timezone.override(run.user.zone):
        response = render(request, "pages/run.html", facts(run))
    response.headers["Content-Language"] = run.user.language
    # The address is the key: neither Spotify nor a search engine is to learn it.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def facts(run: PlaylistRun) -> dict[str, Any]:
    tracks = list(run.tracks.all()) if run.status == Status.SUCCESS else []
    return {
        "run": run,
        "name": run.playlist_name or notes.playlist_name(run.day.isoformat(), run.steer),
        "tracks": [{"row": row, "cover": cover(row)} for row in tracks],
        "sources": sources(run, tracks) if tracks else [],
        "achieved": percent(run.novelty or 0.0),
        "asked": percent(run.min_new_ratio),
        "promise": promise.figures(run, tracks) if tracks else {},
        "said": said(run),
        "wish": wishes.told(run),
    }


def sources(run: PlaylistRun, tracks: list[PlaylistRunTrack]) -> list[dict[str, Any]]:
    """Those that were asked or gave a track, the most generous first; shares of the list in percent.

    A track is *picked* for the source of its reason, and *supported* by every source that found it.
    """
    picked = Counter(track.source for track in tracks)
    reports = {one["source"]: one for one in run.report.get("sources", ()) if one.get("state") == "asked"}
    rows = [_source(name, picked[name], reports.get(name, {}), len(tracks)) for name in {**picked, **reports}]
    return sorted(rows, key=lambda row: (-row["picked"], -row["supported"], row["is_silent"]))


def _source(name: str, picked: int, report: dict[str, Any], total: int) -> dict[str, Any]:
    supported = max(picked, report.get("supported", 0))
    errors = report.get("errors", {})
    return {
        "name": name,
        "picked": picked,
        "share": percent(picked / total),
        "supported": supported,
        "supported_share": percent(supported / total),
        "found": report.get("found", 0),
        "is_gone": set(errors) == {"gone"},
        "is_silent": bool(errors) and not (report.get("answered") or report.get("cached")),
    }


def cover(track: PlaylistRunTrack) -> str:
    """Its address at Spotify's image host; "" for any other, which the content policy would refuse too."""
    ours = settings.SPOTIFY_IMAGES_URL.rstrip("/") + "/"
    return track.cover_url if track.cover_url.startswith(ours) else ""


def said(run: PlaylistRun) -> str:
    """Why it failed or waits, in words for the listener."""
    return notes.sentence(run.error_code, run.error_params, run.user.zone, listener=True)


def percent(share: float) -> int:
    return round(100 * share)
