"""The fault harness itself: that it kills where it is told to, that it passes what is right, and that it can fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from playlists.tests.chaos.__main__ import BEGIN, END, HEAD, write
from playlists.tests.chaos.launcher import bomb
from vibe.tests.sandbox_process import ROOT

# A run is killed after its playlist was made; then once more, where Spotify hides from the second worker what was made.
ONE_KILL = """
import json
from playlists.tests.chaos.field import played_on

with played_on("sqlite") as field:
    from playlists.tests.chaos.points import killed

    right, seconds = killed(field, ["created"])
    field.sandbox.fault("empty", path="/v1/me/playlists$", method="GET", times=None)
    wrong, _ = killed(field, ["created"])
    print(json.dumps([right, seconds, wrong]))
"""


def test_a_killed_run_passes_and_a_doubled_playlist_is_noticed():
    played = subprocess.run(
        [sys.executable, "-c", ONE_KILL], cwd=ROOT, env=dict(os.environ), text=True, capture_output=True, timeout=180
    )
    assert played.returncode == 0, played.stderr
    right, seconds, wrong = json.loads(played.stdout.splitlines()[-1])
    assert right == []
    assert seconds > 0
    assert any("2 playlists" in trouble for trouble in wrong), wrong


@pytest.mark.parametrize(("nth", "passings"), [(1, [1]), (2, [2]), (0, [1, 2, 3])])
def test_a_bomb_goes_off_at_its_label_and_passing_only(nth, passings):
    passed: list[str] = []
    went_off: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: went_off.append(len(passed)))
    try:
        here = bomb("created", nth, signal.SIGUSR1)
        for _ in range(3):
            here("intent")
            passed.append("created")
            here("created")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert went_off == passings


def test_new_rows_take_the_place_of_old_ones_and_nothing_else_changes(tmp_path):
    page = tmp_path / "page.md"
    old = ["| kill | sqlite | 1 | pass | 2 |\n", "| kill | postgresql | 1 | pass | 2 |\n"]
    page.write_text(f"before\n{BEGIN}{END}after\n", encoding="utf-8")
    write(page, old)
    new = ["| kill | sqlite | 3 | pass | 4 |\n", "| soak | sqlite | 5 | pass | 6 |\n"]
    write(page, new)
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}{HEAD}{new[0]}{old[1]}{new[1]}{END}after\n"
