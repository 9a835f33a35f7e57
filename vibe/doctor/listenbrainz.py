"""Whether MusicBrainz and ListenBrainz's two hosts answer; once for each of their routes that a run asks."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from vibe.clients.listenbrainz import LISTENBRAINZ, ListenbrainzClient
from vibe.clients.musicbrainz import MusicbrainzClient
from vibe.doctor import trouble
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, Skipped, note, ok

CREEP, STRANGERS = "GBAYE9200070", "e97f805a-ab48-4c52-855e-07049142113d"


def recordings(exam: Exam) -> Iterator[Finding]:
    _configured()
    MusicbrainzClient(exam.meter).recordings(CREEP)
    yield ok(_("answers"))


def radio(exam: Exam) -> Iterator[Finding]:
    _configured()
    error = exam.radio_call
    if error and error.code == "bad_key":
        raise Skipped(_("see the next row"))
    if error:
        raise error
    yield ok(_("answers"))


def token(exam: Exam) -> Iterator[Finding]:
    _configured()
    error = exam.radio_call
    if not settings.LISTENBRAINZ_TOKEN:
        yield note(_("not configured: fewer calls may be allowed"))
    elif error and error.code == "bad_key":
        yield trouble.of(error)
    elif error:
        raise Skipped(_("see the row before"))
    else:
        exam.lift(LISTENBRAINZ, "bad_key")
        yield ok(_("ListenBrainz takes it"))


def names(exam: Exam) -> Iterator[Finding]:
    _configured()
    ListenbrainzClient(exam.meter).recordings([STRANGERS])
    yield ok(_("answers"))


def similar_recordings(exam: Exam) -> Iterator[Finding]:
    _configured()
    ListenbrainzClient(exam.meter).similar_recordings(STRANGERS)
    yield ok(_("answers"))


def spotify_ids(exam: Exam) -> Iterator[Finding]:
    _configured()
    ListenbrainzClient(exam.meter).spotify_ids([("Radiohead", "Creep")])
    yield ok(_("answers"))


def _configured() -> None:
    if not settings.LISTENBRAINZ:
        raise Skipped(_("switched off"))
