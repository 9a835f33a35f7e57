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

from playlists import notes
from playlists.models import PlaylistRun, PlaylistRunTrack
from playlists.states import Status

COLOURS = 8  # of site.css: s1 to s8


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
    took_part = sources(run, tracks)
    colours = {one["name"]: one["colour"] for one in took_part}
    return {
        "run": run,
        "name": run.playlist_name or notes.playlist_name(run.day.isoformat()),
        "tracks": [{"row": row, "cover": cover(row), "colour": colours[row.source]} for row in tracks],
        "sources": took_part,
        "achieved": percent(run.novelty or 0.0),
        "asked": percent(run.min_new_ratio),
        "said": said(run),
    }


def sources(run: PlaylistRun, tracks: list[PlaylistRunTrack]) -> list[dict[str, Any]]:
    """Those that were asked or gave a track, the most generous first."""
    picked = Counter(track.source for track in tracks)
    reports = {one["source"]: one for one in run.report.get("sources", ()) if one.get("state") == "asked"}
    names = [*dict(picked.most_common()), *(name for name in reports if name not in picked)]
    return [
        {
            "name": name,
            "picked": picked[name],
            "found": reports.get(name, {}).get("found", 0),
            "is_silent": _is_silent(reports.get(name, {})),
            "colour": f"s{place % COLOURS + 1}",
        }
        for place, name in enumerate(names)
    ]


def _is_silent(report: dict[str, Any]) -> bool:
    """Whether it failed to answer whatever it was asked."""
    return bool(report.get("errors")) and not report.get("answered") and not report.get("cached")


def cover(track: PlaylistRunTrack) -> str:
    """Its address at Spotify's image host; "" for any other, which the content policy would refuse too."""
    ours = settings.SPOTIFY_IMAGES_URL.rstrip("/") + "/"
    return track.cover_url if track.cover_url.startswith(ours) else ""


def said(run: PlaylistRun) -> str:
    """Why it failed or waits, in words for the listener."""
    return notes.sentence(run.error_code, run.error_params, run.user.zone, listener=True)


def percent(share: float) -> int:
    return round(100 * share)
