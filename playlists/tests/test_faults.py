"""Every fault of the sandbox during a run: what the row says, what the listener reads, what is left at Spotify."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from accounts.models import Outbox
from playlists import notes
from playlists.generate import generate
from playlists.models import PlaylistRun
from playlists.tests.faults import ENDS, SURVIVED
from recommendations.models import RecommendationHistory


def make(user) -> PlaylistRun:
    return generate(user, trigger="shell", clock=lambda: datetime.now(UTC), size=5)


def left(sandbox, before: int) -> list[dict]:
    """The playlists of this run that are in somebody's library."""
    return [one for one in sandbox.state()["playlists"][before:] if one["followed"]]


@pytest.fixture
def known(request: pytest.FixtureRequest, fault: dict) -> None:
    """What the catalogues answer, where the fault is none of theirs."""
    if "search" not in fault.get("path", "search"):
        request.getfixturevalue("warm")


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(("fault", "status", "code"), ENDS, ids=lambda value: str(value))
def test_a_fault_that_lasts_ends_the_run_with_its_reason_and_leaves_nothing(listener, sandbox, fault, status, code):
    before = len(sandbox.state()["playlists"])
    sandbox.fault(**{"times": None, **fault})
    run = make(listener)
    assert (run.status, run.error_code) == (status, code)
    with translation.override("en"):
        assert run.notes
        assert "?" not in run.notes
    assert left(sandbox, before) == []
    assert not RecommendationHistory.objects.exists()
    assert not Outbox.objects.filter(kind="playlist").exists()
    assert run.tracks.count() == 0


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("fault", SURVIVED, ids=lambda fault: f"{fault['kind']} {fault.get('path', '')}")
def test_a_fault_that_can_be_mended_leaves_exactly_one_whole_playlist(listener, sandbox, fault):
    before = len(sandbox.state()["playlists"])
    if fault["kind"].startswith("refresh"):
        listener.spotify_accounts.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    sandbox.fault(**fault)
    run = make(listener)
    assert (run.status, run.error_code) == ("success", "")
    playlists = left(sandbox, before)
    assert [playlist["id"] for playlist in playlists] == [run.playlist_id]
    assert [t["id"] for t in playlists[0]["tracks"]] == [t.spotify_track_id for t in run.tracks.all()]
    assert run.total == 5


def test_a_consent_that_ended_asks_to_connect_again_and_is_not_retried(listener, sandbox):
    listener.spotify_accounts.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    sandbox.fault("invalid_grant", reason="revoked", times=None)
    run = make(listener)
    assert (run.status, run.error_code) == ("needs_link", "needs_reconnect")
    assert listener.spotify.needs_reconnect
    sandbox.calls(clear=True)
    assert make(listener).status == "needs_link"
    assert sandbox.calls("accounts") == []


def test_a_limit_met_by_one_listener_is_told_to_the_next_without_a_call(listener, sandbox):
    sandbox.fault("quota", path="/v1/me/tracks", times=None)
    first = make(listener)
    sandbox.clear_faults()
    sandbox.calls(clear=True)
    second = make(listener)
    assert (first.error_code, second.error_code) == ("quota_exceeded", "quota_exceeded")
    assert second.error_params["until"] == first.error_params["until"]
    assert not [call for call in sandbox.calls("spotify") if call["path"].startswith("/v1/me/tracks")]


def test_the_hour_it_goes_on_is_told_in_the_listeners_own_zone(listener, sandbox):
    listener.timezone = "Asia/Tokyo"
    listener.save()
    sandbox.fault("rate_limit", path="/v1/me/tracks", seconds=3600, times=None)
    run = make(listener)
    until = datetime.fromisoformat(run.error_params["until"]).astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"{until:%Y}" in run.notes
    assert "(JST)" in run.notes


def test_no_two_causes_share_a_sentence_in_either_language():
    for language in ("en", "ru"):
        with translation.override(language):
            sentences = [notes.sentence(code, {}) for code in notes.ERRORS]
            assert len(set(sentences)) == len(sentences)


def test_no_sentence_names_an_exception_or_holds_a_placeholder_twice():
    params = {"until": "2026-11-24T06:00:00+00:00", "status": 503, "capability": "search", "words": "calm jazz"}
    for code in notes.ERRORS:
        sentence = notes.sentence(code, params)
        assert "Error" not in sentence
        assert "{" not in sentence
        assert "?" not in sentence


def test_an_unexpected_error_is_recorded_and_told_without_its_name(listener, sandbox, monkeypatch, caplog):
    monkeypatch.setattr("recommendations.listening.read", lambda *_args: 1 / 0)
    run = make(listener)
    assert (run.status, run.error_code) == ("failed", "internal")
    assert "ZeroDivisionError" not in run.notes
    assert "ZeroDivisionError" in caplog.text


def test_a_service_that_answers_too_late_is_not_waited_for(listener, sandbox, monkeypatch):
    monkeypatch.setattr("vibe.clients.spotify.TIMEOUT", (0.3, 0.3))
    sandbox.fault("slow", path="/v1/me/tracks", seconds=1, times=None)
    assert make(listener).error_code == "timeout"


@pytest.mark.usefixtures("warm")
def test_a_write_that_was_applied_but_never_answered_is_found_again(listener, sandbox, monkeypatch):
    monkeypatch.setattr("vibe.clients.spotify.TIMEOUT", (0.5, 0.5))
    before = len(sandbox.state()["playlists"])
    for path in ("/v1/me/playlists", "/items"):
        sandbox.fault("timeout_after_write", mode="hang", seconds=1.5, path=f"{path}$", method="POST")
    run = make(listener)
    assert (run.status, len(left(sandbox, before))) == ("success", 1)
    assert len(left(sandbox, before)[0]["tracks"]) == 5


def test_a_service_that_is_not_there_is_named_so(listener, settings):
    settings.SPOTIFY_API_URL = "http://127.0.0.1:9/v1/"
    assert make(listener).error_code == "connection"


@pytest.mark.parametrize(
    ("secret", "fault", "code"),
    [
        ("wrong", None, "bad_credentials"),
        (None, {"kind": "server_error", "status": 503}, "unavailable"),
        (None, {"kind": "rate_limit", "seconds": 600}, "rate_limited"),
    ],
    ids=["wrong secret", "503", "429"],
)
def test_a_sign_in_that_cannot_be_renewed_ends_the_run_with_its_cause(listener, sandbox, settings, secret, fault, code):
    listener.spotify_accounts.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    settings.SPOTIFY_CLIENT_SECRET = secret or settings.SPOTIFY_CLIENT_SECRET
    if fault:
        sandbox.fault(**fault, service="accounts", times=None)
    assert (make(listener).error_code, listener.spotify.needs_reconnect) == (code, False)
