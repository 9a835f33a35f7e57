"""What a run says of itself: errors as sentences with what to do next, rules that gave way.

Stored are codes and parameters; these tables turn them into the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.utils import formats
from django.utils.translation import gettext_lazy as _

ERRORS = {
    "needs_reconnect": _(
        "Spotify no longer accepts your sign-in. Connect Spotify again, then ask for the playlist once more."
    ),
    "consent_ended": _("Your consent at Spotify has run out after six months. Connect Spotify again."),
    "rate_limited": _("Too much was asked of Spotify or Last.fm; the playlist goes on by itself after {until}."),
    "quota_exceeded": _(
        "Spotify's daily limit for this installation is used up until {until}."
        " The playlist goes on by itself after that."
    ),
    "service_down": _("Spotify has been down for a while. The next try is at {until}; it goes on by itself."),
    "unavailable": _("Spotify is having trouble (it answered with error {status}). Try again in a few minutes."),
    "timeout": _("Spotify did not answer in time. Try again in a few minutes."),
    "connection": _("Spotify could not be reached. Check the network connection of this installation and try again."),
    "malformed": _(
        "Spotify sent an answer that could not be read. Try again later; if it stays so, update Daily Vibe."
    ),
    "not_registered": _(
        "Your Spotify account is not on this app's list of users. Ask the operator to add its e-mail in the "
        "Spotify dashboard."
    ),
    "premium": _(
        "Spotify has paused this app: its owner's Premium subscription has ended. The operator must renew it;"
        " a few hours later the playlist goes on by itself."
    ),
    "scope": _(
        "Spotify was not given all the permissions that are needed. Connect Spotify again and allow "
        "everything that is asked."
    ),
    "bad_credentials": _(
        "Spotify refused this installation's keys. The operator must check SPOTIFY_CLIENT_ID and"
        " SPOTIFY_CLIENT_SECRET; then the playlist goes on by itself."
    ),
    "token_expired": _("Spotify kept refusing a sign-in that it had just renewed. Try again in a few minutes."),
    "gone": _("Spotify has removed a function that Daily Vibe needs ({capability}). Update Daily Vibe."),
    "forbidden": _(
        "Spotify refused the request without saying why. Connect Spotify again; if that does not help, tell "
        "the operator."
    ),
    "bad_request": _(
        "Spotify did not understand a request of Daily Vibe. This is our mistake: please report it with the "
        "run's number."
    ),
    "not_found": _("Something this run relied on is no longer at Spotify. Ask again for a new playlist."),
    "too_large": _("Spotify found a request too large. This is our mistake: please report it with the run's number."),
    "token_no_key": _(
        "This installation has no key to open the stored sign-in. The operator must set TOKEN_ENCRYPTION_KEYS."
    ),
    "token_wrong_key": _(
        "The stored sign-in can't be opened with the installation's keys. The operator must restore "
        "TOKEN_ENCRYPTION_KEYS, or you connect Spotify again."
    ),
    "token_wrong_owner": _(
        "The stored sign-in belongs to another account. Connect Spotify again, and tell the operator."
    ),
    "refresh_busy": _("Another process was renewing your sign-in at Spotify for too long. Ask again in a minute."),
    "disconnected": _("Spotify was disconnected while the run was under way. Connect it again, then ask once more."),
    "unconfirmed": _(
        "Spotify did not confirm that the playlist was made. Ask again; what was made after all is filled or "
        "tidied away."
    ),
    "incomplete": _("Spotify did not keep the tracks that were written. Ask again in a few minutes."),
    "no_taste": _(
        "There is nothing to go by yet: no likes and no plays. Like a few tracks in Spotify or listen for a "
        "day, then ask again."
    ),
    "no_music": _(
        "There is nothing to go by yet: among your likes that were read so far there is no music of Spotify's"
        " catalogue, only podcasts, files of your own or tracks that were withdrawn, and there are no plays. Like a few"
        " tracks in Spotify or listen for a day, then ask again."
    ),
    "nothing_found": _(
        "No source found anything suitable this time, so no playlist was made. Try again later or lower the "
        "share of new tracks."
    ),
    "sources_failed": _("None of the sources could be asked, so no playlist was made. Try again in a few minutes."),
    "wish_unknown": _(
        "Nothing is known under “{words}”, so no playlist was made. Write a style or a mood, such as calm jazz, or"
        " “by” and an artist's name."
    ),
    "wish_unreadable": _(
        "“{words}” can't be read as a wish. Write a style or a mood, such as calm jazz, or “by” and an artist's name;"
        " at most 60 letters."
    ),
    "wish_both": _(
        "“{words}” wishes for a style and an artist, and a list can follow one of both. Write only the style, or only"
        " “by” and the artist's name."
    ),
    "wish_artists": _(
        "Nobody is known under “{words}”, so no playlist was made. If these are several artists: a list can follow one"
        " at a time. Write “by” and one name."
    ),
    "wish_no_tags": _(
        "For a style or a mood Last.fm has to be asked, and this installation has no key for it. By an artist it"
        " works: write “by” and a name."
    ),
    "too_short": _(
        "What was found today is less than half of the playlist you have, so that one stays as it is."
        " Try again tomorrow."
    ),
    "too_slow": _("The run took too long and was stopped. Ask again: what was found is known already."),
    "database": _(
        "The database of this installation could not be written. Ask again in a minute;"
        " if it stays so, tell the operator."
    ),
    "worn_out": _(
        "The run was broken off five times, so it is not tried again. Please report it with the run's number."
    ),
    "superseded": _("A later day's playlist took the place of this one."),
    "stale": _("The run had to wait for more than a day, so it was given up. Ask again."),
    "busy": _("Another run of this user was under way, so nothing was chosen. Ask again when it is over."),
    "interrupted": _(
        "The run was interrupted before it finished. Ask again; what it left at Spotify is filled or tidied away."
    ),
    "restored": _(
        "This run was unfinished in a backup that the operator has put back. If its playlist is not in your library,"
        " ask again."
    ),
    "internal": _(
        "Something unexpected went wrong on our side; it has been written to the log. Please report it with "
        "the run's number."
    ),
}

# What ends no run, as none is begun.
REFUSALS = {
    "wish_negated": _(
        "“{words}” says what you don't want; a list can only follow what you do want, so write that. An artist is kept"
        " away by /block and the name, a track by Dislike in /why. If this is a name, write “by” before it."
    ),
}

# What the operator reads by the name of a setting, a listener reads in words of his own.
TO_LISTENERS = {
    "bad_credentials": _(
        "Spotify refuses this installation as a whole. The operator has to mend that, not you;"
        " then the playlist goes on by itself."
    ),
    "token_no_key": _("Your sign-in at Spotify can't be opened at the moment. The operator has to mend that, not you."),
    "token_wrong_key": _(
        "Your sign-in at Spotify can't be opened any more. Connect Spotify again, or ask the operator to bring"
        " back the keys of this installation."
    ),
}

RELAXATIONS = {
    "spacing": _(
        "Tracks by one artist stand closer together than usual, as there were too few others to put between them."
    ),
    "languages": _("The languages are not mixed as they should be, as too little was found in one of them."),
    "artist_cap": _("Some artists have more than two tracks, as too few other artists were found."),
    "likes_not_heard_lately": _("Some of your likes are here that you heard lately, as there were not enough others."),
    "min_new_ratio": _("Fewer tracks are new than you asked for, as not enough unknown music was found."),
    "cool_down": _("Some tracks return earlier than usual, as nothing else was left."),
    "short": _("The list is shorter than asked, as no more was found."),
    "not_at_spotify": _("Most of what was found can't be played at Spotify where you are."),
    "not_kept": _("Spotify did not keep some of the tracks."),
    "extras_silent": _(
        "None of the services that know which music goes together could be asked; this was found with Spotify alone."
    ),
    "sources_silent": _("Not every source answered."),
    "wish_partly": _("Not every word of your wish is known as a style or a mood; the list goes by the others."),
    "quota": _("Fewer sources were asked, to leave the others their share of Spotify's daily limit."),
}

SOURCES = {
    "lastfm_similar_tracks": _("Last.fm, similar tracks"),
    "lastfm_similar_artists": _("Last.fm, similar artists"),
    "lastfm_top_tracks": _("Last.fm, artists' favourites"),
    "lastfm_tags": _("Last.fm, styles"),
    "listenbrainz_artist_radio": _("ListenBrainz, artists' radio"),
    "listenbrainz_similar_recordings": _("ListenBrainz, similar tracks"),
    "spotify_recommendations": _("Spotify's suggestions"),
    "spotify_top_tracks": _("Spotify, artists' favourites"),
    "spotify_search": _("Spotify's search"),
    "spotify_albums": _("Spotify, albums"),
    "deezer_similar_artists": _("Deezer, similar artists"),
    "deezer_top_tracks": _("Deezer, artists' favourites"),
    "reccobeats_recommendations": _("ReccoBeats' suggestions"),
    "forgotten_likes": _("likes of long ago"),
    "liked": _("your likes"),
}


def sentence(code: str, params: Mapping[str, Any], zone: tzinfo = UTC, *, listener: bool = False) -> str:
    """The error of a run as a sentence; empty for no error. `until` (ISO) is told in `zone`."""
    if not code:
        return ""
    errors = ERRORS | REFUSALS | (TO_LISTENERS if listener else {})
    return str(errors.get(code, ERRORS["internal"])).format_map(_Blank({**params, **_until(params, zone)}))


def tried_again(at: datetime, zone: tzinfo) -> str:
    return str(_("Or wait: it is tried again by itself at {time}.")).format(time=_told(at, zone))


def _until(params: Mapping[str, Any], zone: tzinfo) -> dict[str, str]:
    if "until" not in params:
        return {}
    return {"until": _told(datetime.fromisoformat(params["until"]), zone)}


def _told(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} ({local:%Z})"


def relaxation(code: str) -> str:
    """A rule that gave way, as a sentence."""
    return str(RELAXATIONS.get(code, code))


def source(name: str) -> str:
    return str(SOURCES.get(name, name))


def playlist_name(day: str, wish: str = "") -> str:
    name = _("Daily Vibe · {day}").format(day=day)
    return f"{name} · {wish}" if wish else name


def description(day: str, new: int, total: int, marker: str, wish: str = "") -> str:
    """One line of at most 300 characters: Spotify refuses newlines and more."""
    told = _("Picked for you on {day}: {new} of {total} tracks are new to you · ref {marker}").format(
        day=day, new=new, total=total, marker=marker
    )
    return _("By your wish: {wish}.").format(wish=wish) + f" {told}" if wish else told


class _Blank(dict[str, Any]):
    """A parameter that an older row lacks reads as nothing rather than as an error."""

    def __missing__(self, key: str) -> str:
        return "?"
