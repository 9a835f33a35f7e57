"""Whether Last.fm knows our key and answers; one call tells both. Its other routes have a row each."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from vibe.clients.lastfm import LASTFM, LastfmClient
from vibe.doctor import trouble
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, Skipped, note, ok


def key(exam: Exam) -> Iterator[Finding]:
    if not settings.LASTFM_API_KEY:
        yield note(
            _("not configured: two sources of tracks less"),
            _("Take a free key from https://www.last.fm/api/account/create and write LASTFM_API_KEY."),
        )
        return
    error = exam.lastfm_call
    if error and error.code == "bad_key":
        yield trouble.of(error)
    elif error:
        raise Skipped(_("see the next row"))
    else:
        exam.lift(LASTFM, "bad_key")
        yield ok(_("Last.fm takes it"))


def similar_tracks(exam: Exam) -> Iterator[Finding]:
    _configured()
    error = exam.lastfm_call
    if error and error.code == "bad_key":
        raise Skipped(_("see the row before"))
    if error:
        raise error
    yield ok(_("answers"))


def similar_artists(exam: Exam) -> Iterator[Finding]:
    _configured()
    LastfmClient(settings.LASTFM_API_KEY, exam.meter).similar_artists("Radiohead", limit=5)
    yield ok(_("answers"))


def top_tracks(exam: Exam) -> Iterator[Finding]:
    _configured()
    LastfmClient(settings.LASTFM_API_KEY, exam.meter).artist_top_tracks("Radiohead", limit=5)
    yield ok(_("answers"))


def tag_tracks(exam: Exam) -> Iterator[Finding]:
    _configured()
    LastfmClient(settings.LASTFM_API_KEY, exam.meter).tag_top_tracks("jazz", limit=5)
    yield ok(_("answers"))


def artist_tags(exam: Exam) -> Iterator[Finding]:
    _configured()
    LastfmClient(settings.LASTFM_API_KEY, exam.meter).artist_top_tags("Radiohead")
    yield ok(_("answers"))


def _configured() -> None:
    if not settings.LASTFM_API_KEY:
        raise Skipped(_("not configured"))
