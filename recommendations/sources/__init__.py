"""Every source of candidates. To add one: write a file with a `SOURCE` here, and name it in `SOURCES`.

A source is a conversation: it yields the questions it has, gets the answers, and returns what it
found. It knows nothing of threads, caches or the network, and a failed question is an empty answer.
"""

from __future__ import annotations

from recommendations.sources import (
    deezer_similar_artists,
    deezer_top_tracks,
    lastfm_similar_artists,
    lastfm_similar_tracks,
    lastfm_tags,
    lastfm_top_tracks,
    listenbrainz_artist_radio,
    listenbrainz_similar_recordings,
    reccobeats_recommendations,
    spotify_albums,
    spotify_recommendations,
    spotify_search,
    spotify_top_tracks,
)

SOURCES = (
    lastfm_similar_tracks.SOURCE,
    lastfm_similar_artists.SOURCE,
    lastfm_top_tracks.SOURCE,
    lastfm_tags.SOURCE,
    listenbrainz_artist_radio.SOURCE,  # before the next: it has more of the few ISRCs that are new to us
    listenbrainz_similar_recordings.SOURCE,
    reccobeats_recommendations.SOURCE,
    deezer_similar_artists.SOURCE,
    deezer_top_tracks.SOURCE,
    spotify_recommendations.SOURCE,
    spotify_top_tracks.SOURCE,
    spotify_search.SOURCE,
    spotify_albums.SOURCE,
)
