"""The file holds what the database holds, and no token."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode
from datetime import time

import pytest
from django.utils import timezone

from accounts.encryption import unseal
from accounts.models import User
from botapp import export
from botapp.tests.listener import says
from botapp.tests.playlist import HOSTILE, ODD, account_of, liked, listener, made, remembered, stranger
from recommendations.library import facts
from recommendations.models import Play
from recommendations.tests.told import track


@pytest.fixture
def user(alice):
    user = listener(alice, nightly_at=time(7, 30), playlist_size=20, wildness=3, languages="ru 100")
    liked(user, "Кино", "Кукушка 🎸")
    liked(user, HOSTILE, HOSTILE, removed_at=timezone.now())
    Play.objects.create(account=account_of(user), **facts(track("Band", "Played")), played_at=timezone.now())
    remembered(user, "id", "Band", "Given")
    made(user, 3)
    says(7, "/like 2")
    return user


def file_of(said) -> tuple[str, dict]:
    return said.payload["name"], json.loads(zlib.decompress(b64decode(said.payload["file"])))


@pytest.mark.parametrize("odd", ODD)
def test_it_comes_as_a_file_whatever_is_written_behind_it(user, odd):
    (said,) = says(7, f"/export {odd}")
    name, _told = file_of(said)
    assert name == f"daily-vibe-{timezone.now():%Y-%m-%d}.json"
    assert 0 < len(said.html) < 1024  # the longest caption


def test_it_holds_what_the_database_holds(user):
    _name, told = file_of(says(7, "/export")[0])
    account, run = user.spotify, user.runs.get()
    for relation, name in ((account.saved_tracks, "likes"), (account.plays, "plays"), (account.history, "given")):
        assert [row["spotify_track_id"] for row in told[name]] == list(
            relation.order_by("pk").values_list("spotify_track_id", flat=True)
        )
    assert told["likes"][0]["artists"][0][1] == "Кино"
    assert told["likes"][0]["name"] == "Кукушка 🎸"
    assert (told["likes"][1]["name"], bool(told["likes"][1]["removed_at"])) == (HOSTILE, True)
    assert [(row["kind"], row["name"]) for row in told["feedback"]] == [("like", "Artist 2 - Song 2")]
    assert (told["settings"]["nightly_at"], told["settings"]["playlist_size"]) == ("07:30:00", 20)
    assert (told["settings"]["wildness"], told["settings"]["languages"]) == (3, "ru 100")
    assert (told["playlists"][0]["wildness"], told["playlists"][0]["languages"]) == (0, "auto")
    assert told["spotify_account"]["account_id"] == account.account_id
    (playlist,) = told["playlists"]
    assert (playlist["id"], playlist["playlist_url"]) == (run.pk, run.playlist_url)
    assert [row["name"] for row in playlist["tracks"]] == ["Song 1", "Song 2", "Song 3"]
    assert (playlist["tracks"][0]["outcome"], playlist["tracks"][0]["held"]) == ("unknown", None)
    assert (playlist["looked_at"], told["source_weights"]) == (None, {})
    assert playlist["tracks"][0]["reason"] == {"relation": "similar_track", "because": "Seed - One"}


def test_no_secret_is_in_it(user):
    account = user.spotify
    text = export.document(user, timezone.now()).decode()
    token = unseal(f"{user.pk}/{account.account_id}/access", account.access_token_sealed)
    for secret in (account.access_token_sealed, token, user.password):
        assert secret
        assert secret not in text
    assert "Кукушка 🎸" in text  # as it is, not as escapes


def test_nothing_of_anybody_else_is_in_it(user):
    made(stranger(), [("Secret", "Secret")])
    assert "Secret" not in export.document(user, timezone.now()).decode()


def test_without_a_linked_account_there_are_still_settings_and_playlists(user):
    user.spotify.delete()
    _name, told = file_of(says(7, "/export")[0])
    assert (told["spotify_account"], told["likes"], len(told["playlists"])) == (None, [], 1)


def test_who_was_not_let_in_may_have_what_there_is(user):
    User.objects.update(is_approved=False)
    assert says(7, "/export")[0].kind == "export"


def test_few_queries_whatever_there_is(user, django_assert_num_queries):
    for n in range(5):
        made(user, 3, playlist_id=f"p{n}")
        liked(user, "Band", f"Song {n}")
    with django_assert_num_queries(8):
        export.document(user, timezone.now())
