"""/status."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.tests.spotify import linked_account
from botapp.tests.at_home import COUNTS, NOW, in_each_language, meet, reads, wrong
from botapp.tests.listener import presses, says
from playlists.models import PlaylistRun, PlaylistRunTrack
from recommendations.models import LibraryState, SavedTrack

pytestmark = pytest.mark.django_db


def ran(user, **fields):
    now = timezone.now()
    fields = {"day": user.local_date(now), "status": "success", "finished_at": now, "created_at": now, **fields}
    return PlaylistRun.objects.create(user=user, trigger="bot", size_asked=30, min_new_ratio=0.8, **fields)


def likes(account, count):
    now = timezone.now()
    SavedTrack.objects.bulk_create(
        SavedTrack(account=account, spotify_track_id=f"t{n}", match_key=f"k{n}", name="x", added_at=now, seen_at=now)
        for n in range(count)
    )


def status(**at):
    (screen,) = says(7, "/status", **at)
    return screen


def test_who_has_nothing_yet_sees_the_defaults_and_what_to_press():
    meet()
    screen = status()
    assert "Not connected yet." in screen.html
    assert "None was asked for yet." in screen.html
    assert "Tracks in a playlist: 30" in screen.html
    assert "New tracks, at least: 80%" in screen.html
    assert screen.labels[0] == "Connect Spotify"


def test_the_account_its_likes_and_the_end_of_its_consent():
    account = linked_account(meet(), display_name="Alice", authorized_at=datetime(2026, 11, 22, 12, tzinfo=UTC))
    LibraryState.objects.create(account=account, total=2, next_offset=None, completed_at=NOW)
    likes(account, 3)
    SavedTrack.objects.filter(spotify_track_id="t0").update(removed_at=NOW)
    screen = status()
    assert "Connected as Alice. The consent ends on May 22, 2027." in screen.html
    assert "I know 2 liked tracks of yours." in screen.html
    assert "Connect Spotify" not in screen.labels


def test_a_library_still_being_read_says_how_far():
    account = linked_account(meet())
    LibraryState.objects.create(account=account, total=400, next_offset=50)
    likes(account, 1)
    assert "Your likes: 1 of 400 read so far." in status().html


def test_a_library_not_read_yet_is_no_library_of_nothing():
    linked_account(meet())
    assert "Your likes are read for the first playlist." in status().html


def test_a_lost_consent_is_told_with_the_way_back():
    linked_account(meet(), display_name="Alice", needs_reconnect=True)
    screen = status()
    assert "Spotify no longer accepts this sign-in" in screen.html
    assert screen.labels[0] == "Connect Spotify"


def test_the_last_playlist_and_how_new_it_is():
    user = meet()
    linked_account(user)
    ran(
        user, playlist_name="Mix <1>", playlist_url="https://open.spotify.com/playlist/1", total=30, new=27, novelty=0.9
    )
    html = status().html
    assert '<a href="https://open.spotify.com/playlist/1">Mix &lt;1&gt;</a>, 30 tracks' in html
    assert "Today 27 tracks are new to you: 90%, and at least 80% was asked." in html


def test_a_failure_is_told_with_what_to_do():
    user = meet()
    ran(user, status="failed", error_code="no_taste")
    html = status().html
    assert "there was no playlist." in html
    assert "Like a few tracks in Spotify" in html
    assert "was asked." not in html


@pytest.mark.parametrize(("state", "words"), [("queued", "waiting to be made"), ("running", "being made just now")])
def test_one_under_way_is_told(state, words):
    ran(meet(), status=state, finished_at=None)
    assert words in status().html


def test_a_preview_is_no_playlist():
    ran(meet(), dry_run=True)
    assert "None was asked for yet." in status().html


def test_the_next_one_is_told_by_his_own_clock():
    user = meet(timezone="Asia/Tokyo", nightly_at=time(20))
    linked_account(user)
    screen = status(now=NOW)
    assert "Your clock: 21:00, Tokyo" in screen.html
    assert datetime.fromisoformat(screen.payload["next"]).astimezone(user.zone).hour == 20


def test_each_wish_is_changed_from_here_and_the_way_leads_back():
    meet()
    screen = status()
    for label in screen.labels:
        (asked,) = presses(7, label)
        assert asked.kind != "status"
        (back,) = presses(7, "status")
        assert back.kind == "status"


@wrong
def test_words_behind_it_do_not_matter(words):
    meet()
    assert [said.kind for said in says(7, f"/status {words}")] == ["status"]


@pytest.mark.parametrize("count", [0, *COUNTS])
@in_each_language
def test_each_number_is_said_in_each_language(count, language):
    last = {"status": "success", "at": NOW.isoformat(), "total": count, "name": "x"}
    novelty = {"new": count, "achieved": 50.5, "asked": 80}
    common = {"account": "a", "until": "2027-05-22", "likes": count, "last": last, "novelty": novelty, "zone": "UTC"}
    assert reads("status", language, **common).count(str(count)) >= 3
    assert str(count) in reads("status", language, **common, reading=True, likes_total=999)


def given(user, *words, source="lastfm_similar_tracks", **fields):
    run = ran(user, **fields)
    PlaylistRunTrack.objects.bulk_create(
        PlaylistRunTrack(run=run, position=n, spotify_track_id="t", source=source, outcome=word)
        for n, word in enumerate(words, 1)
    )


def test_what_became_of_the_tracks_of_a_month_is_told_with_how_much_is_known():
    user, ago = meet(), timezone.now() - timedelta(days=31)
    given(user, "liked", "heard", "heard", "kept", "removed", "disliked", "unknown", "unknown")
    given(user, "heard", finished_at=ago, created_at=ago, day=ago.date())
    said = "Of 8 tracks of the last 30 days: 1 liked, 2 more played, 2 taken out or disliked; 75% could be followed."
    assert said in status().html


def test_how_often_we_were_right_is_told_where_enough_was_followed():
    user = meet()
    given(user, *["liked", "heard"] * 5, *["kept"] * 9)
    assert "followed whole" not in status().html
    given(user, *["kept"] * 21, source="deezer_top_tracks")
    html = status().html
    assert "Of 40 tracks whose lists were followed whole, 25% were played or liked." in html
    assert "The surest source for you" not in html
    given(user, *["liked"] * 5)
    assert "The surest source for you: Last.fm, similar tracks, 62%." in status().html


def test_what_little_is_known_is_not_called_nothing():
    given(meet(), "liked", *["unknown"] * 299)
    assert "1% could be followed" in status().html


def test_as_long_as_nothing_is_known_nothing_is_told_of_it():
    given(meet(), "unknown", "unknown")
    assert "last 30 days" not in status().html


def test_the_dials_and_where_they_are_turned():
    user = meet()
    screen = status()
    assert "Wildness: 0 of 10" in screen.html
    assert "Languages of the music: as you listen" in screen.html
    assert {"How wild", "Languages of the music"} <= set(screen.labels)
    user.wildness, user.languages = 7, "ru 40 latin 60"
    user.save()
    assert "Wildness: 7 of 10" in (html := status().html)
    assert "Languages of the music: English and others in Latin letters 60%, Russian 40%" in html
    user.languages = "off"
    user.save()
    assert "Languages of the music: whatever comes" in status().html
