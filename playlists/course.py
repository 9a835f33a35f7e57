"""A run's course and choice as the operator reads them: its moments, steps, calls, sources, tracks, candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from playlists import notes, promise
from playlists.causes import cause
from playlists.models import PlaylistRun, RunLedger
from playlists.states import Status

STEPS = {
    "connecting": _("signing in at Spotify"),
    "library": _("reading likes"),
    "plays": _("reading plays"),
    "asking": _("asking the sources"),
    "candidates": _("merging what they found"),
    "selecting": _("choosing"),
    "resolving": _("looking names up at Spotify"),
    "writing": _("writing the playlist"),
    "done": _("done"),
}
SHOWN = 200  # candidates, of a thousand and more
PICKED = "picked"
FATES = {
    PICKED: _("on the list"),
    "ranked_below": _("ranked below the others"),
    "not_new": _("not new to the listener"),
    "recently_played": _("played lately"),
    "cool_down": _("given lately"),
    "duplicate": _("the same as one on the list"),
    "artist_cap": _("enough by this artist"),
    "language_share": _("enough in this language"),
    "clutter": _("no music"),
    "artificial": _("no human artist"),
    "disliked": _("disliked"),
    "blocked": _("artist blocked"),
    "not_at_spotify": _("not found at Spotify"),
    "not_looked_up": _("not looked up"),
}
PARTS = {
    "votes": _("votes"),
    "top_list": _("favourites"),
    "similar_artist": _("near artists"),
    "mutual": _("leads back"),
    "tag": _("style"),
}
SOURCE_STATES = {
    "asked": _("asked"),
    "off": _("not configured"),
    "gone": _("removed by Spotify"),
    "not_needed": _("not needed"),
}


def told(run: PlaylistRun, asked: Mapping[str, str]) -> dict[str, Any]:
    """`asked`: of the page's address; `candidate`, words to look for, and `all`, to see every candidate."""
    ledger = RunLedger.objects.filter(run=run).first()
    return {
        "run": run,
        "moments": moments(run),
        "tracks": [(track, notes.source(track.source)) for track in run.tracks.all()],
        "steps": steps(run),
        "calls": sorted(run.report.get("calls", {}).items()),
        "granted": run.report.get("budget", {}).get("granted", {}),
        "sources": [_source(one, run.report.get("weights", {})) for one in run.report.get("sources", ())],
        "candidates": candidates(ledger.read(), asked) if ledger else None,
    }


def kept(run: PlaylistRun) -> str:
    """What novelty was asked and achieved, and which rules gave way."""
    return " ".join(promise.sentences(promise.figures(run))) if run.status == Status.SUCCESS else ""


def moments(run: PlaylistRun) -> list[dict[str, Any]]:
    """What happened when, in its order; what has not happened is left out."""
    ended = {"success": _("done"), "failed": _("failed"), "needs_link": _("Spotify must be connected again")}
    all_of_them = [
        (run.created_at, _("asked for"), run.get_trigger_display()),
        (run.enqueued_at, _("the queue was rung"), ""),
        (run.started_at, _("a worker began"), _("attempt {number}").format(number=run.attempts)),
        (run.intent_at, _("writing at Spotify began"), ""),
        (run.finished_at, ended.get(run.status, _("ended")), cause(run.error_code)),
        (run.not_before if run.status == Status.QUEUED else None, _("goes on from here"), cause(run.error_code)),
        (run.tidied_at, _("the playlist left the library"), ""),
        (run.looked_at, _("looked what it still holds"), ""),
    ]
    happened = [{"at": at, "words": words, "note": note} for at, words, note in all_of_them if at]
    return sorted(happened, key=lambda one: one["at"])


def steps(run: PlaylistRun) -> list[dict[str, Any]]:
    """Each step with its milliseconds and its share of the longest, in percent."""
    spent: Mapping[str, int] = run.report.get("ms", {})
    longest = max(spent.values(), default=0) or 1
    return [{"words": STEPS.get(step, step), "ms": ms, "share": 100 * ms // longest} for step, ms in spent.items()]


def candidates(ledger: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
    """The best first, as the run ranked them; places are those of the whole ranking."""
    words = asked.get("candidate", "").strip()
    ranked = enumerate(ledger["candidates"], 1)
    found = [(place, one) for place, one in ranked if words.casefold() in f"{one['artist']} {one['title']}".casefold()]
    shown = found if "all" in asked else found[:SHOWN]
    return {
        "rows": [_candidate(place, one) for place, one in shown],
        "found": len(found),
        "total": len(ledger["candidates"]),
        "seeds": len(ledger.get("seeds", ())),
        "words": words,
    }


def _candidate(place: int, one: Mapping[str, Any]) -> dict[str, Any]:
    fate, _colon, position = one["fate"].partition(":")
    parts = [(PARTS.get(name, name), part) for name, part in one["parts"].items() if part]
    names = dict.fromkeys(found[0] for found in one["found"])
    return {
        **{name: one[name] for name in ("artist", "title", "score")},
        "place": place,
        "parts": parts,
        "sources": [notes.source(name) for name in names],
        "found": len(one["found"]),
        "fate": FATES.get(fate, fate),
        "position": position,
    }


def _source(one: Mapping[str, Any], weights: Mapping[str, float]) -> dict[str, Any]:
    errors = ", ".join(f"{code} {count}" for code, count in one.get("errors", {}).items())
    words = {"name": notes.source(one["source"]), "errors": errors, "weight": weights.get(one["source"], 1)}
    return {**one, **words, "state": SOURCE_STATES.get(one["state"], one["state"])}
