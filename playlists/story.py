"""The whole story of one track, as long as the run's ledger is kept: who named it, at which place, and what counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from playlists import notes
from playlists.reasons import OWN, shortened
from recommendations.reasons import WISH
from recommendations.tags import SEED

if TYPE_CHECKING:
    from playlists.models import PlaylistRunTrack

LISTS = 5  # told one by one, the nearest first
# What a score is made of; a part of which nothing is said here goes untold.
PARTS = {
    "votes": _("your tracks that lead here"),
    "asked_tags": _("tracks of the style you asked for"),
    "asked_artist": _("tracks of the artist you asked for"),
    "asked_and_own": _("tracks by your wish and your own that lead here"),
    "near_asked": _("an artist close to the one you asked for"),
    "mutual": _("your tracks that it leads to"),
    "top_list": _("its fame among its artist's tracks"),
    "similar_artist": _("an artist close to yours"),
    "tag": _("its style"),
}
NEAR = ((0.5, _("very near")), (0.2, _("near")), (0.0, _("further off")))  # the match of its list's best is 1


def told(track: PlaylistRunTrack) -> dict[str, Any]:
    """As plain data; empty where the ledger is no longer kept, or never held the track."""
    key = next((one["key"] for one in track.run.planned if one["id"] == track.spotify_track_id), None)
    kept = getattr(track.run, "ledger", None) if key and track.reason.get("relation") not in OWN else None
    body = kept.read() if kept else {"candidates": []}
    candidate = next((one for one in body["candidates"] if one["key"] == key), None)
    return _story(candidate, body, track.run.report.get("followed", {})) if candidate else {}


def _story(candidate: Mapping[str, Any], body: Mapping[str, Any], followed: Mapping[str, Any]) -> dict[str, Any]:
    rivals = [one for one in body["candidates"] if one is candidate or _could_be_given(one)]
    seeds = {key: f"{artist} - {name}" for key, artist, name, *_more in body["seeds"]}
    wished = {key for key, *_more, origin in body["seeds"] if origin == WISH}
    artists = {key: name for key, name, *_more in body.get("artists", ())}
    words = sorted(candidate["found"], key=lambda word: (word[1] not in seeds, -word[2], word[3]))
    lists = [
        {"source": source, "seed": _named(seed, seeds | artists), "rank": rank}
        | ({"near": match} if seed in seeds else {})
        for source, seed, match, rank, *_more in words
    ]
    told_by = {word[1] for word in words}
    back = set(candidate.get("leads_to", ()))  # tracks of his, all of them
    whole = sum(candidate["parts"].values()) or 1
    named = _of_wish(told_by & wished, told_by & seeds.keys() - wished, followed)
    shares = ((named.get(name, name), round(100 * part / whole)) for name, part in candidate["parts"].items())
    parts = [[name, share] for name, share in shares if name in PARTS]
    return {
        "place": rivals.index(candidate) + 1,
        "all": len(rivals),
        "lists": lists[:LISTS],
        "hidden": len(lists[LISTS:]),
        "back": len(back),
        # Some of those that a wish brought are his own and some are not, which is not kept.
        "tracks": 0 if wished & told_by else len((told_by & seeds.keys()) | back),
        "parts": sorted((part for part in parts if part[1] > 0), key=lambda part: -part[1]),
    }


def _of_wish(wished: Collection[str], own: Collection[str], followed: Mapping[str, Any]) -> dict[str, str]:
    """Part -> what it is called where a wish has led to its seeds, which are not his then."""
    asked = "asked_artist" if "artist" in followed else "asked_tags"
    votes = {"votes": "asked_and_own" if own else asked} if wished else {}
    return votes | ({"similar_artist": "near_asked"} if "artist" in followed else {})


def _could_be_given(one: Mapping[str, Any]) -> bool:
    return one["fate"].partition(":")[0] in ("picked", "ranked_below", "artist_cap", "not_looked_up", "language_share")


def _named(seed: str, names: Mapping[str, str]) -> str:
    return names.get(seed, seed.removeprefix(SEED))


def lines(story: Mapping[str, Any]) -> list[str]:
    """In the reader's language."""
    return list(_lines(story)) if story else []


def _lines(story: Mapping[str, Any]) -> Iterator[str]:
    tracks = story["tracks"]
    yield (
        ngettext("{n} track of yours leads here:", "{n} tracks of yours lead here:", tracks).format(n=tracks)
        if tracks
        else str(_("Where it was found:"))
    )
    for one in story["lists"]:
        yield f"• {_list(one)}"
    if more := story["hidden"]:
        yield ngettext("• and {n} more list", "• and {n} more lists", more).format(n=more)
    if back := story["back"]:
        yield ngettext(
            "• {n} track of yours is among its own similar tracks",
            "• {n} tracks of yours are among its own similar tracks",
            back,
        ).format(n=back)
    yield str(_("It was no. {place} of {all} tracks that could be given to you that day.")).format(**story)
    if story["parts"]:
        counted = ", ".join(f"{PARTS[name]} ({share} %)" for name, share in story["parts"] if name in PARTS)
        yield str(_("What counted: {counted}.")).format(counted=counted)


def _list(one: Mapping[str, Any]) -> str:
    place = {"source": notes.source(one["source"]), "rank": one["rank"], "seed": shortened(one["seed"])}
    line = str(_("{source}: no. {rank}, from {seed}")).format(**place)
    near = next((word for least, word in NEAR if one.get("near", 0) > least), None)
    return f"{line} ({near})" if near else line
