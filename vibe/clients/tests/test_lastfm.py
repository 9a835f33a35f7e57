from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import BACKOFF, USER_AGENT
from vibe.clients.lastfm import LastfmClient
from vibe.clients.tests.conftest import NOW
from vibe.clients.tests.server import Answer, Asked, Server, self_signed, serving
from vibe.clients.types import SimilarArtist, SimilarTrack, Tag

SIMILAR_TRACKS = """<?xml version="1.0" encoding="utf-8"?>
<lfm status="ok"><similartracks track="Группа крови" artist="Кино">
  <track><name>Звезда по имени Солнце</name><match>1.0</match>
    <artist><name>Кино</name><mbid/></artist><playcount>9</playcount></track>
  <track><name>Rock &amp; Roll</name><match>0.5</match><artist><name>Аквариум</name></artist></track>
</similartracks></lfm>"""
SIMILAR_ARTISTS = """<lfm status="ok"><similarartists artist="Кино">
  <artist><name>ДДТ</name><match>0.75</match></artist></similarartists></lfm>"""
TOP_TRACKS = """<lfm status="ok"><toptracks artist="Кино" page="1" perPage="2" totalPages="50">
  <track rank="1"><name>Пачка сигарет</name><artist><name>Кино</name></artist></track>
  <track rank="2"><name>Кукушка</name><artist><name>Кино</name></artist></track></toptracks></lfm>"""
# https://www.last.fm/api/show/tag.getTopTracks: ranks and durations, no playcount
TAG_TRACKS = """<lfm status="ok"><tracks tag="jazz" page="1" perPage="2" totalPages="50" total="100">
  <track rank="1"><name>So What</name><duration>545</duration><artist><name>Miles Davis</name></artist></track>
  <track rank="2"><name>Naima</name><artist><name>John Coltrane</name></artist></track></tracks></lfm>"""
# https://www.last.fm/api/show/artist.getTopTags
ARTIST_TAGS = """<lfm status="ok"><toptags artist="Кино">
  <tag><count>100</count><name>post-punk</name><url>https://www.last.fm/tag/post-punk</url></tag>
  <tag><count>62</count><name>russian rock</name><url>https://www.last.fm/tag/russian+rock</url></tag></toptags></lfm>"""
ANSWERS = {
    "tag.getTopTracks": TAG_TRACKS,
    "artist.getTopTags": ARTIST_TAGS,
    "track.getSimilar": SIMILAR_TRACKS,
    "artist.getSimilar": SIMILAR_ARTISTS,
    "artist.getTopTracks": TOP_TRACKS,
}


@pytest.fixture
def lastfm(settings):
    """A stand-in that answers by method; a test puts its own answers first in `queued`."""
    queued: list[Answer] = []

    def answer(asked: Asked) -> Answer:
        return queued.pop(0) if queued else Answer(ANSWERS[asked.form["method"]])

    with serving(answer) as server:
        settings.LASTFM_API_URL = f"{server.url}/2.0/"
        server.queued = queued  # type: ignore[attr-defined]
        yield server


@pytest.fixture
def client(lastfm: Server, meter) -> LastfmClient:
    return LastfmClient("key-1", meter)


def failed(code: int) -> str:
    return f'<lfm status="failed"><error code="{code}">Words that may change</error></lfm>'


def test_similar_tracks_are_read(client, lastfm, meter):
    assert client.similar_tracks("Кино", "Группа крови", limit=7) == (
        SimilarTrack("Кино", "Звезда по имени Солнце", 1.0),
        SimilarTrack("Аквариум", "Rock & Roll", 0.5),
    )
    form = lastfm.asked[0].form
    assert (form["artist"], form["track"], form["limit"], form["autocorrect"]) == ("Кино", "Группа крови", "7", "1")
    assert meter.calls == {("lastfm", "similar_tracks"): 1}


def test_similar_artists_are_read(client):
    assert client.similar_artists("Кино") == (SimilarArtist("ДДТ", 0.75),)


def test_top_tracks_are_one_call_however_many_pages_there_are(client, lastfm):
    assert client.artist_top_tracks("Кино", limit=5) == ("Пачка сигарет", "Кукушка")
    assert len(lastfm.asked) == 1


def test_the_best_known_tracks_of_a_tag_are_read(client, lastfm, meter):
    assert client.tag_top_tracks("jazz", limit=2) == (("Miles Davis", "So What"), ("John Coltrane", "Naima"))
    assert (lastfm.asked[0].form["tag"], lastfm.asked[0].form["limit"], len(lastfm.asked)) == ("jazz", "2", 1)
    assert meter.calls == {("lastfm", "tag_tracks"): 1}


def test_the_tags_of_an_artist_are_read_with_their_weight(client, lastfm, meter):
    assert client.artist_top_tags("Кино") == (Tag("post-punk", 1.0), Tag("russian rock", 0.62))
    assert meter.calls == {("lastfm", "artist_tags"): 1}


def test_a_tag_that_makes_no_sense_is_left_out(client, lastfm):
    rows = "<tag/><tag><name>no count</name></tag><tag><name>all</name><count>700</count></tag>"
    lastfm.queued.append(Answer(f'<lfm status="ok"><toptags>{rows}<tag><count>1</count></tag></toptags></lfm>'))
    assert client.artist_top_tags("A") == (Tag("all", 1.0),)


def test_an_unknown_tag_and_an_unknown_artist_are_empty(client, lastfm):
    lastfm.queued += [Answer('<lfm status="ok"><tracks tag="banana" total="0"/></lfm>'), Answer(failed(6))]
    assert client.tag_top_tracks("banana") == ()
    assert client.artist_top_tags("Nobody") == ()


def test_the_key_travels_in_the_body_and_we_are_named(client, lastfm):
    client.similar_artists("Кино")
    asked = lastfm.asked[0]
    assert (asked.method, asked.path, asked.form["api_key"]) == ("POST", "/2.0/", "key-1")
    assert asked.headers["User-Agent"] == USER_AGENT


def test_eight_threads_share_the_client_and_keep_their_connections(client, lastfm, meter):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.similar_artists("Кино"), range(160)))
    assert set(answers) == {(SimilarArtist("ДДТ", 0.75),)}
    assert meter.calls["lastfm", "similar_artists"] == 160
    assert lastfm.connections <= 8


def test_rows_that_make_no_sense_are_left_out(client, lastfm):
    rows = (
        "<track/><track><name>No artist</name><match>1</match></track>"
        "<track><name/><match>1</match><artist><name>No title</name></artist></track>"
        "<track><name>No match</name><artist><name>A</name></artist></track>"
        "<track><name>Not a number</name><match>nan</match><artist><name>A</name></artist></track>"
        "<track><name>Too sure</name><match>7</match><artist><name>A</name></artist></track>"
    )
    lastfm.queued.append(Answer(f'<lfm status="ok"><similartracks>{rows}</similartracks></lfm>'))
    assert client.similar_tracks("A", "B") == (SimilarTrack("A", "Too sure", 1.0),)


def test_what_lastfm_does_not_know_is_empty(client, lastfm):
    lastfm.queued += [Answer(failed(6)), Answer('<lfm status="ok"><similartracks/></lfm>')]
    assert client.similar_tracks("Nobody", "Nothing") == ()
    assert client.similar_tracks("Nobody", "Nothing") == ()


@pytest.mark.parametrize("code", [10, 26])
def test_a_bad_or_suspended_key_is_permanent(client, lastfm, code):
    lastfm.queued.append(Answer(failed(code), status=403))
    with pytest.raises(ServiceError) as refused:
        client.similar_artists("Кино")
    assert (refused.value.code, refused.value.permanent, len(lastfm.asked)) == ("bad_key", True, 1)


def test_our_own_mistake_is_permanent(client, lastfm):
    lastfm.queued.append(Answer(failed(3)))
    with pytest.raises(ServiceError) as refused:
        client.similar_artists("Кино")
    assert (refused.value.code, refused.value.permanent) == ("bad_request", True)


def test_a_rate_limit_of_lastfm_blocks_it_for_half_a_minute(client, lastfm, meter, time):
    lastfm.queued.append(Answer(failed(29)))
    with pytest.raises(RateLimited) as refused:
        client.similar_artists("Кино")
    assert refused.value.until == NOW + timedelta(seconds=30)
    with pytest.raises(RateLimited):
        client.artist_top_tracks("Кино")
    assert (len(lastfm.asked), time.slept) == (1, [])


def test_the_retry_after_of_an_http_429_is_obeyed_though_its_body_is_html(client, lastfm):
    lastfm.queued.append(Answer("<html>slow down</html>", status=429, headers={"Retry-After": "120"}))
    with pytest.raises(RateLimited) as refused:
        client.similar_artists("Кино")
    assert refused.value.until == NOW + timedelta(seconds=120)


@pytest.mark.parametrize(
    "answer",
    [Answer(failed(code)) for code in (8, 11, 16)] + [Answer("<html>", status=status) for status in (500, 502, 503)],
)
def test_a_passing_failure_is_repeated_then_given_up(client, lastfm, time, answer):
    lastfm.queued += [answer] * 3
    with pytest.raises(ServiceError) as refused:
        client.similar_artists("Кино")
    assert (refused.value.code, refused.value.permanent, len(lastfm.asked)) == ("unavailable", False, 3)
    assert time.slept == list(BACKOFF)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"error code: 520",
        b"<html><body>maintenance</body></html>",
        b'<lfm status="failed"/>',
        b'<lfm status="failed"><error code="6"/></lfm>',
        "<lfm status='ok'><similarartists><artist><name>ДДТ".encode("cp1251"),
    ],
)
def test_an_answer_that_is_no_answer_is_malformed_whatever_the_library_raises(client, lastfm, body):
    lastfm.queued += [Answer(body)] * 3
    with pytest.raises(ServiceError) as refused:
        client.similar_artists("Кино")
    assert (refused.value.code, refused.value.permanent) == ("malformed", False)


def test_a_broken_connection_is_a_typed_error(client, lastfm):
    lastfm.queued += [Answer(hang_up=True)] * 3
    with pytest.raises(ServiceError) as refused:
        client.similar_artists("Кино")
    assert (refused.value.code, refused.value.__cause__) == ("connection", None)


def test_one_passing_failure_is_not_noticed(client, lastfm):
    lastfm.queued.append(Answer(failed(16)))
    assert client.similar_artists("Кино") == (SimilarArtist("ДДТ", 0.75),)


def test_a_stranger_with_a_certificate_of_his_own_gets_no_key(settings, meter, tmp_path):
    with serving(lambda asked: Answer(SIMILAR_ARTISTS), tls=self_signed(tmp_path)) as server:
        settings.LASTFM_API_URL = f"{server.url}/2.0/"
        with pytest.raises(ServiceError) as refused:
            LastfmClient("key-1", meter).similar_artists("Кино")
    assert (refused.value.code, server.asked) == ("connection", [])


def test_a_signed_in_user_is_never_asked_for_by_building_a_client(lastfm, meter):
    LastfmClient("key-1", meter)
    assert lastfm.asked == []
