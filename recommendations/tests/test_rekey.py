from __future__ import annotations

from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.library import facts
from recommendations.models import Feedback, Play, RecommendationHistory, ResolvedTrack, SavedTrack
from recommendations.rekey import rekey
from recommendations.tests.told import NOW, track

SPRING = track("Dolphin", "Весна")
OLD, NEW = "dolphin | весна", "дельфин | весна"
CONCERT = track("Band", "Song - Live in Paris, France - June 1971")


def given(account, one, key: str) -> RecommendationHistory:
    return RecommendationHistory.objects.create(
        account=account,
        spotify_track_id=one.id,
        match_key=key,
        first_recommended_at=NOW,
        last_recommended_at=NOW,
    )


def say(account, name: str, key: str, artist_key: str, kind: str = "more") -> Feedback:
    return Feedback.objects.create(
        account=account, kind=kind, match_key=key, artist_key=artist_key, name=name, created_at=NOW
    )


def test_every_stored_key_is_made_anew(alice):
    account = alice.spotify
    old = facts(CONCERT) | {"match_key": "band | songliveinparisfrancejune1971"}
    like = SavedTrack.objects.create(account=account, **old, added_at=NOW, seen_at=NOW)
    play = Play.objects.create(account=account, **facts(SPRING) | {"match_key": OLD}, played_at=NOW)
    known, unknown = (
        given(account, CONCERT, like.match_key),
        given(account, track("Dolphin", "Другая"), "dolphin | другая"),
    )
    word, blocked = (
        say(account, "Dolphin - Весна", OLD, "dolphin"),
        say(account, "Dolphin", "", "dolphin", "block_artist"),
    )
    name = ResolvedTrack.objects.create(match_key=OLD, expires_at=NOW)
    rekey(apps)
    for row in (like, play, known, unknown, word, blocked, name):
        row.refresh_from_db()
    assert like.match_key == known.match_key == "band | song (live)"
    assert play.match_key == word.match_key == name.match_key == NEW
    assert unknown.match_key == "дельфин | другая"
    assert word.artist_key == blocked.artist_key == "дельфин"


def test_feedback_is_keyed_by_the_name_it_was_said_under(alice):
    said = [
        say(alice.spotify, "N.W.A - Dopeman", "andwa | dopeman", "andwa"),
        say(alice.spotify, "N.W.A", "", "andwa", "block_artist"),
        say(alice.spotify, "A - B - C", "open | open", "open"),
    ]
    rekey(apps)
    for row in said:
        row.refresh_from_db()
    assert [(row.artist_key, row.match_key) for row in said] == [
        ("nwa", "nwa | dopeman"),
        ("nwa", ""),
        ("open", "open | open"),
    ]


def test_of_two_rows_under_one_key_one_stays(alice):
    account = alice.spotify
    say(account, "Dolphin - Весна", OLD, "dolphin")
    kept = say(account, "Дельфин - Весна", NEW, "дельфин")
    ResolvedTrack.objects.create(match_key=OLD, expires_at=NOW)
    ResolvedTrack.objects.create(match_key=NEW, expires_at=NOW)
    rekey(apps)
    assert list(Feedback.objects.all()) == [kept]
    assert [row.match_key for row in ResolvedTrack.objects.all()] == [NEW]


def test_keys_that_stay_are_not_written(alice):
    Play.objects.create(account=alice.spotify, **facts(SPRING), played_at=NOW)
    say(alice.spotify, "Band - Song", "band | song", "band")
    with CaptureQueriesContext(connection) as queries:
        rekey(apps)
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "DELETE"))]
