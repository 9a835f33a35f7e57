"""What the operator is shown of the tracks' fortunes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from playlists.models import PlaylistRun, PlaylistRunTrack
from vibe import hits

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def a_list(*outcomes: str, reason: dict[str, Any], source: str = "lastfm_similar_tracks") -> None:
    user, _made = User.objects.get_or_create(username="anna")
    run = PlaylistRun.objects.create(
        user=user, trigger="shell", day=NOW.date(), created_at=NOW, finished_at=NOW, status="success", size_asked=9,
        min_new_ratio=0.8,
    )  # fmt: skip
    PlaylistRunTrack.objects.bulk_create(
        PlaylistRunTrack(run=run, position=n, spotify_track_id="t", source=source, reason=reason, outcome=word)
        for n, word in enumerate(outcomes, 1)
    )


def since() -> datetime:
    return NOW - timedelta(days=1)


def test_a_source_shows_what_was_given_known_and_hit_with_its_interval(admin_client):
    a_list("heard", "liked", "kept", "removed", reason={"relation": "similar_track", "origin": "play"})
    a_list("heard", "unknown", reason={"relation": "similar_track", "origin": "like"})
    [row] = hits.by_source(since())
    assert (row["given"].shown, row["good"].shown, row["bad"].shown) == (6, 3, 1)
    assert (row["coverage"], row["rate"], row["n"], row["interval"]) == ("83.3 %", "50.0 %", 4, "15.0–85.0 %")
    page = admin_client.get("/admin/").text
    assert "15.0–85.0 %, n = 4" in page
    for figure in (row["given"], row["good"], row["bad"]):
        listed = admin_client.get(figure.link)
        assert listed.context["cl"].result_count == figure.shown


def test_a_source_that_only_supports_has_its_hit_rate_too(admin_client):
    a_list("heard", "kept", reason={"relation": "similar_track", "sources": {"deezer_top_tracks": True}})
    a_list("kept", reason={"relation": "similar_track"})
    rates = {str(row["name"]): row["rate"] for row in hits.by_source(since())}
    assert list(rates.values()) == ["50.0 %", "0.0 %"]
    for row in hits.by_source(since()):
        assert admin_client.get(row["given"].link).context["cl"].result_count == row["given"].shown


def test_each_seed_and_way_leads_to_its_tracks(admin_client):
    a_list("heard", "kept", reason={"relation": "similar_track", "origin": "play"})
    a_list("kept", reason={"relation": "deep_cut", "origin": "artist"}, source="spotify_albums")
    a_list("liked", reason={}, source="liked")
    rows = {str(row["name"]): row for row in hits.by_seed(since())}
    assert set(rows) == {
        "a track played: similar tracks",
        "an artist liked or played: albums",
        "not noted",
    }
    for row in rows.values():
        assert admin_client.get(row["given"].link).context["cl"].result_count == row["given"].shown


def test_a_runs_page_tells_outcomes_and_weights_and_the_list_of_tracks_the_outcome(admin_client):
    a_list("removed", reason={})
    run = PlaylistRun.objects.get()
    asked = {"source": "spotify_search", "state": "asked"}
    run.report = {"sources": [asked, asked | {"source": "spotify_albums"}], "weights": {"spotify_search": 0.875}}
    run.save()
    page = admin_client.get(f"/admin/playlists/playlistrun/{run.pk}/change/").text
    assert "taken out" in page
    assert page.index("0.88") < page.index("1.00")  # of a source of which little is known
    assert "taken out" in admin_client.get("/admin/playlists/playlistruntrack/").text
