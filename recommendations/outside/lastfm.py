"""What Last.fm answers."""

from __future__ import annotations

from django.conf import settings

from recommendations.questions import Row
from recommendations.services import Table
from vibe.clients.lastfm import LASTFM, LastfmClient
from vibe.clients.meter import Meter


def table(meter: Meter) -> Table:
    if not settings.LASTFM_API_KEY:
        return {}
    client = LastfmClient(settings.LASTFM_API_KEY, meter)
    return {
        (LASTFM, "similar_tracks"): lambda artist, title: tuple(
            Row(s.artist, s.title, s.match) for s in client.similar_tracks(artist, title)
        ),
        (LASTFM, "similar_artists"): lambda name: tuple(
            Row(artist=s.name, match=s.match) for s in client.similar_artists(name)
        ),
        (LASTFM, "top_tracks"): lambda name: tuple(
            Row(artist=name, title=title) for title in client.artist_top_tracks(name)
        ),
        (LASTFM, "tag_tracks"): lambda tag: tuple(Row(artist, title) for artist, title in client.tag_top_tracks(tag)),
        (LASTFM, "artist_tags"): lambda name: tuple(
            Row(artist=name, title=tag.name, match=tag.weight) for tag in client.artist_top_tags(name)
        ),
    }
