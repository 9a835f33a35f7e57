"""A run's page and the list of runs, as the operator reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from playlists import course, notes, story
from playlists.causes import CAUSES, cause
from playlists.models import PlaylistRun, PlaylistRunTrack, RunLedger
from recommendations.dedupe import merge
from recommendations.ranking import rank
from recommendations.reasons import BEST_FIRST
from recommendations.tests.builders import make_found, make_profile

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
LIST = "/admin/playlists/playlistrun/"


def make(user, **columns) -> PlaylistRun:
    columns = {"status": "success", "trigger": "bot", "created_at": NOW, **columns}
    return PlaylistRun.objects.create(user=user, day=NOW.date(), size_asked=2, min_new_ratio=0.5, **columns)


def candidate(n: int, fate: str) -> dict[str, object]:
    found = [["lastfm_similar_tracks", "seed", 0.5, 1], ["spotify_search", "seed", 0.2, 3]]
    parts = {"votes": 0.25, "top_list": 0.0, "similar_artist": 0.125}
    about = {"key": f"k{n}", "artist": f"<b>Artist {n}</b>", "title": f"Title {n}"}
    return {**about, "found": found, "score": 0.375, "parts": parts, "fate": fate}


@pytest.fixture
def run(alice) -> PlaylistRun:
    source = {"source": "spotify_search", "state": "asked", "asked": 3, "answered": 2, "cached": 1, "found": 17}
    made = make(
        alice, attempts=2, enqueued_at=NOW + timedelta(seconds=1), started_at=NOW + timedelta(seconds=4),
        finished_at=NOW + timedelta(seconds=9), total=1, new=1, novelty=1.0, relaxations=["artist_cap"],
        report={
            "sources": [source | {"resolved": 5, "picked": 1, "supported": 1, "ms": 812, "errors": {"timeout": 1}}],
            "ms": {"library": 250, "asking": 1000},
            "calls": {"spotify/search": 12},
            "budget": {"granted": {"total": 30}},
        },
    )  # fmt: skip
    PlaylistRunTrack.objects.create(
        run=made, position=1, spotify_track_id="t", name="<i>Song</i>", artists="Them", source="spotify_search",
        reason={"relation": "search", "because": "Somebody"},
    )  # fmt: skip
    fates = ["picked:1", *["ranked_below"] * 249]
    ledger = {"seeds": [["s", "a", "n", 1.0]], "candidates": [candidate(n, fate) for n, fate in enumerate(fates)]}
    RunLedger.objects.create(run=made, body=RunLedger.pack(ledger))
    return made


def test_every_error_has_few_words_too():
    assert set(CAUSES) == set(notes.ERRORS)
    assert cause("of_an_older_version") == "of_an_older_version"


def test_a_run_is_called_by_its_status_in_words_and_a_dry_one_is_marked(admin_client, alice):
    run = make(alice, status="needs_link", error_code="consent_ended")
    assert "needs_link" not in str(run)
    listed = admin_client.get(LIST).text
    assert "consent ended" in listed
    assert "dry run</span>" not in " ".join(listed.split()).replace("> ", ">").replace(" <", "<")
    assert "close_small" not in listed
    PlaylistRun.objects.update(dry_run=True)
    assert "dry run</span>" in " ".join(admin_client.get(LIST).text.split()).replace("> ", ">").replace(" <", "<")


def page(run: PlaylistRun) -> str:
    return reverse("admin:playlists_playlistrun_change", args=[run.pk])


def test_a_run_tells_its_moments_in_their_order(admin_client, run):
    shown = admin_client.get(page(run))
    assert [str(one["words"]) for one in shown.context["moments"]] == [
        "asked for",
        "the queue was rung",
        "a worker began",
        "done",
    ]
    for words in (
        "06:00:04 UTC",
        "attempt 2",
        "250",
        "1000",
        "spotify/search",
        "812",
        "timeout 1",
        "30 calls to Spotify",
    ):
        assert words in shown.text, words
    assert f'href="/runs/{run.public_id}"' in shown.text
    assert "Some artists have more than two tracks, as too few other artists were found." in shown.text


def test_a_parked_run_tells_until_when(admin_client, alice):
    run = make(alice, status="queued", not_before=NOW + timedelta(hours=2), error_code="quota_exceeded")
    moments = admin_client.get(page(run)).context["moments"]
    assert [(str(one["words"]), one["note"]) for one in moments][-1] == ("goes on from here", "daily limit used up")


def test_a_run_shows_its_best_candidates_with_their_fate_and_finds_the_others(admin_client, run):
    shown = admin_client.get(page(run))
    assert len(shown.context["candidates"]["rows"]) == 200
    for words in ("on the list: 1", "ranked below the others", "votes 0.250", "0.375", "Last.fm, similar tracks"):
        assert words in shown.text, words
    assert "Title 240" not in shown.text
    assert "Title 240" in admin_client.get(page(run), {"all": "1"}).text
    found = admin_client.get(page(run), {"candidate": "title 240"})
    assert [one["place"] for one in found.context["candidates"]["rows"]] == [241]


def test_every_part_of_a_score_has_words_on_the_page_and_in_the_story():
    found = [make_found("A", "one", relation=relation, seed=relation) for relation in BEST_FIRST]
    [ranked] = rank(merge(found), make_profile())
    assert ranked.parts.keys() == {"votes", "top_list", "similar_artist", "mutual", "tag"}
    assert ranked.parts.keys() <= course.PARTS.keys() & story.PARTS.keys()


def test_names_from_outside_are_text_and_not_html(admin_client, run):
    shown = admin_client.get(page(run), {"candidate": '"><script>x</script>'}).text
    assert "<script>x" not in shown
    shown = admin_client.get(page(run)).text
    assert "<i>Song" not in shown
    assert "<b>Artist" not in shown


def test_a_run_whose_ledger_is_gone_says_so(admin_client, alice):
    assert "No ledger" in admin_client.get(page(make(alice))).text


@pytest.mark.parametrize("what", ["username", "public_id", "playlist_id", "pk"])
def test_a_run_is_found_by_whose_it_is_and_by_what_names_it(admin_client, alice, django_user_model, what):
    wanted = make(alice, playlist_id="playlist-1")
    make(django_user_model.objects.create_user("bob"), playlist_id="playlist-2")
    term = "alice" if what == "username" else str(getattr(wanted, what))
    assert list(admin_client.get(LIST, {"q": term}).context["cl"].queryset) == [wanted]


@pytest.mark.parametrize(
    ("lookup", "value"),
    [
        *(("status__exact", "failed"), ("trigger__exact", "nightly"), ("dry_run__exact", "1")),
        *(("error_code", "timeout"), ("waiting", "due"), ("waiting", "parked"), ("day_from", "2026-11-24")),
        ("created_at__gte", (NOW + timedelta(days=1)).isoformat()),
    ],
)
def test_runs_are_filtered(admin_client, alice, lookup, value):
    make(alice)
    columns: dict[str, dict[str, Any]] = {
        "status__exact": {"status": "failed"},
        "trigger__exact": {"trigger": "nightly"},
        "dry_run__exact": {"dry_run": True},
        "error_code": {"status": "failed", "error_code": "timeout"},
        "due": {"status": "queued"},
        "parked": {"status": "queued", "not_before": datetime.now(UTC) + timedelta(days=1)},
        "day_from": {},
        "created_at__gte": {"created_at": NOW + timedelta(days=1)},
    }
    run = make(alice, **columns[value if lookup == "waiting" else lookup])
    if lookup == "day_from":
        PlaylistRun.objects.filter(pk=run.pk).update(day=NOW.date() + timedelta(days=1))
    assert [one.pk for one in admin_client.get(LIST, {lookup: value}).context["cl"].queryset] == [run.pk]


def test_the_wish_of_a_run_is_shown_as_it_was_written(admin_client, alice):
    assert "by &lt;Kino&gt;" in admin_client.get(page(make(alice, steer="by <Kino>"))).text
