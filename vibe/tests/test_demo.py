"""`manage.py demo` as a newcomer runs it: a process of its own, in whatever environment there is."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.core.management import execute_from_command_line

from vibe.tests.openapi import needs_schema, validate
from vibe.tests.recording_proxy import RecordingProxy
from vibe.tests.sandbox_process import ROOT, Sandbox, small_world

BRAINZ = {"listenbrainz", "listenbrainz_labs", "musicbrainz"}
BARE = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def demo(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "demo", *options],
        env={**BARE, **environment},
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=120,
    )


def test_two_days_give_two_playlists_without_a_track_twice_and_kept_running_it_can_be_looked_at_until_ctrl_c():
    mark = f"MARK=of-this-test-{os.getpid()}"
    name, value = mark.split("=")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--days", "2", "--json", "--listener", "masha", "--keep"],
        env={**BARE, name: value},
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"Pretend Spotify: (\S+)", line):
            break
    else:
        pytest.fail(f"it ended with {process.wait()}: {''.join(said)}")
    address = found[1]
    assert "Маша" in requests.get(address, timeout=10).text
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "Stopped.")
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=5)
    assert list((ROOT / "var" / "demo").glob(f"db-{process.pid}*")) == []
    assert [path for path in Path("/proc").glob("[0-9]*/environ") if mark.encode() in read(path)] == []
    two_days(json.loads(out)["runs"])


def two_days(runs: list[dict]) -> None:
    assert [run["run"]["status"] for run in runs] == ["success", "success"]
    ids = [track["id"] for run in runs for track in run["tracks"]]
    assert len(ids) == len(set(ids)) == 60
    days = [run["run"]["day"] for run in runs]
    assert days[0] < days[1]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended while we looked, or is not ours
        return b""


def test_a_sandbox_that_is_running_is_used_with_each_address_as_given_and_none_of_an_operators_settings(tmp_path):
    """Even an address without control calls may be given. What goes through it follows Spotify's published schema."""
    (tmp_path / ".env").write_text("SPOTIFY_API_URL=http://127.0.0.1:1/v1/\nSPOTIFY_ACCOUNTS_URL=http://127.0.0.1:1\n")
    theirs = {
        "ENV_FILE": str(tmp_path / ".env"),
        "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/none",
        "SECRET_KEY": "",
        "LASTFM_API_KEY": "theirs",
        "DEFAULT_PLAYLIST_SIZE": "7",
    }
    with Sandbox() as sandbox, Sandbox() as other, RecordingProxy(sandbox.url) as proxy:
        urls = {
            "SPOTIFY_ACCOUNTS_URL": proxy.url,
            "SPOTIFY_API_URL": f"{proxy.url}/v1/",
            "LASTFM_API_URL": f"{other.url}/2.0/",
        }
        ended = demo("--json", "--sandbox-url", sandbox.url, **theirs, **urls)
        assert ended.returncode == 0, ended.stderr
        assert len(json.loads(ended.stdout)["runs"][0]["tracks"]) == 30
        assert {one.target.split("/")[1].split("?")[0] for one in proxy.exchanges} == {"authorize", "api", "v1"}
        assert {"accounts", "spotify"} <= {call["service"] for call in sandbox.calls()}
        assert "lastfm" not in {call["service"] for call in sandbox.calls()}
        assert {call["service"] for call in other.calls()} == {"lastfm"}
        needs_schema()
        assert any(exchange.method == "POST" and exchange.target.endswith("/items") for exchange in proxy.exchanges)
        assert [complaint for exchange in proxy.exchanges for complaint in validate(exchange)] == []


def test_addresses_that_cannot_work_are_told_without_a_traceback():
    ended = demo("--sandbox-url", "http://127.0.0.1:9", SPOTIFY_API_URL="http://127.0.0.1:9/v1")
    assert (ended.returncode, "SPOTIFY_API_URL" in ended.stderr, "Traceback" in ended.stderr) == (2, True, False)


def test_a_listener_that_the_world_lacks_is_told_with_those_it_has(tmp_path):
    (tmp_path / "world.json").write_text(json.dumps(small_world()))
    ended = demo("--listener", "nobody", "--world", str(tmp_path / "world.json"))
    assert ended.returncode == 1
    assert "anna" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("options", [("--days", "0"), ("--days", "many"), ("--sandbox-url", "garbage")], ids=" ".join)
def test_bad_options_are_refused_at_once(options, capsys):
    with pytest.raises(SystemExit) as refused:
        execute_from_command_line(["manage.py", "demo", *options])
    assert refused.value.code == 2
    assert options[0] in capsys.readouterr().err


def test_a_world_that_is_not_there_is_told_without_a_traceback():
    missing = demo("--world", "no/such/world.json")
    assert missing.returncode == 1
    assert "Traceback" not in missing.stderr
