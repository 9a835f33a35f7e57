"""A run's page "What if" in the admin."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from playlists.generate import generate
from playlists.models import PlaylistRun

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def page(run: PlaylistRun) -> str:
    return reverse("admin:playlists_playlistrun_whatif", args=[run.pk])


@pytest.fixture
def empty(alice) -> PlaylistRun:
    return PlaylistRun.objects.create(user=alice, day=NOW.date(), created_at=NOW, size_asked=2, min_new_ratio=0.5)


def test_the_difference_is_shown_without_a_call_or_a_write(admin_client, listener, warm, sandbox):
    run = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=8)
    sandbox.calls(clear=True)
    with CaptureQueriesContext(connection) as asked:
        shown = admin_client.get(page(run), {"size": "3"})
    assert not [query["sql"] for query in asked if query["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert sandbox.calls() == []
    assert "gone 5" in shown.text
    for track in run.tracks.all():
        assert track.spotify_track_id in {row.id for row in shown.context["difference"].rows}
    assert page(run) in admin_client.get(reverse("admin:playlists_playlistrun_change", args=[run.pk])).text


def test_scores_are_shown_as_before_and_now_with_the_readers_comma(admin_client, listener, warm, sandbox):
    run = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=8)
    source = run.tracks.all()[0].source
    shown = admin_client.get(page(run), {"weights": f"{source}=0"}, headers={"accept-language": "ru"})
    moved = [scores for row, *_words, scores in shown.context["rows"] if "→" in scores]
    assert moved
    for scores in moved:
        assert re.fullmatch(r"\d,\d{3} → \d,\d{3}", scores)
        assert f'<td class="v-n">{scores}</td>' in shown.text


def test_values_out_of_bounds_are_said_beside_their_field(admin_client, empty):
    shown = admin_client.get(page(empty), {"size": "5000", "weights": "<script>=1"})
    assert shown.context["form"].errors.keys() == {"size", "weights"}
    assert "<script>=" not in shown.text
    assert "difference" not in shown.context


def test_a_run_that_chose_nothing_says_so(admin_client, empty):
    assert "has chosen no tracks" in admin_client.get(page(empty)).text


def test_a_run_that_is_not_there_is_not_found_and_nothing_can_be_posted(admin_client, empty):
    assert admin_client.get("/admin/playlists/playlistrun/4711/what-if/").status_code == 404
    assert admin_client.post(page(empty)).status_code == 405


def test_only_staff_who_may_see_runs_see_it(client, django_user_model, empty):
    assert client.get(page(empty)).status_code == 302
    staff = django_user_model.objects.create_user("staff", is_staff=True)
    client.force_login(staff)
    assert client.get(page(empty)).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_playlistrun"))
    assert client.get(page(empty)).status_code == 200
