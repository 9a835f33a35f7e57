"""A sandbox as a process of its own, for tests that need real HTTP.

with Sandbox(world=small_world()) as sandbox:
    sandbox.fault(kind="rate_limit", path="/v1/search")
    token = sandbox.token_for("anna")["access_token"]
"""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from vibe.sandbox import atlas
from vibe.tests.small_world import small_world as small_world

ROOT = Path(__file__).resolve().parents[2]
SCOPES = (
    *("user-library-read", "user-library-modify", "user-read-recently-played", "user-top-read", "user-follow-read"),
    *("playlist-read-private", "playlist-modify-private", "playlist-modify-public", "ugc-image-upload"),
)
REDIRECT = "http://127.0.0.1:8000/auth/spotify/callback"
CLIENT = ("a-client", "a-secret")


@cache
def http() -> requests.Session:
    """For the loopback alone: looking for proxies takes longer than most answers do."""
    session = requests.Session()
    session.trust_env = False
    return session


@cache
def _built_in() -> Path:
    """The world that a sandbox has by itself, written down once: making it takes most of a start."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "world.json"
    path.write_text(json.dumps(atlas.build()), encoding="utf-8")
    return path


class Sandbox:
    """`python -m vibe.sandbox` on a free port. `world`: a file, a document, or None for the built-in one."""

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
            [sys.executable, "-m", "vibe.sandbox", "--port", "0", *options],
            cwd=ROOT,
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
            return ["--world", str(_built_in())]
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
            "SPOTIFY_IMAGES_URL": self.url,
            "LASTFM_API_URL": f"{self.url}/2.0/",
            "LISTENBRAINZ_API_URL": self.url,
            "LISTENBRAINZ_LABS_URL": self.url,
            "MUSICBRAINZ_API_URL": self.url,
            "DEEZER_API_URL": f"{self.url}/deezer",
            "RECCOBEATS_API_URL": f"{self.url}/reccobeats",
            "TELEGRAM_API_URL": self.url,
            "TELEGRAM_LINK_URL": self.url,
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

    def crowd(self, count: int, like: str = "demo", **own: Sequence[str]) -> dict[str, dict[str, Any]]:
        """So many new listeners with another one's likes and plays, all linked: id -> tokens that live for 30 days.

        `own`: `likes` and `plays` of theirs instead, as ids of tracks, newest first.
        """
        ids = self._control("POST", "listeners", {"count": count, "like": like, **own})["listeners"]
        tokens: dict[str, dict[str, Any]] = self._control("POST", "tokens", {"listeners": ids, "client_id": CLIENT[0]})
        return tokens

    def say(self, chat: int, text: str, **who: Any) -> dict[str, Any]:
        """Somebody writes to the bot; `who`: name, username, language, type. The ids of update and message."""
        ids: dict[str, Any] = self._control("POST", "telegram/say", {"chat": chat, "text": text, **who})
        return ids

    def press(self, chat: int, message_id: int, data: str, **options: Any) -> dict[str, Any]:
        """Presses an inline button; `forged=True`: also one that is not there."""
        body = {"chat": chat, "message_id": message_id, "data": data, **options}
        ids: dict[str, Any] = self._control("POST", "telegram/press", body)
        return ids

    def press_button(self, chat: int, label: str) -> dict[str, Any]:
        """Presses the button of that text in the newest message that has one. Raises LookupError."""
        for row in reversed(self.chat(chat)):
            for button in (one for line in row["buttons"] for one in line if one["text"] == label and "data" in one):
                return self.press(chat, row["message_id"], button["data"])
        raise LookupError(f"no button {label!r} in chat {chat}")

    def block(self, chat: int, blocked: bool = True) -> dict[str, Any]:
        ids: dict[str, Any] = self._control("POST", "telegram/block", {"chat": chat, "blocked": blocked})
        return ids

    def again(self, update_id: int) -> None:
        """Delivers an update a second time."""
        self._control("POST", "telegram/again", {"update_id": update_id})

    def chat(self, chat: int) -> list[dict[str, Any]]:
        """Both sides' messages in order, as they are now."""
        rows: list[dict[str, Any]] = self._control("GET", f"telegram/chat?chat={chat}")["rows"]
        return rows

    def toasts(self, chat: int) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._control("GET", f"telegram/chat?chat={chat}")["toasts"]
        return rows

    def telegram_calls(self, *, clear: bool = False) -> list[dict[str, Any]]:
        """What the bot asked, the parameters as they came."""
        path = "telegram/calls?clear=1" if clear else "telegram/calls"
        rows: list[dict[str, Any]] = self._control("GET", path)
        return rows

    def telegram_updates(self) -> list[dict[str, Any]]:
        """All updates there were for the bot."""
        rows: list[dict[str, Any]] = self._control("GET", "telegram/updates")
        return rows

    def consent(self, url: str, listener: str, decision: str = "allow") -> str:
        """Answers the consent page at an authorize URL; returns where the browser is sent next."""
        hidden = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        form = {**hidden, "listener": listener, "decision": decision}
        answer = http().post(f"{self.url}/authorize", data=form, allow_redirects=False, timeout=10)
        answer.raise_for_status()
        return answer.headers["Location"]

    def lasting_token(self, listener: str) -> str:
        """An access token that a clock moved on by years does not end."""
        asked = {"listeners": [listener], "client_id": CLIENT[0], "days": 3650}
        return str(self._control("POST", "tokens", asked)[listener]["access_token"])

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
        return http().post(f"{self.url}/api/token", data=form, auth=CLIENT, timeout=10)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._folder.cleanup()

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        answer = http().request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=30)
        if answer.status_code >= 400:
            raise ValueError(answer.json()["error"])
        return answer.json()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
