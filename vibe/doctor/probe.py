"""A playlist made to see that it can be: created, filled, read back and taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex

from django.utils.translation import gettext as _

from vibe.clients.errors import ServiceError
from vibe.clients.spotify import SpotifyClient
from vibe.doctor.exam import Exam, TimeIsUp
from vibe.doctor.rows import Finding, Skipped, mend, ok

GRACE = 8.0  # seconds to tidy up in where the time is up


def create(exam: Exam) -> Iterator[Finding]:
    client = _client(exam)
    exam.probe = f"Daily Vibe probe {token_hex(4)}"
    about = "Made by manage.py doctor --write, which takes it away again."
    exam.probe_id = client.create_playlist(exam.probe, about, public=False).id
    yield ok(_("made: {name}").format(name=exam.probe))


def fill(exam: Exam) -> Iterator[Finding]:
    _client(exam).replace_items(exam.probe_id, [_track(exam)])
    yield ok(_("one track is in it"))


def read_back(exam: Exam) -> Iterator[Finding]:
    held = _client(exam).playlist_uris(exam.probe_id)
    if held == (_track(exam),):
        yield ok(_("it holds just that track"))
    else:
        remedy = _("Try again in some minutes: Spotify sometimes shows a write late.")
        yield mend(_("tracks in it instead of the one: {count}").format(count=len(held)), remedy)


def remove(exam: Exam) -> Iterator[Finding]:
    client = _client(exam)
    client.unfollow(exam.probe_id)
    if client.has_playlist(exam.probe_id):
        remedy = _("Remove {name} in Spotify by hand.").format(name=exam.probe)
        yield mend(_("Spotify still shows it in the library"), remedy)
        return
    exam.probe = exam.probe_id = ""
    yield ok(_("gone from the library"))


def clean_up(exam: Exam) -> str:
    """Takes the probe away where a step failed or was broken off; one whose answer was lost is found by its name.

    The name of what may be left nevertheless; "" where nothing is.
    """
    if not exam.probe or exam.listener is None:
        return ""
    try:
        exam.begin(GRACE)
        made = [exam.probe_id] if exam.probe_id else _named(exam.listener, exam.probe)
        for playlist_id in made:
            exam.listener.unfollow(playlist_id)
    except (ServiceError, TimeIsUp):
        return exam.probe
    finally:
        exam.is_looking = False
    return ""


def _named(client: SpotifyClient, name: str) -> list[str]:
    return [one.id for one in client.my_playlists() if one.name == name]


def _client(exam: Exam) -> SpotifyClient:
    if exam.listener is None:
        raise Skipped(_("nobody has connected Spotify yet"))
    return exam.listener


def _track(exam: Exam) -> str:
    if exam.track is None:
        raise Skipped(_("the search found nothing to ask about"))
    return exam.track.uri
