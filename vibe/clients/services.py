"""The outside services: the names that limits, blocks and figures are kept under, and those that people know."""

from __future__ import annotations

NAMES = {
    "spotify": "Spotify",
    "lastfm": "Last.fm",
    "listenbrainz": "ListenBrainz",
    "listenbrainz_labs": "ListenBrainz Labs",
    "musicbrainz": "MusicBrainz",
    "deezer": "Deezer",
    "reccobeats": "ReccoBeats",
    "telegram": "Telegram",
}
SWITCHES = {  # the setting that an optional service is off without
    "lastfm": "LASTFM_API_KEY",
    "listenbrainz": "LISTENBRAINZ",
    "deezer": "DEEZER",
    "reccobeats": "RECCOBEATS",
}
# An outage of theirs costs a list some tracks' support, and is not worth waking an operator.
SPARE = frozenset({"listenbrainz", "listenbrainz_labs", "musicbrainz", "deezer", "reccobeats"})
# A run does without them: it has less patience with these.
OPTIONAL = SPARE | {"lastfm"}
# The setting with the least time between two calls; two hosts of one owner share his patience, not their breaker.
GAPS = {service: f"{service.split('_')[0].upper()}_CALL_GAP_MS" for service in NAMES}
# The settings with an address to which calls or browsers are sent.
ADDRESSES = (
    *("SPOTIFY_API_URL", "SPOTIFY_ACCOUNTS_URL", "SPOTIFY_IMAGES_URL", "LASTFM_API_URL"),
    *("LISTENBRAINZ_API_URL", "LISTENBRAINZ_LABS_URL", "MUSICBRAINZ_API_URL"),
    *("DEEZER_API_URL", "RECCOBEATS_API_URL", "TELEGRAM_API_URL", "TELEGRAM_LINK_URL"),
)
