"""Whether Deezer and ReccoBeats answer, where they are switched on: one call to each route, about nobody's music."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from vibe.clients.deezer import DeezerClient
from vibe.clients.reccobeats import ReccoBeatsClient
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Finding, Skipped, ok

CREEP, ITS_ID = "GBAYE9200070", "70LcF31zb1H0PyJoS1Sx1r"  # its recording code, and what it goes by at Spotify
RADIOHEAD = "399"  # at Deezer


def deezer(exam: Exam) -> Iterator[Finding]:
    if not settings.DEEZER:
        raise Skipped(_("switched off"))
    DeezerClient(exam.meter).track(CREEP)
    yield ok(_("answers"))


def related(exam: Exam) -> Iterator[Finding]:
    DeezerClient(exam.meter).related_artists(RADIOHEAD, limit=5)
    yield ok(_("answers"))


def top_tracks(exam: Exam) -> Iterator[Finding]:
    DeezerClient(exam.meter).top_tracks(RADIOHEAD, limit=5)
    yield ok(_("answers"))


def reccobeats(exam: Exam) -> Iterator[Finding]:
    if not settings.RECCOBEATS:
        raise Skipped(_("switched off"))
    ReccoBeatsClient(exam.meter).recommendations([ITS_ID])
    yield ok(_("answers"))
