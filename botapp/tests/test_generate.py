"""/generate: a card at once, or why not; and what the buttons below a playlist do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django_q.models import OrmQ

from accounts.models import Outbox, SpotifyAccount, User
from botapp.tests.at_home import NOW, WRONG, meet
from botapp.tests.listener import presses, says
from botapp.tests.turns import answers, rows, screen, screens
from playlists import notify
from playlists.models import PlaylistRun
from playlists.states import LEASE
from recommendations import feedback
from recommendations.identity import match_key
from recommendations.models import Feedback, RecommendationHistory
from vibe.clients.models import Heartbeat


@pytest.fixture
def ann(alice: User) -> User:
    """Linked and let in, and a worker is there."""
    Heartbeat.objects.create(name="reap", at=NOW)
    return alice


def refusal(
    user: User, command: str = "generate", arguments: str = "", now: datetime = NOW
) -> tuple[str, dict[str, str]]:
    """Its text and its buttons."""
    (found,) = screens(user, command, arguments, now=now)
    return found


def a_playlist(user: User, count: int = 3, **columns: Any) -> PlaylistRun:
    values = {"user": user, "trigger": "bot", "day": NOW.date(), "created_at": NOW, "finished_at": NOW}
    values |= {"size_asked": count, "min_new_ratio": 0.8, "status": "success", "total": count, "new": count}
    run = PlaylistRun.objects.create(**(values | columns))
    account = user.spotify
    assert account is not None
    for place in range(1, count + 1):
        artists, name = ["Tyler, The Creator, Kali Uchis", "Кино", "AC/DC"][place % 3], f"Song {place}"
        run.tracks.create(position=place, spotify_track_id=f"t{place}", name=name, artists=artists, source="liked")
        artist = "Tyler, The Creator" if artists.startswith("Tyler") else artists
        known = {"match_key": match_key(artist, name), "first_recommended_at": NOW, "last_recommended_at": NOW}
        account.history.get_or_create(spotify_track_id=f"t{place}", defaults=known)
    return run


def test_a_card_is_shown_at_once_and_a_worker_rung_for(ann):
    ((row),) = rows(ann, "generate")
    run = PlaylistRun.objects.get()
    assert (run.night, run.trigger, run.status, run.dry_run) == (None, "bot", "queued", False)
    assert (row.kind, row.key) == ("progress", f"run:{run.pk}:1:card")
    assert [ring.task["args"] for ring in OrmQ.objects.all()] == [(run.pk,)]
    assert not row.payload["is_idle"]


def test_whatever_is_written_behind_it_is_a_wish_or_said_to_be_none(ann, settings):
    settings.MANUAL_RUNS_A_DAY = 0
    for argument in WRONG:
        (text,) = answers(ann, "generate", argument)
        assert ("Your playlist is being made" in text) != ("can&#x27;t be read as a wish" in text)
        PlaylistRun.objects.update(status="success")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("words", ["calm jazz", "by Kino", "спокойный джаз", "от Кино", "в духе Земфиры"])
def test_a_wish_behind_it_makes_a_list_of_its_own_beside_todays(ann, words, language):
    ann.language = language
    a_playlist(ann, night=NOW.date())
    ((row),) = rows(ann, "generate", words)
    run = PlaylistRun.objects.latest("pk")
    assert (row.kind, run.steer, run.night, run.status, run.mode) == ("progress", words, None, "queued", "fresh")


def test_a_wish_does_not_fill_the_standing_playlist(ann):
    ann.playlist_mode = User.Mode.STANDING
    ann.save()
    rows(ann, "generate", "calm jazz")
    assert PlaylistRun.objects.get().mode == User.Mode.FRESH


def test_without_words_there_is_no_wish(ann):
    rows(ann, "generate", " \u200b\n ")
    assert PlaylistRun.objects.get().steer == ""


@pytest.mark.parametrize("words", ["🎸", "!!!", "x" * 61, "2026"])
def test_what_is_no_wish_is_said_and_nothing_begins(ann, words):
    text, _buttons = refusal(ann, arguments=words)
    assert "can&#x27;t be read as a wish" in text
    assert "calm jazz" in text  # what might be
    assert not PlaylistRun.objects.exists()


def test_without_a_key_for_lastfm_a_style_is_refused_and_an_artist_is_not(ann, settings):
    settings.LASTFM_API_KEY = ""
    text, _buttons = refusal(ann, arguments="calm jazz")
    assert "no key" in text
    assert not PlaylistRun.objects.exists()
    assert rows(ann, "generate", "by Kino")[0].kind == "progress"


def test_again_below_a_wished_playlist_wishes_the_same(ann):
    run = a_playlist(ann, steer="by Kino", report={"followed": {"artist": "Кино"}})
    ((text, buttons),) = screens(ann, "latest")
    assert "By your wish “by Kino”: up to a third is by Кино" in text
    assert buttons["Again"] == f"again:{run.pk}"
    assert rows(ann, "again", str(run.pk), pressed=5)[0].kind == "progress"
    assert PlaylistRun.objects.latest("pk").steer == "by Kino"


def test_nobody_wishes_by_the_run_of_somebody_else(ann):
    bob = User.objects.create_user("bob")
    run = PlaylistRun.objects.create(
        user=bob, trigger="bot", day=NOW.date(), created_at=NOW, size_asked=3, min_new_ratio=0.8, steer="by Kino",
        status="success",
    )  # fmt: skip
    rows(ann, "again", str(run.pk), pressed=5)
    assert PlaylistRun.objects.get(user=ann).steer == ""


def test_a_wish_that_nobody_knows_is_told_with_a_way_on(ann):
    run = a_playlist(ann, status="failed", steer="banana", error_code="wish_unknown", error_params={"words": "banana"})
    notify.ended(run, NOW)
    text, buttons = screen(Outbox.objects.latest("pk"), ann)
    assert "Nothing is known under “banana”" in text
    assert buttons == {"A playlist without the wish": "generate"}


def test_one_that_failed_for_another_reason_is_tried_again_with_its_wish(ann):
    run = a_playlist(ann, status="failed", steer="calm jazz", error_code="sources_failed")
    notify.ended(run, NOW)
    _text, buttons = screen(Outbox.objects.latest("pk"), ann)
    assert buttons == {"Try again": f"again:{run.pk}"}


def test_with_no_worker_he_is_told_at_once_and_the_run_waits(ann):
    Heartbeat.objects.update(at=NOW - timedelta(minutes=6))
    assert "as soon as the operator starts it" in answers(ann, "generate")[0]
    assert "as soon as the operator starts it" in refusal(ann)[0]
    assert PlaylistRun.objects.get().status == "queued"
    Heartbeat.objects.all().delete()
    assert "as soon as the operator starts it" in refusal(ann)[0]


def test_a_second_one_says_that_the_first_is_under_way(ann):
    answers(ann, "generate")
    for status in ("queued", "running"):
        PlaylistRun.objects.update(status=status, lease_until=NOW + LEASE)
        assert "already being made" in refusal(ann)[0]
    assert PlaylistRun.objects.count() == 1


def test_neither_is_another_begun_beside_the_run_of_the_night(ann):
    a_playlist(ann, status="running", night=NOW.date(), trigger="nightly", lease_until=NOW + LEASE)
    assert "already being made" in refusal(ann)[0]


def test_the_night_that_only_waits_does_not_keep_him_from_one_now(ann):
    a_playlist(ann, status="queued", night=NOW.date(), trigger="nightly", asked=0)
    assert rows(ann, "generate")[0].kind == "progress"


def test_a_run_whose_worker_died_is_still_under_way_and_not_made_twice(ann):
    answers(ann, "generate")
    PlaylistRun.objects.update(status="running", attempts=1, lease_until=NOW - LEASE)
    assert "already being made" in refusal(ann)[0]
    assert PlaylistRun.objects.get().status == "queued"


def test_one_that_has_to_wait_says_until_when(ann):
    answers(ann, "generate")
    until = NOW + timedelta(hours=2)
    PlaylistRun.objects.update(not_before=until, error_code="rate_limited", error_params={"until": until.isoformat()})
    ann.timezone = "Europe/Moscow"
    ann.save()
    text, _buttons = refusal(ann)
    assert "has to wait" in text
    assert text.count("17:00") + text.count("5 p.m.") == 1
    PlaylistRun.objects.update(error_code="", error_params={})
    text, _buttons = refusal(ann)
    assert ("waits until 17:00" in text, text.count("17:00")) == (True, 1)


def test_without_spotify_he_is_led_there(db):
    text, shown = refusal(meet())
    assert "not connected" in text
    assert shown == {"Connect": "connect"}
    assert not PlaylistRun.objects.exists()


def test_the_cap_of_a_day_says_how_often_and_when_it_opens_again(ann, settings):
    settings.MANUAL_RUNS_A_DAY = 1
    ann.timezone = "Asia/Tokyo"
    ann.save()
    answers(ann, "generate")
    PlaylistRun.objects.update(status="success")
    text, _ = refusal(ann)
    assert "asked 1 time today" in text
    assert "after November 23, 00:00" in text  # it is nine in the evening of the 22nd there
    assert rows(ann, "generate", now=NOW + timedelta(hours=3, seconds=1))[0].kind == "progress"


def test_one_that_failed_is_followed_by_another(ann):
    answers(ann, "generate")
    PlaylistRun.objects.update(status="failed")
    assert rows(ann, "generate")[0].kind == "progress"
    assert PlaylistRun.objects.count() == 2


def test_more_like_this_keeps_each_track_once_however_often_it_is_pressed(ann):
    run = a_playlist(ann)
    for minutes, undo in ((0, ["Undo", "Again"]), (1, ["Again"])):
        now = NOW + timedelta(minutes=minutes)
        ((text, buttons),) = screens(ann, "more_like", f"{run.pk}", pressed=5, now=now)
        assert "3 tracks of this list" in text
        assert list(buttons) == undo
    kept = Feedback.objects.order_by("spotify_track_id").values_list("kind", "artist_key", "match_key")
    assert list(kept) == [
        ("more", match_key(artist, "x").partition(" | ")[0], match_key(artist, f"Song {n}"))
        for n, artist in enumerate(["Кино", "AC/DC", "Tyler, The Creator"], 1)
    ]


def test_more_like_this_is_taken_back_at_once_but_for_what_was_said_before(ann):
    run = a_playlist(ann)
    answers(ann, "more", f"{run.pk}:2", pressed=5, now=NOW - timedelta(days=1))
    answers(ann, "like", f"{run.pk}:1", pressed=5)
    ((_text, buttons),) = screens(ann, "more_like", f"{run.pk}", pressed=5)
    assert Feedback.objects.count() == 4
    ((text, after),) = screens(ann, "unsay_more", buttons["Undo"].partition(":")[2], pressed=6)
    assert ("Taken back" in text, "Undo" in after) == (True, False)
    assert set(Feedback.objects.values_list("kind", "spotify_track_id")) == {("more", "t2"), ("like", "t1")}
    assert "already" in answers(ann, "unsay_more", buttons["Undo"].partition(":")[2], pressed=6)[0]


@pytest.mark.parametrize("moment", ["", "x", "-1", "1" * 17, "9" * 40, "١"])
def test_a_moment_at_which_nothing_was_said_takes_nothing_back(ann, moment):
    answers(ann, "more_like", f"{a_playlist(ann).pk}", pressed=5)
    assert "already" in answers(ann, "unsay_more", moment, pressed=6)[0]
    assert Feedback.objects.count() == 3


def test_what_he_dislikes_stays_disliked(ann):
    run = a_playlist(ann)
    account = SpotifyAccount.objects.get()
    known = {"track_id": "t1", "key": match_key("Кино", "Song 1"), "artist": "Кино", "title": "Song 1"}
    feedback.say(account, "dislike", now=NOW, **known)
    assert "2 tracks of this list" in answers(ann, "more_like", f"{run.pk}", pressed=5)[0]
    assert Feedback.objects.get(match_key=known["key"]).kind == "dislike"


def test_a_list_that_is_not_there_or_not_his_is_nothing_to_go_by(ann):
    other = User.objects.create_user("bob", telegram_chat_id=8)
    SpotifyAccount.objects.create(user=other, account_id="b", pending=False, expires_at=NOW, authorized_at=NOW)
    run = a_playlist(other)
    for argument in ["", "4711", f"{run.pk}", *WRONG]:
        assert "nothing in this list" in answers(ann, "more_like", argument, pressed=5)[0]
    assert not Feedback.objects.exists()
    assert RecommendationHistory.objects.count() == 3
    assert Outbox.objects.exclude(kind="more_like").count() == 0


def test_through_the_bot_a_button_below_a_playlist_begins_the_next_one(ann):
    User.objects.update(is_approved=True)
    a_playlist(ann, playlist_url="https://open.spotify.com/playlist/abc")
    (latest,) = says(7, "/latest")
    assert latest.labels == ["Open in Spotify", "Why these tracks", "More like this", "Again"]
    (card,) = presses(7, "Again")
    assert card.kind == "progress"
    (refused,) = says(7, "/generate")
    assert "already being made" in refused.html
