"""What has served goes; what the promise of novelty rests on stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry

from accounts.models import Outbox
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from playlists.prune import prune
from recommendations import listening
from recommendations.models import Play, RecommendationHistory, ResolvedTrack, SavedTrack, SourceCache
from vibe.clients.models import ApiUsage

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


def run_of(user, days_ago: int, **columns) -> PlaylistRun:
    at = NOW - timedelta(days=days_ago)
    run = PlaylistRun.objects.create(
        user=user, day=at.date(), created_at=at, finished_at=at, size_asked=5, min_new_ratio=0.5, status="success",
        plan={"tracks": [], "relaxations": []}, **columns,
    )  # fmt: skip
    RunLedger.objects.create(run=run, body=RunLedger.pack({}))
    PlaylistRunTrack.objects.create(run=run, position=1, spotify_track_id="t", name="n", artists="a", source="s")
    return run


def test_a_month_old_run_keeps_its_tracks_and_loses_its_ledger_and_plan(alice):
    old, young = run_of(alice, 31), run_of(alice, 29)
    prune(NOW)
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.plan, old.tracks.count()) == (None, 1)
    assert young.plan is not None
    assert list(RunLedger.objects.values_list("run", flat=True)) == [young.pk]


def test_a_plan_goes_however_its_run_ended_and_at_once_where_its_listener_has_left(alice):
    failed, recent = run_of(alice, 31), run_of(alice, 1)
    PlaylistRun.objects.filter(pk=failed.pk).update(status="needs_link")
    prune(NOW)
    assert list(PlaylistRun.objects.filter(plan__isnull=True)) == [failed]
    alice.spotify.delete()
    waiting = run_of(alice, 0)
    PlaylistRun.objects.filter(pk=waiting.pk).update(status="queued")
    prune(NOW)
    assert list(PlaylistRun.objects.filter(plan__isnull=True).order_by("pk")) == [failed, recent]
    assert not RunLedger.objects.exists()


def test_after_a_quarter_names_and_pictures_go_and_ids_stay(alice):
    reason = {"relation": "similar_track", "because": "Band - Song"}
    for days in (91, 89):
        run_of(alice, days).tracks.update(cover_url="https://i.scdn.co/image/x", reason=reason)
    prune(NOW)
    old, young = PlaylistRunTrack.objects.order_by("run__created_at")
    assert (old.spotify_track_id, old.source) == ("t", "s")
    assert (old.name, old.artists, old.cover_url, old.reason, old.why) == ("", "", "", {}, "")
    assert (young.name, young.artists, young.reason) == ("n", "a", reason)
    assert str(old) == "1."


def test_likes_that_no_reading_met_and_old_plays_lose_their_names_and_still_count(alice):
    facts = {"account": alice.spotify, "name": "Song", "artists": [["id", "Band"]], "match_key": "band | song"}
    for days in (91, 89):
        at = NOW - timedelta(days=days)
        SavedTrack.objects.create(**facts, spotify_track_id=f"{days}", added_at=at, seen_at=at, album="Album")
        Play.objects.create(**facts, spotify_track_id=f"{days}", played_at=at)
    prune(NOW)
    assert set(SavedTrack.objects.values_list("spotify_track_id", "name", "album")) == {
        ("91", "", ""), ("89", "Song", "Album"),
    }  # fmt: skip
    assert set(Play.objects.values_list("spotify_track_id", "name")) == {("91", ""), ("89", "Song")}
    assert str(Play.objects.get(name="")) == "band | song"
    heard = listening.read(alice.spotify, NOW, 365)
    assert [(one.artist, one.name) for one in heard.likes] == [("Band", "Song"), ("band", "song")]
    assert [one.key for one in heard.plays] == ["band | song"] * 2


def test_runs_stay_a_year_and_dry_ones_a_month(alice):
    keep = run_of(alice, 364)
    run_of(alice, 366)
    run_of(alice, 31, dry_run=True)
    prune(NOW)
    assert list(PlaylistRun.objects.all()) == [keep]


def test_the_history_of_recommendations_is_never_pruned(alice):
    long_ago = NOW - timedelta(days=5_000)
    RecommendationHistory.objects.create(
        account=alice.spotify, spotify_track_id="t", match_key="k",
        first_recommended_at=long_ago, last_recommended_at=long_ago,
    )  # fmt: skip
    prune(NOW)
    assert RecommendationHistory.objects.count() == 1


def test_answers_and_names_go_when_they_expire(db):
    for expires, kept in ((NOW - timedelta(seconds=1), False), (NOW + timedelta(seconds=1), True)):
        SourceCache.objects.create(source="s", key=str(kept), answer=[], expires_at=expires)
        ResolvedTrack.objects.create(match_key=str(kept), track=None, expires_at=expires)
    assert prune(NOW)["SourceCache"] == 1
    assert [row.key for row in SourceCache.objects.all()] == ["True"]
    assert [row.match_key for row in ResolvedTrack.objects.all()] == ["True"]


def test_many_rows_go_in_steps(db):
    SourceCache.objects.bulk_create(
        SourceCache(source="s", key=str(n), answer=[], expires_at=NOW - timedelta(days=1)) for n in range(2_500)
    )
    assert prune(NOW)["SourceCache"] == 2_500


def test_what_the_staff_did_is_known_for_a_year(admin_user):
    for days in (364, 366):
        at = NOW - timedelta(days=days)
        LogEntry.objects.create(user=admin_user, object_repr=f"user {days}", action_flag=CHANGE, action_time=at)
    prune(NOW)
    assert LogEntry.objects.get().object_repr == "user 364"


@pytest.mark.parametrize(("status", "left"), [("sent", 0), ("dead", 0), ("pending", 1)])
def test_messages_that_were_said_go_and_waiting_ones_stay(db, status, left):
    Outbox.objects.create(key="k", chat_id=1, kind="playlist", status=status)
    Outbox.objects.update(created_at=NOW - timedelta(days=31))
    prune(NOW)
    assert Outbox.objects.count() == left


def test_usage_and_unliked_tracks_go_after_a_month_and_plays_after_a_year(alice):
    ApiUsage.objects.create(service="spotify", family="search", hour=NOW - timedelta(days=31), calls=1)
    facts = {"account": alice.spotify, "name": "n", "artists": [], "match_key": "k"}
    SavedTrack.objects.create(
        **facts, spotify_track_id="1", added_at=NOW, removed_at=NOW - timedelta(days=31), seen_at=NOW
    )
    SavedTrack.objects.create(**facts, spotify_track_id="2", added_at=NOW - timedelta(days=5_000), seen_at=NOW)
    Play.objects.create(**facts, spotify_track_id="1", played_at=NOW - timedelta(days=366))
    prune(NOW)
    assert not ApiUsage.objects.exists()
    assert not Play.objects.exists()
    assert [row.spotify_track_id for row in SavedTrack.objects.all()] == ["2"]
