from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/outside-services.md").read_text(encoding="utf-8")
WRONG_IN_SPOTIPY = (
    *("SpotifyOAuth", "SpotifyPKCE", "SpotifyClientCredentials", "CacheHandler", "prompt_for_user_token"),
    *("current_user_saved_items", "playlist_is_following", "playlist_add_items", "playlist_replace_items"),
    *(".artist_albums(artist", ".next(", ".tracks([", ".user_playlist"),
)
WRONG_IN_PYLAST = (
    "enable_caching",
    "enable_proxy",
    "enable_rate_limit",
    "password_hash",
    "session_key",
    "get_top_tracks(",
)


def rows() -> list[tuple[str, str]]:
    """(trap, the cell that names its tests) of every table that has one."""
    cells = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    return [(row[0].strip(), row[-1]) for row in cells if row[0].strip() not in {"trap", "code"} and len(row) == 3]


def trap_rows() -> list[tuple[str, str]]:
    section = PAGE.partition("## Spotify: what the Web API does")[2]
    return [(trap, tests) for trap, tests in rows() if trap in section]


def client_sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "vibe/clients").glob("*.py")))


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The names of all tests."""
    files = (path for path in ROOT.glob("*/**/tests/test_*.py") if ".venv" not in path.parts)
    return {name for path in files for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.M)}


def test_the_page_of_odd_listeners_names_tests_that_exist(known):
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs/odd-listeners.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    assert not set(named) - known


def test_every_trap_names_tests_that_exist(known):
    assert len(trap_rows()) > 60
    for trap, cell in trap_rows():
        named = re.findall(r"`(test_\w+)`", cell)
        assert named, f"no test named for: {trap}"
        assert not set(named) - known, trap


@pytest.mark.parametrize("name", WRONG_IN_SPOTIPY)
def test_no_call_of_spotipys_that_is_known_to_be_wrong_is_used(name):
    assert name not in client_sources()


@pytest.mark.parametrize("name", WRONG_IN_PYLAST)
def test_no_call_of_pylasts_that_is_known_to_be_wrong_is_used(name):
    code = re.sub(r"#.*", "", client_sources())
    assert name not in code
