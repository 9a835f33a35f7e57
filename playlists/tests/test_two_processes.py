"""Two real processes ask for one listener's playlist at the same moment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from playlists.tests.shell import installation, start
from vibe.tests.sandbox_process import Sandbox


@pytest.fixture
def environment(tmp_path: Path, running_sandbox: Sandbox) -> dict[str, str]:
    running_sandbox.calls(clear=True)
    return installation(tmp_path, running_sandbox, "demo")


def test_one_night_asked_for_twice_at_once_is_one_run_and_one_playlist(environment, running_sandbox):
    running_sandbox.fault("slow", path="/v1/me/tracks", seconds=2, times=2)  # so that the two overlap
    both = [start(environment, "--size", "5"), start(environment, "--size", "5")]
    ends = [process.communicate(timeout=90) for process in both]
    running_sandbox.clear_faults()
    assert sorted(process.returncode for process in both) == [0, 1]
    loser = next(err for process, (_out, err) in zip(both, ends, strict=True) if process.returncode == 1)
    assert "under way" in loser
    assert "Traceback" not in loser
    assert creations(running_sandbox) == 1
    again = start(environment)
    shown = json.loads(again.communicate(timeout=90)[0])
    assert (again.returncode, shown["run"]["id"], len(shown["tracks"])) == (0, 1, 5)
    assert creations(running_sandbox) == 1


def creations(sandbox: Sandbox) -> int:
    return sum(call["method"] == "POST" and call["path"] == "/v1/me/playlists" for call in sandbox.calls("spotify"))
