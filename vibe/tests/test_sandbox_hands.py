"""What a listener does with a playlist on its page is what the Web API then tells."""

from __future__ import annotations

import pytest

from vibe.tests.sandbox_local import Local, uri


@pytest.fixture
def local() -> Local:
    local = Local()
    local.link()
    return local


def track(n: int) -> str:
    return uri(n).removeprefix("spotify:track:")


@pytest.fixture
def made(local) -> str:
    one: str = local.playlist(name="Today")
    local.call("POST", f"playlists/{one}/items", {"uris": [uri(12), uri(13)]})
    return one


def test_a_press_plays_likes_or_takes_out_a_track(local, made):
    path = f"/playlist/{made}"
    for act, n in (("play", 12), ("like", 12), ("remove", 13)):
        assert local.http.post(path, data={act: track(n)}).location == path
    [play, *_before] = local.get("me/player/recently-played")["items"]
    assert (play["track"]["id"], play["context"]["uri"]) == (track(12), f"spotify:playlist:{made}")
    assert local.get("me/tracks")["items"][0]["track"]["id"] == track(12)
    assert [row["item"]["id"] for row in local.get(f"playlists/{made}/items")["items"]] == [track(12)]


def test_liking_twice_is_liking_once(local, made):
    for _time in range(2):
        local.http.post(f"/playlist/{made}", data={"like": track(12)})
    ids = [row["track"]["id"] for row in local.get("me/tracks")["items"]]
    assert ids.count(track(12)) == 1


def test_its_page_has_a_button_for_each_act_and_the_others_have_none(local, made):
    shown = local.http.get(f"/playlist/{made}").get_data(as_text=True)
    for act in ("play", "like", "remove"):
        assert f'<button name="{act}" value="{track(12)}"' in shown
    assert "<button" not in local.http.get("/listener/anna").get_data(as_text=True)


@pytest.mark.parametrize("sent", [{}, {"play": ""}, {"play": track(1)}, {"eat": track(12)}])
def test_what_it_does_not_hold_or_know_is_refused(local, made, sent):
    answer = local.http.post(f"/playlist/{made}", data=sent)
    assert answer.status_code == 400
    assert answer.get_json()["error"]
    assert local.http.post("/playlist/nope", data=sent).status_code == 400
