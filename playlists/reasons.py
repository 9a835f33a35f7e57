"""Why a track is in the list, in the reader's language. What is stored: recommendations/reasons.py, and less of old."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommendations.reasons import OF_TRACKS
from vibe.clients.services import NAMES
from vibe.texts import cut

Stored = Mapping[str, Any]

LONGEST = 60  # units of a name within a sentence
# These services answer with what people play side by side; of the others nobody knows whom they ask.
LISTENERS = ("lastfm", "listenbrainz", "")

# How the listener came to the track that leads to this one.
STORIES = {
    "play": _("you played {because} lately"),
    "like": _("you liked {because}"),
    "asked": _("you asked for more like {because}"),
    "echo": _("you played {because} from our playlist"),
}
# What leads from that track to this one.
LINKS = {
    "similar_track": _("because {story}; its listeners also play this"),
    "mutual": _("because {story}; its listeners also play this"),
    "recommended": _("because {story}; {service} suggests this for it and up to four more tracks"),
    "": _("because {story}; {service} names this beside it"),
}
LIKED = {
    "artist_top": _("among the best-known tracks of {because}, whom you like"),
    "similar_artist": _("by an artist close to {because}, whom you like"),
    "deep_cut": _("a deep cut by {because}, whom you like"),
    "search": _("by {because}, whom you like"),
    "radio": _("by {because}, whom you like"),
}
PLAYED = {
    "artist_top": _("among the best-known tracks of {because}, whom you play"),
    "similar_artist": _("by an artist close to {because}, whom you play"),
    "deep_cut": _("a deep cut by {because}, whom you play"),
    "search": _("by {because}, whom you play"),
    "radio": _("by {because}, whom you play"),
}
# Of rows that know no more than the relation, and what has nothing more to know.
PLAIN = {
    "similar_track": _("listeners of {because} also play this"),
    "mutual": _("listeners of {because} also play this"),
    "similar_artist": _("an artist close to {because}"),
    "artist_top": _("a favourite of {because}, whom you like or play"),
    "deep_cut": _("a deep cut by {because}, whom you like or play"),
    "search": _("by {because}, whom you like or play"),
    "radio": _("by {because}, whom you like or play"),
    "recommended": _("{service} suggests it for {because}"),
    "tag": _("among the best-known tracks of {because}, a style you listen to"),
    "asked_tag": _("you asked for “{because}”, and this is among the best-known tracks called so"),
    "asked_style": _("by an artist known for {because}, which you asked for"),
    "asked_artist": _("by {because}, whom you asked for"),
    "forgotten_like": _("you liked it in {because} and have not heard it lately"),
    "fallback": _("one of your likes, as nothing newer was found"),
}
AGAIN = {
    "like": _("{reason} (one of your likes)"),
    "given": _("{reason} (you were given it before)"),
}
OWN = ("forgotten_like", "fallback")  # these say already that it is his own
WISHED = ("asked_tag", "asked_style", "asked_artist")  # and these that he asked for it
# For a list in which each track has one line.
BRIEF = {
    "play": _("you played {because}"),
    "like": _("you liked {because}"),
    "asked": _("more like {because}"),
    "artist_top": _("best of {because}"),
    "similar_artist": _("close to {because}"),
    "deep_cut": _("deep cut by {because}"),
    "search": _("by {because}"),
    "radio": _("by {because}"),
    "tag": _("best of {because}"),
    "asked_tag": _("best of {because}"),
    "asked_artist": _("by {because}"),
    "asked_style": _("known for {because}"),
    "forgotten_like": _("liked in {because}"),
    "fallback": _("one of your likes"),
    "": _("beside {because}"),
}


def sentence(stored: Stored) -> str:
    """As a person reads it, from a small letter and without a full stop; empty where no reason is known."""
    relation = stored.get("relation", "")
    if relation in OF_TRACKS and "origin" in stored:
        told = _of_tracks(stored)
    elif stored.get("origin") == "artist":
        told = _of_artist(stored)
    elif relation == "fallback" and stored.get("year"):
        told = _("a like of yours from {year}, as nothing newer was found").format_map(stored)
    else:
        told = _filled(PLAIN.get(relation, ""), stored)
        if told and "wish" in stored and relation not in (*OWN, *WISHED):
            told = str(_("you asked for “{wish}”; {reason}")).format(wish=shortened(stored["wish"]), reason=told)
    again = AGAIN.get(stored.get("again", "")) if told and relation not in OWN else None
    return str(again).format(reason=told) if again else told


def brief(stored: Stored) -> str:
    """In a few words, for a line that has the track too."""
    relation = stored.get("relation", "")
    if relation in OF_TRACKS:
        return _filled(BRIEF.get(stored.get("origin", ""), BRIEF[""]), stored)
    return _filled(BRIEF.get(relation, BRIEF[""]), stored) if relation else ""


def story(stored: Stored, name: str = "") -> str:
    """How he came to the track in `because`: "you played it twice this past week"; `name`: instead of it."""
    origin, told = stored.get("origin", ""), {"because": name or _name(stored)}
    if origin == "play" and (plays := stored.get("plays", 0)):
        return str(_("you played {because} {times}")).format(**told, times=_times(plays))
    return str(STORIES.get(origin, STORIES["like"])).format(**told)


def _stories(one: Stored, two: Stored) -> str:
    """Those of two tracks, without saying the same twice."""
    plays = [stored.get("plays", 0) for stored in (one, two)]
    if one["origin"] == two["origin"] and max(plays) > 1 and min(plays):
        return str(_("{story}, and {other} too")).format(story=story(one), other=_name(two))
    if one["origin"] == two["origin"] and plays[0] == plays[1]:
        return story(one, str(_("{one} and {two}")).format(one=_name(one), two=_name(two)))
    return str(_("{story} and {other}")).format(story=story(one), other=story(two))


def _times(plays: int) -> str:
    if plays == 2:
        return str(_("twice this past week"))
    if plays == 1:
        return str(_("this past week"))
    return ngettext("{n} time this past week", "{n} times this past week", plays).format(n=plays)


def _of_tracks(stored: Stored) -> str:
    if "also" not in stored:
        known = stored["relation"] == "recommended" or _service(stored) in LISTENERS
        return str(LINKS[stored["relation"] if known else ""]).format(story=story(stored), service=_who(stored))
    both = _stories(stored, stored["also"])
    if not (more := stored.get("more", 0)):
        return str(_("because {both}")).format(both=both)
    return ngettext(
        "because {both}; {n} more track of yours leads here",
        "because {both}; {n} more tracks of yours lead here",
        more,
    ).format(both=both, n=more)


def _of_artist(stored: Stored) -> str:
    relation, liked = stored.get("relation", ""), stored.get("liked", 0)
    if relation == "artist_top" and liked and "again" not in stored:
        return ngettext(
            "among the best-known tracks of {because}: you like {n} other, but not this one yet",
            "among the best-known tracks of {because}: you like {n} others, but not this one yet",
            liked,
        ).format(because=_name(stored), n=liked)
    return _filled((LIKED if liked else PLAYED).get(relation) or PLAIN.get(relation, ""), stored)


def _filled(text: object, stored: Stored) -> str:
    return str(text).format(because=_name(stored), service=_who(stored))


def _service(stored: Stored) -> str:
    return str(stored.get("source", "")).partition("_")[0]


def _who(stored: Stored) -> str:
    """Of rows that do not tell, Spotify was the only one that recommended anything."""
    service = _service(stored) or "spotify"
    return NAMES.get(service, service.capitalize())


def _name(stored: Stored) -> str:
    return shortened(str(stored.get("because", "?")))


def shortened(name: str) -> str:
    """As it fits into a sentence."""
    return cut(name, LONGEST)
