"""The whole job against the sandbox, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, transaction

from accounts.models import Outbox, User
from playlists.generate import generate, perform
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning, NotConnected
from playlists.states import LEASE
from recommendations.models import Play, RecommendationHistory, SavedTrack
from vibe.clients.models import ApiUsage, ServiceState


def now() -> datetime:
    return datetime.now(UTC)


def identity(moment: datetime) -> datetime:
    return moment


def make(user: User, **options) -> PlaylistRun:
    return generate(user, **{"trigger": "shell", **options}, clock=now)


def written(sandbox, run: PlaylistRun) -> dict:
    return next(playlist for playlist in sandbox.state()["playlists"] if playlist["id"] == run.playlist_id)


def creations(sandbox) -> int:
    return sum(call["method"] == "POST" and call["path"] == "/v1/me/playlists" for call in sandbox.calls("spotify"))


def test_a_playlist_is_made_filled_and_remembered(listener, sandbox):
    run = make(listener)
    assert (run.status, run.notes) == ("success", "")
    playlist = written(sandbox, run)
    assert [track["id"] for track in playlist["tracks"]] == [t.spotify_track_id for t in run.tracks.all()]
    assert len(playlist["tracks"]) == run.total == 30
    assert (playlist["public"], playlist["followed"]) == (False, True)
    assert RecommendationHistory.objects.count() == 30
    listener.refresh_from_db()
    assert listener.latest_playlist_id == run.playlist_id
    assert listener.last_generated_date == run.day


@pytest.mark.usefixtures("warm")
def test_name_and_description_carry_the_date_and_the_marker(listener, sandbox):
    run = make(listener, size=5)
    playlist = written(sandbox, run)
    assert run.day.isoformat() in playlist["name"]
    assert run.marker in playlist["description"]
    assert str(run.day.year) in playlist["description"]


@pytest.mark.usefixtures("warm")
def test_a_public_playlist_is_made_where_that_is_configured(listener, sandbox, settings):
    settings.PLAYLIST_VISIBILITY = "public"
    assert written(sandbox, make(listener, size=5))["public"] is True


def test_nothing_liked_played_or_given_before_is_called_new(listener):
    Play.objects.all().delete()
    first = make(listener)
    second = make(listener, force=True)
    ids = [{track.spotify_track_id for track in run.tracks.filter(is_new_to_bot=True)} for run in (first, second)]
    assert ids[0].isdisjoint(ids[1])
    known = set(SavedTrack.objects.values_list("match_key", flat=True)) | set(
        Play.objects.values_list("match_key", flat=True)
    )
    given = RecommendationHistory.objects.filter(spotify_track_id__in=ids[0] | ids[1])
    assert known.isdisjoint(given.values_list("match_key", flat=True))


def test_reasons_name_what_the_listener_likes_or_plays(listener):
    run = make(listener)
    own = set()
    for row in [*SavedTrack.objects.all(), *Play.objects.all()]:
        own |= {row.artists[0][1], f"{row.artists[0][1]} - {row.name}"}
    named = [track.reason["because"] for track in run.tracks.filter(is_new_to_bot=True)]
    assert set(named) <= own
    assert len(named) >= 24


@pytest.mark.usefixtures("warm")
def test_the_second_request_of_a_day_answers_the_first_playlist(listener, sandbox):
    first, second = make(listener), make(listener)
    assert first.pk == second.pk
    assert creations(sandbox) == 1


@pytest.mark.usefixtures("warm")
def test_force_makes_another_and_leaves_the_nights_run_alone(listener, sandbox):
    first, second = make(listener, size=5), make(listener, size=5, force=True)
    assert (first.night, second.night) == (first.day, None)
    assert creations(sandbox) == 2


@pytest.mark.usefixtures("warm")
def test_a_dry_run_writes_nothing_at_spotify_or_in_the_history(listener, sandbox):
    run = make(listener, dry_run=True, size=8)
    assert (run.status, run.total, run.playlist_id) == ("success", 8, "")
    assert run.tracks.count() == 8
    assert not RecommendationHistory.objects.exists()
    assert not Outbox.objects.exists()
    assert {call["method"] for call in sandbox.calls("spotify")} == {"GET"}
    assert make(listener, size=8).pk != run.pk


@pytest.mark.usefixtures("warm")
def test_the_message_is_written_with_the_run(listener):
    run = make(listener, size=5)
    message = Outbox.objects.get(kind="playlist")
    assert (message.key, message.chat_id) == (f"run:{run.pk}:done", listener.telegram_chat_id)
    assert message.payload["url"] == run.playlist_url
    assert len(message.payload["tracks"]) == 5
    assert sum(one["picked"] for one in message.payload["sources"]) == 5


@pytest.mark.usefixtures("warm")
def test_after_the_first_list_of_all_he_is_asked_for_the_hour_of_a_daily_one_once(listener):
    for _ in range(2):
        make(listener, size=5, force=True)
    assert [row.key for row in Outbox.objects.filter(kind="ask_night")] == [f"user:{listener.pk}:first"]


@pytest.mark.usefixtures("warm")
def test_who_has_an_hour_is_not_asked_for_one(listener):
    listener.nightly_at = time(8)
    listener.save()
    make(listener, size=5)
    assert not Outbox.objects.filter(kind="ask_night").exists()


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(("trigger", "is_silent"), [("nightly", True), ("endpoint", True), ("bot", False)])
def test_nobody_is_woken_for_what_comes_by_itself(listener, trigger, is_silent):
    make(listener, size=5, trigger=trigger)
    assert Outbox.objects.get(kind="playlist").payload.get("silent", False) == is_silent


def test_a_user_without_spotify_is_told_before_anything_is_stored(db):
    bob = User.objects.create_user("bob")
    with pytest.raises(NotConnected):
        make(bob)
    assert not PlaylistRun.objects.exists()


def test_one_run_at_a_time_is_kept_by_the_database(listener):
    rows = {"user": listener, "day": now().date(), "created_at": now(), "size_asked": 5, "min_new_ratio": 0.8}
    PlaylistRun.objects.create(**rows, status="running", lease_until=now() + LEASE)
    with pytest.raises(IntegrityError), transaction.atomic():
        PlaylistRun.objects.create(**rows, status="running", night=now().date())
    for options in ({}, {"force": True}, {"dry_run": True}):
        with pytest.raises(AlreadyRunning):
            make(listener, **options)
    assert PlaylistRun.objects.count() == 1


@pytest.mark.usefixtures("warm")
def test_a_run_whose_process_died_makes_way(listener):
    rows = {"user": listener, "day": now().date(), "created_at": now(), "size_asked": 5, "min_new_ratio": 0.8}
    dead = PlaylistRun.objects.create(**rows, status="running", lease_until=now() - timedelta(seconds=1))
    assert make(listener, size=5).status == "success"
    dead.refresh_from_db()
    assert (dead.status, dead.error_code) == ("queued", "interrupted")


def test_a_run_without_last_fm_still_succeeds_and_says_so(listener, sandbox):
    sandbox.fault("server_error", service="lastfm", status=500, times=None)
    run = make(listener, size=10)
    assert run.status == "success"
    reports = {source["source"]: source for source in run.report["sources"]}
    assert reports["lastfm_similar_tracks"]["answered"] == 0
    assert reports["lastfm_similar_tracks"]["errors"]
    assert run.total == 10


def test_a_source_that_is_switched_off_is_not_asked(listener, sandbox, settings):
    settings.LASTFM_API_KEY = ""
    run = make(listener)
    assert (run.status, run.total) == ("success", 30)
    assert (run.novelty or 0) >= 0.8
    assert not sandbox.calls("lastfm")
    assert {source["source"]: source["state"] for source in run.report["sources"]}["lastfm_similar_tracks"] == "off"


def test_without_last_fm_every_day_of_a_week_keeps_the_novelty_promise(listener, sandbox, settings):
    settings.LASTFM_API_KEY = ""
    start, seen = datetime(2026, 11, 2, 12, tzinfo=UTC), set[str]()  # the turn of artists goes by the calendar
    for day in range(7):
        moment = start + timedelta(days=day)
        sandbox.set_clock(moment)
        run = generate(listener, trigger="shell", clock=partial(identity, moment))
        assert (run.status, run.total) == ("success", 30)
        assert (run.novelty or 0) >= 0.8, f"day {day}: {run.new}"
        assert sum(count for name, count in run.report["calls"].items() if name.startswith("spotify/")) <= 60
        new = {track.spotify_track_id for track in run.tracks.filter(is_new_to_bot=True)}
        assert seen.isdisjoint(new)
        seen |= new


def test_the_run_says_what_each_source_gave_and_what_it_cost(listener):
    run = make(listener)
    sources = {source["source"]: source for source in run.report["sources"]}
    assert sum(source["picked"] for source in sources.values()) == run.tracks.exclude(source="forgotten_likes").count()
    assert sources["lastfm_similar_tracks"]["resolved"] >= sources["lastfm_similar_tracks"]["picked"]
    assert run.report["calls"]["spotify/playlist_write"] == 2
    assert {"library", "asking", "writing"} <= run.report["ms"].keys()
    assert sum(ApiUsage.objects.values_list("calls", flat=True)) == sum(run.report["calls"].values())


def test_every_candidate_has_a_fate_in_the_ledger(listener):
    run = make(listener)
    ledger = run.ledger.read()
    fates = [candidate["fate"] for candidate in ledger["candidates"]]
    assert all(fates)
    # A like of long ago is among them only where a source names it too.
    assert run.new <= sum(fate.startswith("picked:") for fate in fates) <= run.total


def test_routes_that_spotify_removed_are_asked_once_a_month(listener, sandbox):
    make(listener, size=5)
    assert ServiceState.objects.get(service="spotify", family="").capabilities["recommendations"]["alive"] is False
    sandbox.calls(clear=True)
    make(listener, size=5, force=True)
    assert not [call for call in sandbox.calls("spotify") if "recommendations" in call["path"]]


def test_a_listener_without_likes_or_plays_is_told_what_to_do(listener, sandbox):
    for path in ("/v1/me/tracks", "/v1/me/player/recently-played"):
        sandbox.fault("empty", path=path, times=None)
    run = make(listener)
    assert (run.status, run.error_code) == ("failed", "no_taste")
    assert creations(sandbox) == 0


@pytest.mark.usefixtures("warm")
def test_a_failed_night_is_taken_up_again_and_not_doubled(listener, sandbox):
    sandbox.fault("server_error", path="/v1/me/tracks", status=503, times=None)
    failed = make(listener, size=5)
    PlaylistRun.objects.update(status="failed")
    sandbox.clear_faults()
    again = make(listener, size=6)
    assert (again.pk, again.status, again.total, again.attempts) == (failed.pk, "success", 6, 1)


def test_a_token_that_is_refused_once_is_renewed_and_the_run_goes_on(listener, sandbox):
    sandbox.fault("expired", path="/v1/search", times=1)
    assert make(listener, size=10).status == "success"
    assert [call for call in sandbox.calls("accounts") if call["path"] == "/api/token"]


def test_the_first_list_does_not_wait_for_a_large_library(listener, sandbox):
    run = make(listener, size=5)
    assert run.report["calls"]["spotify/library"] <= 6


def test_a_sign_in_that_the_keys_do_not_open_is_told_to_the_listener(listener, settings):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    run = make(listener)
    assert (run.status, run.error_code) == ("failed", "token_wrong_key")
    assert "TOKEN_ENCRYPTION_KEYS" in run.notes


@pytest.mark.usefixtures("warm")
def test_yesterdays_run_makes_way_for_todays(listener, sandbox):
    moment = now()
    yesterday = PlaylistRun.objects.create(
        user=listener, day=moment.date() - timedelta(days=1), night=moment.date() - timedelta(days=1),
        created_at=moment - timedelta(days=1), size_asked=5, min_new_ratio=0.5, trigger="nightly",
    )  # fmt: skip
    today = make(listener, size=5)
    assert today.status == "success"
    yesterday.refresh_from_db()
    assert (yesterday.status, yesterday.error_code) == ("failed", "superseded")
    assert creations(sandbox) == 1


@pytest.mark.usefixtures("warm")
def test_yesterdays_run_that_is_first_in_line_makes_way_too(listener, sandbox):
    moment = now()
    rows = {"created_at": moment, "size_asked": 5, "min_new_ratio": 0.5, "trigger": "nightly", "user": listener}
    early, late = (
        PlaylistRun.objects.create(**rows, day=day, night=day)
        for day in (moment.date() - timedelta(days=1), moment.date())
    )
    perform(early, now)
    assert (early.status, early.error_code) == ("failed", "superseded")
    assert sandbox.calls("spotify") == []
    assert not Outbox.objects.exists()
    assert perform(late, now).status == "success"
