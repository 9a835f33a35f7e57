"""A run's page "What if" in a real browser, of a run that really chose. Part of `make looks`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from playlists.generate import generate
from vibe.tests.admin_looks import look, on_every_screen


@pytest.mark.django_db(transaction=True)
@on_every_screen
def test_what_would_have_been_looks_well(live_server, listener, size, dark, language):
    run = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=12)
    page = f"/admin/playlists/playlistrun/{run.pk}/what-if/"
    pages = {"what-if": f"{page}?size=20&wild=5", "what-if-wrong": f"{page}?size=5000&weights=x"}
    look(live_server.url, pages, size=size, dark=dark, language=language)
