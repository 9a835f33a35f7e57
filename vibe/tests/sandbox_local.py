"""A sandbox inside the test's own process: no port, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import Client, TestResponse

from vibe.sandbox.server import application
from vibe.sandbox.state import Clock, Sandbox
from vibe.sandbox.world import build
from vibe.tests.sandbox_process import CLIENT, REDIRECT, SCOPES, small_world

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Local:
    """What tests ask of a sandbox, with the answers as werkzeug's test client gives them."""

    def __init__(self, world: Mapping[str, Any] | None = None, *, extended: bool = False) -> None:
        self.sandbox = Sandbox(build(world or small_world(), NOW), extended=extended, clock=Clock(lambda: NOW))
        self.http = Client(application(self.sandbox))
        self.headers: dict[str, str] = {}

    def authorize(self, method: str = "GET", **values: str) -> TestResponse:
        asked = {
            "client_id": CLIENT[0],
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": " ".join(SCOPES),
            "state": "s t&te",
        }
        sent = {name: value for name, value in (asked | values).items() if value}
        if method == "GET":
            return self.http.get("/authorize", query_string=sent)
        return self.http.post("/authorize", data=sent)

    def code(self, listener: str = "anna", **values: str) -> str:
        answer = self.authorize("POST", listener=listener, decision="allow", **values)
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    def token(self, **form: str) -> TestResponse:
        return self.http.post("/api/token", data=form, auth=CLIENT)

    def link(self, listener: str = "anna", scopes: str = " ".join(SCOPES)) -> dict[str, Any]:
        """Links a listener; later calls of `get` and its like carry the access token."""
        code = self.code(listener, scope=scopes)
        tokens: dict[str, Any] = self.token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT
        ).get_json()
        self.headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        return tokens

    def call(self, method: str, path: str, json: Any = None, **query: Any) -> TestResponse:
        options: dict[str, Any] = {} if json is None else {"json": json}
        return self.http.open(f"/v1/{path}", method=method, query_string=query or None, headers=self.headers, **options)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a good answer."""
        answer = self.call("GET", path, **query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def playlist(self, **fields: Any) -> str:
        made = self.call("POST", "me/playlists", {"name": "Daily", "public": False} | fields)
        assert made.status_code == 201, made.get_data(as_text=True)
        return str(made.get_json()["id"])

    def titles(self, playlist_id: str) -> list[str]:
        key = "track" if self.sandbox.extended else "item"
        return [row[key]["name"] for row in self.get(f"playlists/{playlist_id}/items")["items"]]

    def fault(self, **fault: Any) -> TestResponse:
        return self.http.post("/_sandbox/faults", json=fault)

    def later(self, **span: float) -> None:
        now = self.sandbox.clock.now() + timedelta(**span)
        assert self.http.post("/_sandbox/clock", json={"now": now.isoformat()}).status_code == 200


def uri(number: int) -> str:
    """A track of the small world: four an artist, in the order of `small_world`."""
    return f"spotify:track:T{number:021}"


def message(answer: TestResponse) -> tuple[int, str]:
    """Status and words of an error of the Web API."""
    return answer.status_code, answer.get_json()["error"]["message"]
