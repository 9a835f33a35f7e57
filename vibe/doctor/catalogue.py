"""What Spotify's catalogue answers this app, and what of it newer apps no longer get."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from vibe.clients.errors import Gone
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, Skipped, note, ok


def search(exam: Exam) -> Iterator[Finding]:
    found = exam.web.search_tracks("love")
    exam.track = found[0] if found else None
    yield (
        ok(_("finds tracks"))
        if found
        else note(_("answers, and finds nothing"), _("Write your country in SPOTIFY_DEFAULT_MARKET, like DE."))
    )


def artist_albums(exam: Exam) -> Iterator[Finding]:
    if exam.track is None:
        raise Skipped(_("the search found nothing to ask about"))
    albums = exam.web.artist_albums(exam.track.artist.id)
    exam.album = albums[0] if albums else None
    yield ok(_("answers"))


def album_tracks(exam: Exam) -> Iterator[Finding]:
    if exam.album is None:
        raise Skipped(_("the search found nothing to ask about"))
    exam.web.album_tracks(exam.album.id)
    yield ok(_("answers"))


def recommendations(exam: Exam) -> Iterator[Finding]:
    if exam.track is None:
        raise Skipped(_("the search found nothing to ask about"))
    try:
        exam.web.recommendations([exam.track.id], limit=5)
        yield ok(_("answers"))
    except Gone:
        yield _gone()


def top_tracks(exam: Exam) -> Iterator[Finding]:
    if exam.track is None:
        raise Skipped(_("the search found nothing to ask about"))
    try:
        exam.web.artist_top_tracks(exam.track.artist.id)
        yield ok(_("answers"))
    except Gone:
        yield _gone()


def _gone() -> Finding:
    return note(_("Spotify took it away from newer apps; other sources take its place"))
