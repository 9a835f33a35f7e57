"""/latest: the card of the newest playlist, or that there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from botapp.tests.at_home import NOW, WRONG, meet
from botapp.tests.test_generate import a_playlist
from botapp.tests.turns import screens

URL = "https://open.spotify.com/playlist/abc"


def test_none_yet_offers_the_first_one(db):
    ((text, buttons),) = screens(meet(), "latest")
    assert "no playlist yet" in text
    assert buttons == {"New playlist": "generate"}


def test_the_newest_is_shown_with_link_date_and_buttons(alice):
    old, new = (
        a_playlist(alice, finished_at=NOW - timedelta(days=age), playlist_name=name, playlist_url=URL)
        for age, name in ((1, "Old"), (0, "New"))
    )
    ((text, buttons),) = screens(alice, "latest")
    assert f'<a href="{URL}">New</a>' in text
    assert "made for Nov. 22, 2026" in text
    assert "3 tracks\nYou asked for at least 80 % new; 3 of 3 are new.\n" in text
    assert "From: your likes 3" in text
    assert buttons == {
        "Open in Spotify": URL,
        "Why these tracks": f"why:{new.pk}",
        "More like this": f"more_like:{new.pk}",
        "Again": "generate",
    }
    assert old.pk < new.pk
    assert {text for argument in WRONG for text, _buttons in screens(alice, "latest", argument)} == {text}


@pytest.mark.parametrize("columns", [{"dry_run": True}, {"status": "failed"}, {"status": "running"}])
def test_only_what_was_written_counts(alice, columns):
    a_playlist(alice, **columns)
    ((text, _buttons),) = screens(alice, "latest")
    assert "no playlist yet" in text


def test_one_of_the_night_does_not_offer_it_again(alice):
    a_playlist(alice, trigger="nightly", playlist_url=URL)
    ((_text, buttons),) = screens(alice, "latest")
    assert "Again" not in buttons
