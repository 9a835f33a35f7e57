from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Outbox, User
from accounts.screens import rendered
from playlists import notify
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from playlists.tests.at_spotify import make

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>{{ run.user }}"
IMAGE = "https://i.scdn.co/image/ab67616d00004851"


def a_run(user: User, tracks: int = 1, **columns: Any) -> PlaylistRun:
    row = {"day": date(2026, 11, 23), "created_at": NOW, "trigger": "bot", "status": "success", "size_asked": 30}
    row |= {"min_new_ratio": 0.8, "total": tracks, "new": tracks, "novelty": 1.0, "playlist_name": "Daily Vibe · day"}
    run = PlaylistRun.objects.create(user=user, **(row | columns))
    PlaylistRunTrack.objects.bulk_create(a_track(run, place) for place in range(1, tracks + 1))
    return run


def a_track(run: PlaylistRun, place: int, **columns: Any) -> PlaylistRunTrack:
    reason = {"relation": "similar_track", "because": "Кино - Перемен"}
    row = {"name": "Thunderstruck", "artists": "AC/DC", "source": "lastfm_similar_tracks", "cover_url": IMAGE}
    row |= {"spotify_track_id": f"id{place}"}
    return PlaylistRunTrack(run=run, position=place, **({**row, "reason": reason} | columns))


def page(client: Any, run: PlaylistRun) -> str:
    answer = client.get(f"/runs/{run.public_id}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_made_run_shows_its_tracks_with_covers_and_reasons(client, listener, sandbox):
    run = make(listener, size=10)
    shown = page(client, run)
    for track in run.tracks.all():
        assert f"https://open.spotify.com/track/{track.spotify_track_id}" in shown
    for track in run.tracks.filter(is_new_to_bot=True):  # of a like of his no cover is kept
        assert track.cover_url.startswith(f"{sandbox.url}/_sandbox/covers/")
        assert f'<img src="{track.cover_url}"' in shown
    assert shown.count('<p class="why">') == 10
    assert run.playlist_url in shown
    assert "Last.fm, similar tracks" in shown
    assert "no longer offered by Spotify" in shown


@pytest.mark.parametrize("status", PlaylistRun.Status.values)
def test_the_page_is_the_runs_alone(client, alice, status):
    User.objects.update(telegram_chat_id=987654321, telegram_username="alice_at_home", first_name="Alicia")
    shown = page(client, a_run(User.objects.get(), status=status, error_code="timeout"))
    for secret in ("987654321", "alice", "Alicia", "acc-alice"):
        assert secret not in shown


def test_reading_leaves_no_cookie_and_tells_no_referrer(client, alice):
    answer = client.get(f"/runs/{a_run(alice).public_id}")
    assert not answer.cookies
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("wrong", ["0", "x" * 22, "x" * 4000, "%00", "..%2f", "%27%20or%201=1", "%F0%9F%8E%B8"])
def test_an_unknown_id_is_not_found(client, alice, wrong):
    run = a_run(alice)
    for address in (wrong, str(run.pk), run.public_id[:-1], run.public_id.swapcase()):
        assert client.get(f"/runs/{address}").status_code == 404


def test_it_can_only_be_read(client, alice):
    assert client.post(f"/runs/{a_run(alice).public_id}").status_code == 405
    assert client.head(f"/runs/{PlaylistRun.objects.get().public_id}").status_code == 200


def test_names_from_outside_are_text_and_nothing_else(client, alice):
    run = a_run(alice, tracks=0, playlist_name=HOSTILE, total=1)
    outside = {"name": HOSTILE, "artists": HOSTILE, "source": HOSTILE[:32], "spotify_track_id": '"><b>/../x'}
    a_track(run, 1, **outside, reason={"relation": "search", "because": HOSTILE}).save()
    shown = page(client, run)
    assert "<script" not in shown
    assert "{{ run.user }}" in shown
    assert 'href="https://open.spotify.com/track/%22%3E%3Cb%3E%2F..%2Fx"' in shown


@pytest.mark.parametrize(
    "address",
    ["", "https://evil.example/x.png", "https://i.scdn.co.evil.example/x", "http://i.scdn.co/x", "javascript:alert(1)"],
)
def test_a_picture_from_elsewhere_is_not_shown(client, alice, address):
    run = a_run(alice)
    run.tracks.update(cover_url=address)
    shown = page(client, run)
    assert "♪" in shown
    assert 'class="cover" href' not in shown
    assert "evil.example" not in shown


def test_a_longer_list_costs_no_further_queries(client, alice):
    short, long = a_run(alice, tracks=1), a_run(alice, tracks=100)
    RunLedger.objects.create(run=long, body=RunLedger.pack({"candidates": []}))
    asked = []
    for run in (short, long):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, run)
        asked.append(len(queries))
    assert asked == [2, 2]


def test_it_is_in_its_listeners_language(client, alice):
    User.objects.update(language="ru")
    answer = client.get(f"/runs/{a_run(alice).public_id}", headers={"Accept-Language": "en"})
    assert answer["Content-Language"] == "ru"
    assert '<html lang="ru">' in answer.content.decode()


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"status": "failed", "error_code": "timeout"}, "Spotify did not answer in time."),
        ({"status": "failed", "error_code": "bad_credentials"}, "The operator has to mend that, not you"),
        ({"status": "needs_link", "error_code": "consent_ended"}, "Connect Spotify again."),
        ({"status": "running"}, "is being made right now"),
        ({"status": "queued"}, "waits for its turn"),
        ({"dry_run": True, "playlist_url": ""}, "nothing of it was written to Spotify"),
        ({"relaxations": ["spacing"]}, "Tracks by one artist stand closer together"),
        ({"min_new_ratio": 0.8}, "You asked for at least 80 % new; 1 of 1 are new."),
        ({"report": {"artists": {"all": 24, "new": 15}}}, "By 24 artists, 15 of them new to you."),
    ],
)
def test_it_tells_honestly_how_it_went(client, alice, columns, told):
    assert told in page(client, a_run(alice, **columns)).replace("&#x27;", "'")


def test_what_retention_dropped_leaves_the_link(client, alice):
    run = a_run(alice)
    run.tracks.update(name="", artists="", cover_url="", reason={})
    assert 'href="https://open.spotify.com/track/id1" rel="noreferrer">A track at Spotify</a>' in page(client, run)


@pytest.mark.parametrize(
    ("public", "is_there"),
    [("https://vibe.example.org", True), ("http://127.0.0.1:8000", False), ("http://raspberry:8000", False)],
)
def test_the_message_leads_there_where_telegram_takes_the_address(alice, settings, public, is_there):
    settings.PUBLIC_URL = public
    run = a_run(alice, playlist_url="https://open.spotify.com/playlist/x")
    _text, markup = rendered(Outbox(kind="playlist", chat_id=7, payload=notify.card(run)), alice, NOW)
    assert markup
    links = [button["url"] for row in markup["inline_keyboard"] for button in row if "url" in button]
    assert links == [run.playlist_url, *([f"{public}/runs/{run.public_id}"] if is_there else [])]
