"""Rubbish gets the vendor's kind of refusal: never a traceback, never a wrong 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from vibe.sandbox.server import LARGEST_BODY
from vibe.tests.sandbox_local import Local
from vibe.tests.sandbox_process import Sandbox, small_world

LOCAL = Local()
LOCAL.link()
MADE = LOCAL.playlist()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "uris",
    "items",
    "tracks",
    "name",
    "public",
    "description",
    "position",
    "range_start",
    "insert_before",
    "now",
    "kind",
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5) | VALUES
WRITES = (
    *(("POST", "me/playlists"), ("PUT", f"playlists/{MADE}"), ("PUT", "me/library"), ("DELETE", "me/library")),
    *((method, f"playlists/{MADE}/items") for method in ("POST", "PUT", "DELETE")),
)
READS = (
    *("me/tracks", "me/player/recently-played", "me/top/tracks", "me/following", "me/playlists", "search"),
    *("artists/A000000000000000000000/albums", f"playlists/{MADE}", f"playlists/{MADE}/items", "me/library/contains"),
)
PARAMETERS = (
    "limit",
    "offset",
    "before",
    "after",
    "q",
    "type",
    "uris",
    "fields",
    "time_range",
    "include_groups",
    "market",
)


@pytest.mark.parametrize(("method", "path"), WRITES)
@given(body=BODIES)
def test_any_json_is_taken_or_refused_by_the_web_api(method, path, body):
    assert LOCAL.call(method, path, body).status_code in (200, 201, 400)


@pytest.mark.parametrize("path", READS)
@given(query=st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=12), max_size=3))
def test_any_query_is_taken_or_refused_by_the_web_api(path, query):
    assert LOCAL.call("GET", path, **query).status_code in (200, 400)


@given(
    path=st.sampled_from(
        ["/2.0/", "/authorize", "/api/token", "/bot1:x/sendMessage", "/bot1:x/editMessageText", "/_sandbox/faults"]
    ),
    form=st.dictionaries(
        st.sampled_from(
            ["method", "artist", "track", "api_key", "limit", "page", "format", "chat_id", "text", "parse_mode"]
        )
        | st.sampled_from(
            ["reply_markup", "message_id", "grant_type", "code", "client_id", "redirect_uri", "response_type"]
        ),
        st.text(max_size=12),
        max_size=6,
    ),
)
def test_any_form_is_taken_or_refused_elsewhere(path, form):
    assert LOCAL.http.post(path, data=form).status_code < 500
    assert LOCAL.http.get(path, query_string=form).status_code < 500


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'"\\ud800"', b"NaN"])
@pytest.mark.parametrize(("method", "path"), WRITES[:2])
def test_broken_json_is_400(method, path, body):
    answer = LOCAL.http.open(f"/v1/{path}", method=method, data=body, headers=LOCAL.headers)
    assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, 400)


HUGE: list[tuple[str, dict[str, Any]]] = [
    ("/v1/me/playlists", {"data": json.dumps({"name": "x" * LARGEST_BODY})}),
    ("/api/token", {"data": {"code": "x" * LARGEST_BODY}}),
    ("/2.0/", {"data": {"artist": "x" * LARGEST_BODY}}),
    ("/bot1:x/sendMessage", {"data": {"text": "x" * LARGEST_BODY}}),
    ("/_sandbox/faults", {"data": b"x" * (LARGEST_BODY + 1)}),
]


@pytest.mark.parametrize(("path", "options"), HUGE)
def test_a_huge_body_is_refused(path, options):
    assert LOCAL.http.post(path, headers=LOCAL.headers, **options).status_code in (400, 413)


def test_a_client_still_sending_gets_its_refusal():
    with Sandbox(small_world()) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.token_for('anna')['access_token']}"}
        answer = requests.post(f"{sandbox.url}/v1/me/playlists", data=b"x" * 9_000_000, headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["error"]["status"]) == (413, 413)
