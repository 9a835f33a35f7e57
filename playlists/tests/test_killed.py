"""Runs that die: killed as processes, interrupted by hand, or robbed of their lease."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db.models.signals import pre_save

from accounts.models import Outbox
from playlists.generate import generate
from playlists.models import PlaylistRun
from playlists.tests.shell import installation, start
from recommendations.models import RecommendationHistory
from vibe.tests.sandbox_process import Sandbox


@pytest.fixture
def environment(tmp_path: Path, sandbox: Sandbox) -> dict[str, str]:
    return installation(tmp_path, sandbox, "boris")


def end(environment: dict[str, str], sandbox: Sandbox, number: int, path: str, *options: str) -> str:
    """Starts a run, ends it by a signal while `path` is being answered; its row's status, once its lease has ended."""
    process = start(environment, "--size", "5", *options)
    for _ in range(300):
        if any(call["method"] == "POST" and call["path"].endswith(path) for call in sandbox.calls("spotify")):
            break
        time.sleep(0.1)
    process.send_signal(number)
    process.communicate(timeout=60)
    sandbox.clear_faults()
    with closing(sqlite3.connect(environment["DB_PATH"])) as database, database:
        a_moment_ago = (datetime.now(UTC) - timedelta(seconds=1)).replace(tzinfo=None)
        database.execute("UPDATE playlists_playlistrun SET lease_until = ?", [a_moment_ago.isoformat(" ")])
        row = database.execute("SELECT status FROM playlists_playlistrun ORDER BY id DESC").fetchone()
    return str(row[0])


def followed(sandbox: Sandbox) -> list[dict]:
    return [one for one in sandbox.state()["playlists"] if one["owner"] == "boris" and one["followed"]]


@pytest.mark.parametrize(
    ("path", "fault", "options"),
    [
        ("/me/playlists", {"kind": "timeout_after_write", "mode": "hang", "seconds": 15}, ()),
        # So slow that what the killed one sent comes after the test: no lease is as short as this one here.
        ("/items", {"kind": "slow", "seconds": 120}, ("--force",)),
    ],
    ids=["the night's while creating", "a forced one while filling"],
)
def test_a_run_killed_at_spotify_leaves_one_whole_playlist_after_the_next(environment, sandbox, path, fault, options):
    before = {one["id"] for one in followed(sandbox)}
    sandbox.fault(path=f"{path}$", method="POST", **fault)
    assert end(environment, sandbox, signal.SIGKILL, path, *options) == "running"
    process = start(environment, "--size", "5", *options)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    made = [one for one in followed(sandbox) if one["id"] not in before]
    assert [[track["id"] for track in one["tracks"]] for one in made] == [[t["id"] for t in json.loads(out)["tracks"]]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_at_once_and_without_a_traceback(environment, sandbox, number):
    sandbox.fault("slow", path="/v1/.*/items", method="POST", seconds=5)
    process = start(environment, "--size", "5", "--force")
    for _ in range(300):
        if any(call["path"].endswith("/items") for call in sandbox.calls("spotify")):
            break
        time.sleep(0.1)
    process.send_signal(number)
    _out, err = process.communicate(timeout=60)
    sandbox.clear_faults()
    assert process.returncode != 0
    assert "Traceback" not in err
    again = start(environment, "--size", "5", "--force")
    out, err = again.communicate(timeout=90)
    assert (again.returncode, json.loads(out)["run"]["status"]) == (0, "success"), err


@pytest.mark.usefixtures("warm")
def test_a_run_that_was_taken_over_writes_nothing_more(listener, sandbox):
    def rob(step: str, **_counts: object) -> None:
        if step == "writing":
            PlaylistRun.objects.update(lease_token="somebody-else")

    run = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=5, progress=rob)
    assert run.status == "running"
    assert not any(call["method"] == "POST" for call in sandbox.calls("spotify"))
    assert not RecommendationHistory.objects.exists()


@pytest.mark.usefixtures("warm")
def test_what_belongs_together_is_written_together_or_not_at_all(listener, sandbox):
    def refuse(instance: Outbox, **_arguments: object) -> None:
        if instance.kind == "playlist":
            raise RuntimeError("no room")

    pre_save.connect(refuse, sender=Outbox)
    try:
        run = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=5)
    finally:
        pre_save.disconnect(refuse, sender=Outbox)
    assert (run.status, run.error_code) == ("failed", "internal")
    assert not RecommendationHistory.objects.exists()
    assert run.tracks.count() == 0
    listener.refresh_from_db()
    assert listener.latest_playlist_id == ""
    again = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=5)
    assert (again.status, again.playlist_id) == ("success", run.playlist_id)


@pytest.mark.usefixtures("warm")
def test_what_a_failed_forced_run_could_not_take_away_goes_with_the_next_run(listener, sandbox):
    before = {one["id"] for one in sandbox.state()["playlists"] if one["followed"]}
    sandbox.fault("server_error", path="/v1/(playlists|me/library)", status=502, times=None)
    failed = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=5, force=True)
    assert (failed.status, bool(failed.playlist_id)) == ("queued", True)
    PlaylistRun.objects.update(status="failed")
    sandbox.clear_faults()
    run = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=5)
    left = [one["id"] for one in sandbox.state()["playlists"] if one["followed"] and one["id"] not in before]
    assert left == [run.playlist_id]
    failed.refresh_from_db()
    assert failed.playlist_id == ""


@pytest.mark.usefixtures("warm")
def test_yesterdays_unfinished_playlist_is_taken_away_too(listener, sandbox):
    before = {one["id"] for one in sandbox.state()["playlists"] if one["followed"]}
    sandbox.fault("server_error", path="/v1/(playlists|me/library)", status=502, times=None)
    start_day = datetime.now(UTC)
    generate(listener, trigger="shell", clock=lambda: start_day, size=5)
    sandbox.clear_faults()
    next_day = start_day + timedelta(days=1)
    sandbox.set_clock(next_day)
    run = generate(listener, trigger="shell", clock=lambda: next_day, size=5)
    left = [one["id"] for one in sandbox.state()["playlists"] if one["followed"] and one["id"] not in before]
    assert (run.status, left) == ("success", [run.playlist_id])


@pytest.mark.usefixtures("warm")
def test_two_creations_that_came_too_late_leave_one_playlist(listener, sandbox):
    before = {one["id"] for one in sandbox.state()["playlists"] if one["followed"]}
    sandbox.fault("timeout_after_write", mode="drop", path="/v1/me/playlists", method="POST", times=2)
    sandbox.fault("empty", path="/v1/me/playlists", method="GET", times=None)
    failed = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=5)
    assert failed.error_code == "unconfirmed"
    sandbox.clear_faults()
    run = generate(listener, trigger="shell", clock=lambda: datetime.now(UTC), size=5)
    left = [one["id"] for one in sandbox.state()["playlists"] if one["followed"] and one["id"] not in before]
    assert left == [run.playlist_id]
