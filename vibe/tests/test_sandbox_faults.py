"""Scripted faults: what each does, whom it hits, how often."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import spotipy

from vibe.sandbox.faults import FaultError, parse
from vibe.tests.sandbox_local import Local, message, uri
from vibe.tests.sandbox_process import Sandbox, small_world


@pytest.fixture
def local() -> Local:
    local = Local()
    local.link()
    return local


def statuses(local: Local, times: int, path: str = "me") -> list[int]:
    return [local.call("GET", path).status_code for _ in range(times)]


def test_a_fault_strikes_once_unless_it_is_said_otherwise(local):
    local.fault(kind="server_error")
    assert statuses(local, 3) == [502, 200, 200]
    local.fault(kind="server_error", times=2, after=1, status=503)
    assert statuses(local, 4) == [200, 503, 503, 200]


def test_a_fault_may_last_until_it_is_cleared(local):
    local.fault(kind="server_error", times=None)
    assert statuses(local, 5) == [502] * 5
    assert local.http.get("/_sandbox/faults").get_json()["faults"][0]["fired"] == 5
    local.http.delete("/_sandbox/faults")
    assert statuses(local, 1) == [200]


def test_a_fault_strikes_only_where_it_is_meant_to(local):
    local.fault(kind="server_error", path="/v1/me/tracks", method="get", times=None)
    local.fault(kind="server_error", path=r"/v1/(albums|artists)/.*", times=None)
    local.fault(kind="server_error", service="lastfm", times=None)
    assert statuses(local, 1) == [200]
    assert statuses(local, 1, "me/tracks") == [502]
    assert statuses(local, 1, "artists/x") == [502]
    assert local.call("PUT", "me/tracks").status_code == 403


def test_the_first_of_several_faults_strikes_first(local):
    answer = local.http.post("/_sandbox/faults", json=[{"kind": "expired"}, {"kind": "server_error"}])
    assert [fault["kind"] for fault in answer.get_json()["faults"]] == ["expired", "server_error"]
    assert statuses(local, 3) == [401, 502, 200]


def test_too_many_calls_for_now(local):
    local.fault(kind="rate_limit", seconds=3)
    answer = local.call("GET", "me")
    assert message(answer) == (429, "API rate limit exceeded")
    assert answer.headers["Retry-After"] == "3"


def test_the_days_quota_is_used_up(local):
    local.fault(kind="quota", path="/v1/search")
    answer = local.call("GET", "search", q="x", type="track")
    assert (answer.status_code, answer.get_json()["error"]["reason"]) == (429, "QUOTA_EXCEEDED")
    assert answer.headers["Retry-After"] == "86207"


def test_an_outage_answers_with_a_page(local):
    local.fault(kind="server_error", status=500)
    answer = local.call("GET", "me")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("removed", "Forbidden"),
        ("not_registered", "not registered for this application"),
        ("premium", "Active premium subscription required"),
        ("scope", "Insufficient client scope"),
    ],
)
def test_each_way_of_being_forbidden(local, reason, words):
    local.fault(kind="forbidden", reason=reason)
    status, text = message(local.call("GET", "me"))
    assert status == 403
    assert words in text


def test_an_id_may_be_gone(local):
    local.fault(kind="not_found")
    answer = local.call("GET", "me")
    assert (answer.status_code, answer.get_data()) == (404, b"")


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("me/tracks", lambda answer: answer["items"]),
        ("me/player/recently-played", lambda answer: answer["items"]),
        ("search?q=xtal&type=track", lambda answer: answer["tracks"]["items"]),
    ],
)
def test_lists_may_be_empty_or_hold_odd_rows(local, path, rows):
    local.fault(kind="empty")
    emptied = local.get(path)
    assert rows(emptied) == []
    whole = rows(local.get(path))
    local.fault(kind="odd_rows")
    odd = rows(local.get(path))
    assert len(odd) > len(whole)
    assert [row for row in odd if row in whole] == whole


def test_odd_rows_of_a_playlist_are_those_that_occur(local):
    made = local.playlist()
    local.call("POST", f"playlists/{made}/items", {"uris": [uri(0)]})
    local.fault(kind="odd_rows")
    rows = local.get(f"playlists/{made}/items")["items"]
    assert [row["item"] and (row["item"]["type"], row["item"]["id"] is None) for row in rows] == [
        ("track", False),
        None,
        ("track", True),
        ("episode", False),
    ]


def test_a_page_may_hold_nothing_but_odd_rows(local):
    local.fault(kind="odd_rows", only=True)
    page = local.get("me/tracks")
    assert len(page["items"]) == page["total"] == 6
    assert [row["track"] and (row["track"]["type"], row["track"]["id"] is None) for row in page["items"]] == [
        None,
        ("track", True),
        ("episode", False),
    ] * 2


def test_tracks_may_not_be_playable_in_the_listeners_market(local):
    def playable():
        return [row["is_playable"] for row in local.get("search", q="AC/DC", type="track")["tracks"]["items"]]

    assert playable() == [True] * 4
    local.fault(kind="unplayable")
    assert playable() == [False] * 4
    local.fault(kind="unplayable", share=0.5)
    assert set(playable()) == {True, False}
    local.fault(kind="unplayable")
    assert local.get(f"tracks/{uri(0)[14:]}")["restrictions"] == {"reason": "market"}


def test_what_was_written_may_not_be_kept(local):
    made = local.playlist()
    local.fault(kind="not_kept", path="/items", share=0.5)
    sent = [uri(n) for n in range(20)]
    assert local.call("POST", f"playlists/{made}/items", {"uris": sent}).status_code == 201
    kept = [row["item"]["uri"] for row in local.get(f"playlists/{made}/items")["items"]]
    assert 0 < len(kept) < 20
    assert kept == [one for one in sent if one in kept]


def test_json_may_break_off(local):
    local.fault(kind="malformed")
    answer = local.call("GET", "me")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(answer.get_data())


@pytest.mark.parametrize(
    ("reason", "words"), [("revoked", "Refresh token revoked"), ("expired", "Refresh token expired")]
)
def test_a_refresh_may_be_refused(local, reason, words):
    tokens = local.link()
    local.fault(kind="invalid_grant", reason=reason)
    answer = local.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (answer.status_code, answer.get_json()) == (400, {"error": "invalid_grant", "error_description": words})
    assert local.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 200


def test_a_refresh_fault_waits_for_a_refresh(local):
    local.fault(kind="refresh_empty")
    old = local.link()["refresh_token"]
    assert old
    assert local.token(grant_type="refresh_token", refresh_token=old).get_json()["refresh_token"] == ""


def test_a_rotated_refresh_token_replaces_the_old_one(local):
    old = local.link()["refresh_token"]
    local.fault(kind="refresh_rotated")
    new = local.token(grant_type="refresh_token", refresh_token=old).get_json()["refresh_token"]
    assert local.token(grant_type="refresh_token", refresh_token=old).status_code == 400
    assert local.token(grant_type="refresh_token", refresh_token=new).status_code == 200


def test_the_token_endpoint_may_be_down(local):
    old = local.link()["refresh_token"]
    local.fault(kind="server_error", service="accounts", status=503)
    answer = local.token(grant_type="refresh_token", refresh_token=old)
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


def test_a_new_playlist_may_be_listed_late(local):
    listed = {"seconds": 30}, {"lists": 2}
    for lag in listed:
        local.fault(kind="playlist_lag", **lag)
        made = local.playlist()
        assert local.get(f"playlists/{made}")["id"] == made
        assert made not in [row["id"] for row in local.get("me/playlists")["items"]]
        if "lists" in lag:
            local.get("me/playlists")
        else:
            local.later(seconds=31)
        assert made in [row["id"] for row in local.get("me/playlists")["items"]]


def test_a_dropped_write_was_applied():
    with Sandbox(small_world()) as sandbox:
        spotify: Any = spotipy.Spotify  # its annotations are not complete
        client = spotify(auth=sandbox.token_for("anna")["access_token"], requests_session=requests.Session())
        client.prefix = f"{sandbox.url}/v1/"
        sandbox.fault("timeout_after_write", path="/v1/me/playlists", method="POST", mode="drop")
        with pytest.raises(requests.exceptions.ConnectionError):
            client._post("me/playlists", payload={"name": "Half made", "public": False})
        assert [one["name"] for one in sandbox.state()["playlists"]] == ["Half made"]
        last = sandbox.calls("spotify")[-1]
        assert (last["status"], last["fault"]) == (201, "timeout_after_write")
        sandbox.fault("timeout_after_write", path="/v1/me/playlists", method="POST", seconds=60)
        client.requests_timeout = 0.2
        with pytest.raises(requests.exceptions.ReadTimeout):
            client._post("me/playlists", payload={"name": "Hanging", "public": False})
        assert len(sandbox.state()["playlists"]) == 2


def test_a_slow_answer_is_a_right_one(local, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr("vibe.sandbox.misbehave.time.sleep", slept.append)
    local.fault(kind="slow", seconds=7)
    assert local.get("me")["id"] == "anna"
    assert 7.0 in slept


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ({}, "kind must be one of"),
        ([], "kind must be one of"),
        ({"kind": "earthquake"}, "kind must be one of"),
        ({"kind": "slow", "colour": 1}, "slow knows no colour"),
        ({"kind": "slow", "service": "tidal"}, "service must be one of"),
        ({"kind": "slow", "path": "("}, "regular expression"),
        ({"kind": "slow", "path": 5}, "path must be a text"),
        ({"kind": "slow", "times": "many"}, "times must be a whole number"),
        ({"kind": "slow", "times": True}, "times must be a whole number"),
        ({"kind": "slow", "seconds": -1}, "seconds must be a number"),
        ({"kind": "forbidden", "reason": "mood"}, "reason must be one of"),
        ({"kind": "server_error", "status": 200}, "status must be one of"),
    ],
)
def test_a_fault_nobody_understands_is_refused(fault, complaint):
    with pytest.raises(FaultError, match=complaint):
        parse(fault)
