from __future__ import annotations

from datetime import timedelta

from recommendations.library import facts
from recommendations.listening import read
from recommendations.models import Feedback, Play, RecommendationHistory, SavedTrack
from recommendations.tests.told import NOW, track

KINO, SPLIN = track("Кино", "Кукушка", isrc="RUAAA2600001"), track("Сплин", "Выхода нет")


def like(account, one, days_ago, **more) -> None:
    SavedTrack.objects.create(
        account=account, **facts(one), added_at=NOW - timedelta(days=days_ago), seen_at=NOW, **more
    )


def play(account, one, days_ago, context="") -> None:
    Play.objects.create(account=account, **facts(one), played_at=NOW - timedelta(days=days_ago), context=context)


def test_likes_and_plays_come_newest_first_with_all_that_identifies_them(alice):
    account = alice.spotify
    like(account, KINO, 10)
    like(account, SPLIN, 2)
    play(account, KINO, 3, "spotify:playlist:x")
    play(account, SPLIN, 1)
    listening = read(account, NOW, 30)
    assert [one.name for one in listening.likes] == ["Выхода нет", "Кукушка"]
    assert [(one.name, one.context) for one in listening.plays] == [
        ("Выхода нет", ""),
        ("Кукушка", "spotify:playlist:x"),
    ]
    kino = listening.likes[1]
    assert (kino.id, kino.artist, kino.artist_id, kino.isrc) == (KINO.id, "Кино", KINO.artist.id, "RUAAA2600001")


def test_plays_outside_the_window_and_likes_that_were_removed_do_not_count(alice):
    account = alice.spotify
    like(account, KINO, 10, removed_at=NOW)
    play(account, KINO, 31)
    play(account, SPLIN, 29)
    play(account, SPLIN, -1)  # after this run's moment: a simulated day does not see the future
    listening = read(account, NOW, 30)
    assert listening.likes == ()
    assert [one.name for one in listening.plays] == ["Выхода нет"]


def test_history_and_feedback_are_read_by_what_they_are_about(alice):
    account = alice.spotify
    RecommendationHistory.objects.create(
        account=account,
        spotify_track_id="t",
        isrc="i",
        match_key="k",
        first_recommended_at=NOW,
        last_recommended_at=NOW,
    )
    for kind, track_key in (("like", "k1"), ("more", "k2"), ("dislike", "k3"), ("block_artist", "")):
        Feedback.objects.create(
            account=account, kind=kind, match_key=track_key, artist_key="someone", name="x", created_at=NOW
        )
    listening = read(account, NOW, 30)
    assert [(one.id, one.key, one.isrc, one.last) for one in listening.history] == [("t", "k", "i", NOW)]
    assert listening.liked_more == frozenset({"k1", "k2"})
    assert listening.disliked == frozenset({"k3"})
    assert listening.blocked == frozenset({"someone"})


def test_four_queries_whatever_there_is(alice, django_assert_num_queries):
    account = alice.spotify
    for n in range(40):
        like(account, track("Кино", f"Песня {n}"), n)
    with django_assert_num_queries(4):
        read(account, NOW, 30)
