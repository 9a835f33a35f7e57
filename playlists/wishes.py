"""A wish for one list, in the words of its listener: what every door asks before, and what is said of it after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import SpotifyAccount
from recommendations import known, steering
from recommendations.steered import Astray
from recommendations.steering import Steer

if TYPE_CHECKING:
    from playlists.models import PlaylistRun


def refused(words: str) -> str:
    """Why no list can be asked for by these words, as a code of `playlists.notes`; "" where one can."""
    steer = steering.parse(words)
    if steer is None:
        return "wish_unreadable"
    if steer.is_negated:
        return "wish_negated"
    if steer.is_mixed:
        return "wish_both"
    return "wish_no_tags" if not steer.artist and not settings.LASTFM_API_KEY else ""


def of(run: PlaylistRun, account: SpotifyAccount) -> Steer | None:
    """Its wish, an artist first as the listener's own library spells him. Raises Astray."""
    if not run.steer:
        return None
    steer = steering.parse(run.steer)
    if steer is None:
        raise Astray("wish_unreadable")
    spelled = [known.artist(account, name) for name in steer.artist[: steering.TRIED]]  # each reads the library
    return replace(steer, artist=tuple(dict.fromkeys((*spelled, *steer.artist))))


def told(run: PlaylistRun) -> dict[str, Any]:
    """Its words, and what they were found to mean: `artist` or `tags`. Empty for a list without a wish."""
    if not run.steer:
        return {}
    relaxations = (run.plan or {}).get("relaxations", run.relaxations)
    return {"words": run.steer, "is_mixed": "artist_cap" not in relaxations, **run.report.get("followed", {})}


def sentence(wish: Mapping[str, Any]) -> str:
    """What `told` tells; empty where it is."""
    if not wish:
        return ""
    if "artist" in wish and wish["is_mixed"]:
        text = _("By your wish “{words}”: up to a third is by {artist}, the rest by artists near.")
    elif "tags" in wish and [wish["words"].casefold()] != wish["tags"]:
        text = _("By your wish “{words}”: what Last.fm's listeners call {called}.")
    else:
        text = _("By your wish “{words}”.")
    return text.format(words=wish["words"], artist=wish.get("artist", ""), called=", ".join(wish.get("tags", ())))
