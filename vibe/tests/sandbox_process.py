"""A sandbox as a process of its own, for tests that need real HTTP.

with Sandbox(world=small_world()) as sandbox:
    sandbox.fault(kind="rate_limit", path="/v1/search")
    token = sandbox.token_for("anna")["access_token"]
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

ROOT = Path(__file__).resolve().parents[2]
SCOPES = (
    *("user-library-read", "user-library-modify", "user-read-recently-played", "user-top-read", "user-follow-read"),
    *("playlist-read-private", "playlist-modify-private", "playlist-modify-public", "ugc-image-upload"),
)
REDIRECT = "http://127.0.0.1:8000/auth/spotify/callback"
CLIENT = ("a-client", "a-secret")


class Sandbox:
    """`manage.py sandbox` on a free port. `world`: a file, a document, or None for the built-in one."""

    def __init__(
        self,
        world: Path | Mapping[str, Any] | None = None,
        *,
        mode: str = "development",
        latency: int = 0,
        rate: int = 0,
        daily: int = 0,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        limits = ["--rate", str(rate), "--daily", str(daily)]
        options = ["--mode", mode, "--latency", str(latency), *limits, *self._world(world)]
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "sandbox", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1"},
        )
        assert self._process.stdout is not None
        greeting = self._process.stdout.readline()
        found = re.search(r"http://\S+?(?=/ )", greeting)
        if found is None:
            _, complaint = self._process.communicate(timeout=10)
            self._folder.cleanup()
            raise RuntimeError(f"the sandbox did not start: {greeting}{complaint}")
        self.url = found[0]

    def _world(self, world: Path | Mapping[str, Any] | None) -> list[str]:
        if world is None:
            return []
        if isinstance(world, Mapping):
            path = Path(self._folder.name) / "world.json"
            path.write_text(json.dumps(world), encoding="utf-8")
            world = path
        return ["--world", str(world)]

    @property
    def environment(self) -> dict[str, str]:
        """What points a client at this sandbox: environment variables, and settings of the same names."""
        return {
            "SPOTIFY_API_URL": f"{self.url}/v1/",
            "SPOTIFY_ACCOUNTS_URL": self.url,
            "LASTFM_API_URL": f"{self.url}/2.0/",
            "TELEGRAM_API_URL": self.url,
        }

    def calls(self, service: str = "", *, clear: bool = False) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._control("GET", "calls?clear=1" if clear else "calls")
        return [row for row in rows if service in ("", row["service"])]

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._control("GET", "state")
        return state

    def listeners(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._control("GET", "listeners")
        return rows

    def fault(self, kind: str, **options: Any) -> None:
        self._control("POST", "faults", {"kind": kind, **options})

    def clear_faults(self) -> None:
        self._control("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._control("GET", "faults")["faults"]
        return rows

    def set_clock(self, now: datetime) -> None:
        self._control("POST", "clock", {"now": now.isoformat()})

    def play(self, listener: str, track: str, at: datetime, context: str = "") -> None:
        self._control("POST", "plays", {"listener": listener, "track": track, "at": at.isoformat(), "context": context})

    def limit(self, rate: int = 0, daily: int | Mapping[str, int] = 0) -> None:
        """Spotify's limits from now on: calls in 30 s, and in 24 h of each family or of those named."""
        self._control("POST", "limits", {"rate": rate, "daily": daily})

    def limits(self) -> dict[str, Any]:
        limits: dict[str, Any] = self._control("GET", "limits")
        return limits

    def crowd(self, count: int, like: str = "demo") -> dict[str, dict[str, Any]]:
        """So many new listeners with another one's likes and plays, all linked: id -> tokens that live for 30 days."""
        ids = self._control("POST", "listeners", {"count": count, "like": like})["listeners"]
        tokens: dict[str, dict[str, Any]] = self._control("POST", "tokens", {"listeners": ids, "client_id": CLIENT[0]})
        return tokens

    def consent(self, url: str, listener: str, decision: str = "allow") -> str:
        """Answers the consent page at an authorize URL; returns where the browser is sent next."""
        hidden = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        form = {**hidden, "listener": listener, "decision": decision}
        answer = requests.post(f"{self.url}/authorize", data=form, allow_redirects=False, timeout=10)
        answer.raise_for_status()
        return answer.headers["Location"]

    def token_for(self, listener: str, scopes: Sequence[str] = SCOPES) -> dict[str, Any]:
        """Links a listener through /authorize and /api/token; the token endpoint's answer."""
        query = {"client_id": CLIENT[0], "response_type": "code", "redirect_uri": REDIRECT, "scope": " ".join(scopes)}
        url = requests.Request("GET", f"{self.url}/authorize", params=query).prepare().url or ""
        code = parse_qs(urlsplit(self.consent(url, listener)).query)["code"][0]
        answer: dict[str, Any] = self.token_request(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT
        ).json()
        return answer

    def token_request(self, **form: str) -> requests.Response:
        return requests.post(f"{self.url}/api/token", data=form, auth=CLIENT, timeout=10)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._folder.cleanup()

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=30)
        if answer.status_code >= 400:
            raise ValueError(answer.json()["error"])
        return answer.json()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def small_world() -> dict[str, Any]:
    """Two dozen tracks by six artists, and two listeners: `anna` and `boris`."""
    names = ["Aphex Twin", "Boards of Canada", "Земфира", "Кино", "Mötley Crüe", "AC/DC"]
    artists = [
        {"id": _id("A", n), "name": name, "tags": {"rock" if n > 1 else "idm": 100}, "similar": _near("A", n, 6)}
        for n, name in enumerate(names)
    ]
    titles = [["Xtal", "Ageispolis", "Heliosphan", "Rhubarb"], ["Roygbiv", "Olson", "Dayvan Cowboy", "Zoetrope"]]
    titles += [["Искала", "Хочешь?", "Ариведерчи", "Аэропланы"], ["Группа крови", "Перемен", "Кукушка", "Звезда"]]
    titles += [["Live Wire", "Don't Go Away Mad", "Kickstart My Heart", "Dr. Feelgood"]]
    titles += [["Thunderstruck", "T.N.T.", "Back in Black", "Hells Bells"]]
    tracks = [_track(artist, place, title) for artist, row in enumerate(titles) for place, title in enumerate(row)]
    return {
        "about": "small",
        "as_of": "2026-01-01T00:00:00Z",
        "artists": artists,
        "tracks": tracks,
        "users": _users(tracks),
    }


def _id(letter: str, number: int) -> str:
    return f"{letter}{number:021}"


def _near(letter: str, number: int, count: int) -> list[tuple[str, float]]:
    return [(_id(letter, (number + step) % count), round(1 - step / 5, 2)) for step in range(1, 4)]


def _track(artist: int, place: int, title: str) -> dict[str, Any]:
    number = artist * 4 + place
    return {
        "id": _id("T", number),
        "name": title,
        "artist_ids": [_id("A", artist)],
        "album": f"Album {place // 2}",
        "duration_ms": 180_000 + number * 1000,
        "isrc": f"QZ00026{number:05}",
        "tags": [],
        "listeners": 1000 - number,
        "similar": _near("T", number, 24),
    }


def _users(tracks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    ids = [track["id"] for track in tracks]
    return [
        {
            "id": name,
            "display_name": name.title(),
            "liked": [(key, f"2025-12-{20 - n:02}T12:00:00Z") for n, key in enumerate(ids[start : start + 6])],
            "recent": [
                (key, f"2025-12-31T{20 - n:02}:00:00Z", None) for n, key in enumerate(ids[start + 2 : start + 9])
            ],
            "top": {"tracks": ids[start : start + 5], "artists": [_id("A", start // 4), _id("A", start // 4 + 1)]},
        }
        for name, start in (("anna", 0), ("boris", 12))
    ]
