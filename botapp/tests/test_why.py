"""The reason for each track, and the screen of each track."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from botapp.tests.listener import presses, says, shown
from botapp.tests.playlist import HOSTILE, ODD, listener, made, remembered, stranger, visible
from playlists import notes
from playlists.models import PlaylistRunTrack, RunLedger


@pytest.fixture
def user(alice):
    return listener(alice)


def test_every_track_of_the_latest_playlist_has_its_reason(user):
    made(user, at=timezone.now() - timedelta(days=1), names=[("Old", "Old")])
    run = made(user)
    (first,) = says(7, "/why")
    assert "1. <b>Artist 1</b> – Song 1\n<i>listeners of Seed - One also play this</i>" in first.html
    assert first.labels[:10] == [str(n) for n in range(1, 11)]
    assert "Artist 11<" not in first.html
    (second,) = presses(7, "Next »")
    assert second.edits == first.message_id
    assert "Artist 11<" in second.html
    (third,) = presses(7, f"why:{run.pk}:3")
    assert ("Artist 25<" in third.html, "Next »" in third.labels, "« Back" in third.labels) == (True, False, True)


def test_the_list_of_a_run_is_a_message_of_its_own(user):
    run = made(user)
    made(user, names=[("New", "New")])
    (said,) = presses(7, f"why:{run.pk}")
    assert said.edits is None
    assert "Artist 1<" in said.html


def test_a_number_opens_its_track_and_leads_back(user):
    made(user)
    says(7, "/why")
    presses(7, "Next »")
    (track,) = presses(7, "12")
    assert track.edits
    assert "<b>Artist 12</b> – Song 12" in track.html
    assert "<i>Listeners of Seed - One also play this</i>" in track.html
    assert "Last.fm" in track.html
    assert [b.url for b in track.buttons if b.url] == ["https://open.spotify.com/track/id-Song 12"]
    assert {"Like", "Dislike", "More like this", "Block Artist 12"} <= set(track.labels)
    (back,) = presses(7, "« Back")
    assert "Artist 11<" in back.html


def test_a_number_behind_the_command_opens_the_track_at_once(user):
    made(user)
    for text in ("/why 3", "/why #3", "/why 3️⃣", "/why № 3.", "/why ٣"):
        assert "<b>Artist 3</b>" in says(7, text)[0].html


@pytest.mark.parametrize("odd", ODD)
def test_whatever_else_is_written_shows_the_list(user, odd):
    made(user, 5)
    if odd == "١":
        odd = "٩٩"
    (said,) = says(7, f"/why {odd}")
    assert (said.kind, "Artist 1<" in said.html) == ("why", True)
    assert '<b>&"' not in said.html
    assert visible(said.html) < 4096


def test_without_a_playlist_he_is_told_how_to_get_one(user):
    (said,) = says(7, "/why")
    assert (said.kind, said.labels) == ("why_none", ["New playlist"])


@pytest.mark.parametrize("columns", [{"status": "failed"}, {"dry_run": True}])
def test_what_was_never_made_is_not_the_latest(user, columns):
    made(user, 3, **columns)
    assert says(7, "/why")[0].kind == "why_none"


@pytest.mark.parametrize(("command", "asks"), [("like", "Which track do you like?"), ("dislike", "not come again?")])
def test_the_next_page_still_asks_which_track_the_word_is_for(user, command, asks):
    run = made(user)
    says(7, f"/{command}")
    (second,) = presses(7, "Next »")
    assert (asks in second.html, "Write its number" in second.html, "Artist 11<" in second.html) == (True, True, True)
    assert says(7, "12")[0].kind == "track"
    (last,) = presses(7, f"why:{run.pk}:3:{command}")
    presses(7, "25")
    kept = user.spotify.feedback.order_by("pk").values_list("kind", "name")
    assert list(kept) == [(command, "Artist 12 - Song 12"), (command, "Artist 25 - Song 25")]
    assert "« Back" in last.labels


def test_a_number_is_not_awaited_for_a_list_that_is_no_longer_the_latest(user):
    old = made(user, at=timezone.now() - timedelta(days=1))
    made(user, 3)
    (said,) = presses(7, f"why:{old.pk}:2:like")
    assert ("Artist 11<" in said.html, "Write its number" in said.html) == (True, False)
    user.refresh_from_db()
    assert user.asked == ""
    presses(7, "12")
    assert user.spotify.feedback.get().name == "Artist 12 - Song 12"


@pytest.mark.parametrize("rest", ["1:2:more", "like", ":like", "1:x:like", "1:1:forget"])
def test_a_page_for_a_word_that_is_none_awaits_nothing(user, rest):
    made(user, 3)
    assert presses(7, f"why:{rest}")[0].kind in {"why", "why_none"}
    user.refresh_from_db()
    assert user.asked == ""


def test_another_listeners_run_is_as_if_it_were_not_there(user):
    run = made(stranger(), names=[("Secret", "Secret")])
    for action in (f"why:{run.pk}", f"why:{run.pk}:1", f"track:{run.pk}:1"):
        (said,) = presses(7, action)
        assert said.kind == "why_none"
    assert not any("Secret" in said.html for said in shown(7))


@pytest.mark.parametrize("rest", ["", ":", "x", "1", "1:2:3:4:5", "-1:1", "9" * 30, "1:" + "9" * 30, "🎸:1"])
def test_a_button_that_leads_nowhere_says_so(user, rest):
    made(user, 3)
    assert presses(7, f"track:{rest}")[0].kind in {"why_none", "track"}
    assert presses(7, f"why:{rest}")[0].kind in {"why_none", "why"}


def test_names_are_escaped_and_long_ones_fit(user):
    made(user, [(HOSTILE, HOSTILE)])
    (said,) = says(7, "/why")
    assert "&lt;b&gt;&amp;&quot;" in said.html
    (track,) = presses(7, "1")
    assert HOSTILE not in track.html
    assert f"Block {HOSTILE}" in track.labels
    run = made(user, [("🎸" * 400, "🎸" * 400)] * 10, relaxations=list(notes.RELAXATIONS))
    long = {"because": "🎸" * 400, "origin": "play", "plays": 1000}
    run.tracks.update(reason={"relation": "similar_track", "again": "given", **long, "also": long, "more": 1000})
    (said,) = says(7, "/why")
    assert visible(said.html) < 4096
    assert visible(presses(7, "1")[0].html) < 4096


def test_an_artist_with_a_comma_in_his_name_is_blocked_as_a_whole(user):
    made(user, [("Tyler, The Creator, Kali Uchis", "See You Again")])
    remembered(user, "id-See You Again", "Tyler, The Creator", "See You Again")
    says(7, "/why 1")
    assert "Block Tyler, The Creator" in presses(7, "Like")[0].labels


def test_it_can_be_said_in_russian(user):
    listener(user, language="ru")
    made(user)
    assert all(visible(said.html) for said in (*says(7, "/why"), *says(7, "/why 1"), *says(7, "/why x")))


def test_the_first_page_says_what_was_asked_and_achieved_and_the_next_ones_do_not(user):
    made(user, new=20, relaxations=["spacing"])
    PlaylistRunTrack.objects.filter(position__gt=20).update(is_new_to_bot=False, reason={"again": "like"})
    (first,) = says(7, "/why")
    assert "You asked for at least 80 % new; 20 of 25 are new.\nThe others are likes of yours: 5.\n" in first.html
    assert "• Tracks by one artist stand closer together" in first.html
    (second,) = presses(7, "Next »")
    assert "asked for at least" not in second.html
    assert "asked for at least" not in says(7, "/like")[0].html


def test_a_track_tells_its_whole_story_while_the_ledger_is_kept(user):
    run = made(user, 3)
    run.plan = {"tracks": [{"id": "id-Song 2", "key": "k", "is_new": True, "reason": {}}], "relaxations": []}
    run.save()
    found = [["lastfm_similar_tracks", "s", 0.9, 4]]
    picked = {
        "key": "k",
        "artist": "",
        "title": "",
        "found": found,
        "score": 1,
        "parts": {"votes": 1},
        "fate": "picked:2",
    }
    body = {"seeds": [["s", "<Seed>", "One", 1.0, "like"]], "candidates": [picked]}
    RunLedger.objects.create(run=run, body=RunLedger.pack(body))
    (screen,) = says(7, "/why 2")
    assert "1 track of yours leads here:\n• Last.fm, similar tracks: no. 4, from &lt;Seed&gt; - One" in screen.html
    assert "It was no. 1 of 1 tracks" in screen.html
    assert "Found by: Last.fm, similar tracks" in says(7, "/why 3")[0].html
