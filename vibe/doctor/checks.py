"""All checks in their order, and how they are made: each by itself, none that says nothing without another."""

from __future__ import annotations

import logging

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vibe.clients import limiter
from vibe.clients.errors import RateLimited, ServiceError
from vibe.doctor import catalogue, home, keyless, lastfm, listenbrainz, probe, spotify, telegram, trouble, web, work
from vibe.doctor.exam import Exam, TimeIsUp
from vibe.doctor.rows import Check, Finding, Row, Skipped, State

logger = logging.getLogger(__name__)
TABLES = ("migrations",)
OUTSIDE = (*TABLES, "settings")
# Not the pauses: each call is refused by its own, and one of a family alone is no reason to ask nothing.
SPOTIFY = (*OUTSIDE, "spotify_credentials", "spotify_quota")
CATALOGUE = (*SPOTIFY, "spotify_premium")
LISTENER = (*CATALOGUE, "spotify_account", "spotify_me", "spotify_allow_list")
CHECKS = (
    Check("settings", gettext_lazy("Settings"), home.configuration),
    Check("secrets_file", gettext_lazy("File with the secrets"), home.secrets_file),
    Check("debug", gettext_lazy("Debug pages"), home.debug),
    Check("address", gettext_lazy("Address of this service"), home.address),
    Check("redirect", gettext_lazy("Redirect URI"), home.redirect, ("address",)),
    Check("web", gettext_lazy("Web server"), web.answers, ("address",), asks=True),
    Check("database", gettext_lazy("Database"), home.database),
    Check("migrations", gettext_lazy("Tables"), home.migrations, ("database",)),
    Check("disk", gettext_lazy("Disk"), home.disk),
    Check("cache", gettext_lazy("Cache"), home.shared_cache),
    Check("time_zones", gettext_lazy("Time zones"), home.zones, TABLES),
    Check("tokens", gettext_lazy("Encryption of the tokens"), home.tokens, TABLES),
    Check("bot", gettext_lazy("Process of the bot"), telegram.process, TABLES),
    Check("worker", gettext_lazy("Worker"), work.alive, TABLES),
    Check("schedules", gettext_lazy("Schedules"), work.schedules, ("worker",)),
    Check("queue", gettext_lazy("Queue"), work.queue, ("worker",)),
    Check("night", gettext_lazy("Nights"), work.nights, TABLES),
    Check("listeners", gettext_lazy("Listeners"), spotify.listeners, TABLES),
    Check("spotify_credentials", gettext_lazy("Spotify: keys of the app"), spotify.credentials, OUTSIDE, asks=True),
    Check("spotify_blocks", gettext_lazy("Spotify: pauses"), spotify.blocks, TABLES),
    Check("spotify_quota", gettext_lazy("Spotify: calls left"), spotify.calls_left, TABLES),
    Check("spotify_account", gettext_lazy("Spotify: a listener"), spotify.account, (*SPOTIFY, "tokens"), asks=True),
    Check("spotify_scopes", gettext_lazy("Spotify: what he allowed"), spotify.scopes, ("spotify_account",)),
    Check("spotify_consent", gettext_lazy("Spotify: until when he allowed it"), spotify.consent, ("spotify_account",)),
    Check("spotify_me", gettext_lazy("Spotify: his profile"), spotify.me, (*SPOTIFY, "spotify_account"), asks=True),
    Check("spotify_premium", gettext_lazy("Spotify: Premium of the owner"), spotify.premium, SPOTIFY, asks=True),
    Check("spotify_allow_list", gettext_lazy("Spotify: list of users"), spotify.allow_list, SPOTIFY, asks=True),
    Check("spotify_likes", gettext_lazy("Spotify: likes"), spotify.likes, LISTENER, asks=True),
    Check("spotify_plays", gettext_lazy("Spotify: recent plays"), spotify.plays, LISTENER, asks=True),
    Check("spotify_playlists", gettext_lazy("Spotify: playlists"), spotify.playlists, LISTENER, asks=True),
    Check("spotify_search", gettext_lazy("Spotify: search"), catalogue.search, CATALOGUE, asks=True),
    Check(
        "spotify_artist_albums", gettext_lazy("Spotify: albums of an artist"), catalogue.artist_albums,
        (*CATALOGUE, "spotify_search"), asks=True,
    ),
    Check(
        "spotify_album_tracks", gettext_lazy("Spotify: tracks of an album"), catalogue.album_tracks,
        (*CATALOGUE, "spotify_artist_albums"), asks=True,
    ),
    Check(
        "spotify_recommendations", gettext_lazy("Spotify: recommendations"), catalogue.recommendations,
        (*CATALOGUE, "spotify_search"), asks=True,
    ),
    Check(
        "spotify_top_tracks", gettext_lazy("Spotify: an artist's top tracks"), catalogue.top_tracks,
        (*CATALOGUE, "spotify_search"), asks=True,
    ),
    Check(
        "write_create", gettext_lazy("Writing: a new playlist"), probe.create, (*LISTENER, "spotify_search"),
        asks=True, writes=True,
    ),
    Check("write_fill", gettext_lazy("Writing: filling it"), probe.fill, ("write_create",), asks=True, writes=True),
    Check(
        "write_read", gettext_lazy("Writing: reading it back"), probe.read_back, ("write_fill",),
        asks=True, writes=True,
    ),
    Check(
        "write_remove", gettext_lazy("Writing: taking it away"), probe.remove, ("write_create",),
        asks=True, writes=True,
    ),
    Check("lastfm_key", gettext_lazy("Last.fm: key"), lastfm.key, OUTSIDE, asks=True),
    Check("lastfm_tracks", gettext_lazy("Last.fm: similar tracks"), lastfm.similar_tracks, OUTSIDE, asks=True),
    Check(
        "lastfm_artists", gettext_lazy("Last.fm: similar artists"), lastfm.similar_artists, ("lastfm_key",), asks=True
    ),
    Check(
        "lastfm_top_tracks", gettext_lazy("Last.fm: artists' favourites"), lastfm.top_tracks, ("lastfm_key",),
        asks=True,
    ),
    Check(
        "lastfm_tag_tracks", gettext_lazy("Last.fm: tracks of a style"), lastfm.tag_tracks, ("lastfm_key",), asks=True
    ),
    Check(
        "lastfm_artist_tags", gettext_lazy("Last.fm: styles of an artist"), lastfm.artist_tags, ("lastfm_key",),
        asks=True,
    ),
    Check("musicbrainz", gettext_lazy("MusicBrainz: recordings"), listenbrainz.recordings, OUTSIDE, asks=True),
    Check("listenbrainz", gettext_lazy("ListenBrainz: radio of an artist"), listenbrainz.radio, OUTSIDE, asks=True),
    Check("listenbrainz_token", gettext_lazy("ListenBrainz: token"), listenbrainz.token, OUTSIDE, asks=True),
    Check(
        "listenbrainz_names", gettext_lazy("ListenBrainz: names of recordings"), listenbrainz.names, OUTSIDE, asks=True
    ),
    Check(
        "listenbrainz_similar", gettext_lazy("ListenBrainz Labs: similar tracks"), listenbrainz.similar_recordings,
        OUTSIDE, asks=True,
    ),
    Check(
        "listenbrainz_labs", gettext_lazy("ListenBrainz Labs: Spotify's ids"), listenbrainz.spotify_ids, OUTSIDE,
        asks=True,
    ),
    Check("deezer", gettext_lazy("Deezer: recordings"), keyless.deezer, OUTSIDE, asks=True),
    Check("deezer_related", gettext_lazy("Deezer: similar artists"), keyless.related, ("deezer",), asks=True),
    Check("deezer_top_tracks", gettext_lazy("Deezer: artists' favourites"), keyless.top_tracks, ("deezer",), asks=True),
    Check("reccobeats", gettext_lazy("ReccoBeats: suggestions"), keyless.reccobeats, OUTSIDE, asks=True),
    Check("telegram_token", gettext_lazy("Telegram: the bot's token"), telegram.token, OUTSIDE, asks=True),
    Check("telegram_updates", gettext_lazy("Telegram: updates"), telegram.updates, ("telegram_token",), asks=True),
    Check(
        "operator", gettext_lazy("Telegram: chat of the operator"), telegram.operator, ("telegram_token",), asks=True
    ),
    Check("clock", gettext_lazy("Clock"), home.clock),
)  # fmt: skip
TITLES = {check.name: check.title for check in CHECKS}


def examine(exam: Exam) -> list[Row]:
    """Every row. Leaves nothing behind at Spotify, and tells the other processes what its calls met and cost."""
    states: dict[str, State] = {}
    rows: list[Row] = []
    try:
        for check in CHECKS:
            found = _findings(check, exam, states)
            states[check.name] = _worst(found)
            rows += [Row(check.name, str(check.title), *one) for one in found]
    finally:
        left = probe.clean_up(exam)
        _share(exam)
    return [*rows, _left(left)] if left else rows


def is_well(rows: list[Row]) -> bool:
    return all(row.state != State.MEND for row in rows)


def _known(check: Check, exam: Exam, states: dict[str, State]) -> list[Finding]:
    """What is told of a row without looking: what hinders it, or that its settings are wrong."""
    # What is to mend is the cause; what was not checked itself is only on the way to it.
    if causes := [name for name in check.needs if states[name] == State.MEND]:
        return [_after(causes[0])]
    if found := list(home.complaints(exam, check.name)):
        return found
    if check.asks and not exam.calls:
        return [_skipped(_("nobody outside was asked"))]
    if check.writes and not exam.write:
        return [_skipped(_("only where writing is allowed (--write)"))]
    return [_after(name) for name in check.needs if states[name] == State.SKIPPED][:1]


def _after(row: str) -> Finding:
    return _skipped(_("first comes: {row}").format(row=TITLES[row]))


def _findings(check: Check, exam: Exam, states: dict[str, State]) -> list[Finding]:
    if exam.is_over:
        return [_skipped(_("the time was up"))]
    known: set[tuple[str, str]] = set()
    try:
        exam.begin()
        if found := _known(check, exam, states):
            return found
        known.update(exam.meter.blocks if check.asks else ())
        return list(check.look(exam))
    except TimeIsUp:
        return [trouble.silent()]
    except Skipped as told:
        return [_skipped(str(told))]
    except RateLimited as error:
        # One that was there before this row is another row's.
        keys = [key for key, met in exam.meter.blocks.items() if met.until == error.until]
        return [_skipped(trouble.of(error).found)] if known.intersection(keys) else [trouble.of(error)]
    except ServiceError as error:
        return [trouble.of(error)]
    except Exception as error:
        logger.warning("doctor: %s could not be checked (%s)", check.name, type(error).__name__)
        logger.debug("doctor: %s", check.name, exc_info=True)
        return [trouble.unexpected(error)]
    finally:
        exam.is_looking = False


def _skipped(why: str) -> Finding:
    return Finding(State.SKIPPED, why)


def _worst(found: list[Finding]) -> State:
    states = [one.state for one in found]
    return next(state for state in (State.MEND, State.SKIPPED, State.INFO, State.OK) if state in states)


def _left(name: str) -> Row:
    remedy = _("Remove {name} in Spotify by hand.").format(name=name)
    return Row("write_remove", str(TITLES["write_remove"]), State.MEND, _("it may be there still"), remedy)


def _share(exam: Exam) -> None:
    if "meter" not in vars(exam):
        return  # nobody was asked
    try:
        limiter.store(exam.meter)
    except DatabaseError as error:
        logger.warning("doctor: what the calls cost could not be kept (%s)", type(error).__name__)
