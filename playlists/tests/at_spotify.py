"""What a listener does in Spotify's own app, what is in his library, and runs prepared up to their publishing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from accounts.models import User
from accounts.tokens import client_for
from playlists import persist
from playlists.generate import generate
from playlists.models import PlaylistRun
from playlists.states import LEASE
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.tests.sandbox_process import Sandbox, http


class AtSpotify:
    """The demo listener, whose library holds no playlist to begin with."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._bearer = {"Authorization": f"Bearer {sandbox.lasting_token('demo')}"}
        for one in self.library():
            self.unfollow(one["id"])
        sandbox.calls(clear=True)

    def library(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return [one for one in self.sandbox.state()["playlists"] if one["followed"] and one["owner"] == "demo"]

    def one(self, playlist_id: str) -> dict[str, Any]:
        return next(one for one in self.sandbox.state()["playlists"] if one["id"] == playlist_id)

    def ids(self, playlist_id: str) -> list[str]:
        return [track["id"] for track in self.one(playlist_id)["tracks"]]

    def make(self, name: str, description: str = "") -> str:
        sent = {"name": name, "description": description, "public": False}
        return str(self._send("POST", "me/playlists", json=sent).json()["id"])

    def change(self, playlist_id: str, **details: str) -> None:
        self._send("PUT", f"playlists/{playlist_id}", json=details)

    def remove(self, playlist_id: str, track_id: str) -> None:
        uris = [{"uri": f"spotify:track:{track_id}"}]
        self._send("DELETE", f"playlists/{playlist_id}/items", json={"items": uris})

    def like(self, track_id: str) -> None:
        self._send("PUT", "me/library", params={"uris": f"spotify:track:{track_id}"})

    def unlike(self, track_id: str) -> None:
        self._send("DELETE", "me/library", params={"uris": f"spotify:track:{track_id}"})

    def unfollow(self, playlist_id: str) -> None:
        self._send("DELETE", "me/library", params={"uris": f"spotify:playlist:{playlist_id}"})

    def writes(self) -> list[tuple[str, str]]:
        calls = self.sandbox.calls("spotify")
        return [(call["method"], call["path"]) for call in calls if call["method"] != "GET"]

    def creations(self) -> int:
        return self.writes().count(("POST", "/v1/me/playlists"))

    def _send(self, method: str, path: str, **sent: Any) -> requests.Response:
        answer = http().request(method, f"{self.sandbox.url}/v1/{path}", headers=self._bearer, timeout=10, **sent)
        answer.raise_for_status()
        return answer


def now() -> datetime:
    return datetime.now(UTC)


def on_day(sandbox: Sandbox, day: int) -> datetime:
    """The moment so many days from today, which is the sandbox's too from here on."""
    moment = now() + timedelta(days=day)
    sandbox.set_clock(moment)
    return moment


def make(user: User, moment: datetime | None = None, **wishes: Any) -> PlaylistRun:
    run = generate(user, trigger="shell", clock=(lambda: moment) if moment else now, **{"size": 5, **wishes})
    user.refresh_from_db()
    return run


def client_of(user: User) -> SpotifyClient:
    account = user.spotify
    assert account is not None
    return client_for(account, now, Meter(now))


def planned(user: User, client: SpotifyClient, size: int, first: int = 0, **columns: Any) -> PlaylistRun:
    """A running run whose plan is frozen: `size` of the listener's likes from `first` on."""
    likes = client.saved_page(0).items[first : first + size]
    tracks = [
        {"id": like.track.id, "name": like.track.name, "artists": like.track.artist.name, "isrc": like.track.isrc}
        | {"key": f"key-{like.track.id}", "source": "liked", "reason": {}, "score": 1.0, "is_new": True}
        for like in likes
    ]
    moment = now()
    values = {"user": user, "trigger": "shell", "day": moment.date(), "created_at": moment, "size_asked": size}
    values |= {"min_new_ratio": 0.8, "mode": user.playlist_mode, "plan": {"tracks": tracks, "relaxations": []}}
    values |= {"status": "running", "lease_token": "ours", "lease_until": moment + LEASE, "attempts": 1}
    return PlaylistRun.objects.create(**(values | columns))


def finish(run: PlaylistRun) -> PlaylistRun:
    account = run.user.spotify
    assert account is not None
    persist.finish(run, account, now(), {})
    return run


def tracks(run: PlaylistRun) -> list[str]:
    return [track.spotify_track_id for track in run.tracks.all()]
