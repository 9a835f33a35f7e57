"""What a run's list would have been under other settings: from its ledger alone, without a call and without a trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from accounts import mix
from playlists import ledger
from playlists.models import PlaylistRun, RunLedger
from playlists.persist import FALLBACK
from playlists.reasons import OWN
from recommendations.candidates import Pick, Selection
from recommendations.replay import Replay, Stored, TooOld, is_open, replay, unpack
from vibe.clients.types import Track

KEPT, NEW, GONE = "kept", "new", "gone"
# What gave way before the choice, and why it found too little, if it did; a replay changes neither.
BEFORE_CHOICE, WHY_TOO_LITTLE = ("wish_partly", "extras_silent", "quota"), ("not_at_spotify", "sources_silent")
TOO_LITTLE = frozenset({"short", "min_new_ratio"})


class NothingToReplay(Exception):
    """`code`: no_plan (the run has chosen nothing), no_ledger (it is no longer kept), too_old (of another version)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """A track before and after; of what is not on a side, place and score are None.

    A like of his own, given as seasoning or for want of others, was not ranked and has no score.
    """

    change: str  # kept, new, gone
    place: int | None
    was: int | None
    id: str  # "" where it would have to be looked up
    name: str
    artists: str
    score: float | None
    score_before: float | None
    fate: str  # of a new one: what became of it then; of one that is gone: what becomes of it now
    is_new: bool  # to the listener
    source: str
    reason: Mapping[str, Any]
    look_up: bool


@dataclass(frozen=True, slots=True)
class Side:
    settings: Mapping[str, Any]
    total: int
    new: int
    novelty: float
    relaxations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Difference:
    run: int
    day: str
    before: Side
    after: Side
    rows: Sequence[Row]  # the list as it would be, then what is gone
    look_up: int  # how many of its tracks would have to be looked up, and might not be at Spotify
    drift: int  # tracks that go even without any change, since the program itself has changed
    languages_rest: bool  # shares of them were asked for, but the list is by a wish
    silent: Sequence[str]  # sources that were given a weight, but had said nothing in the run

    def of(self, change: str) -> list[Row]:
        return [row for row in self.rows if row.change == change]

    def as_json(self) -> dict[str, Any]:
        counts = {change: len(self.of(change)) for change in (KEPT, GONE, NEW)}
        return {**asdict(self), "counts": counts}


def compare(run: PlaylistRun, changes: Mapping[str, Any]) -> Difference:
    """`changes`: as `WhatIfForm.changes` has them. Raises `NothingToReplay`."""
    published = _published(run)
    raw = _raw(run)
    try:
        stored = unpack(raw)
    except TooOld:
        raise NothingToReplay("too_old") from None
    # A wish for one list goes before the shares of languages, whatever they are.
    languages_rest = bool(run.steer) and "languages" in changes
    changes = {name: value for name, value in changes.items() if not (run.steer and name == "languages")}
    settings = _settings(run, stored)
    unchanged, after = replay(stored), replay(stored, **_arguments(changes, stored, settings["weights"]))
    then, now = {track["id"]: track for track in published}, _ids(after.selection)
    fates = {one["key"]: one["fate"] for one in ledger.told(raw)["candidates"]}
    rows = [_row(place, pick, then, fates) for place, pick in enumerate(after.selection.picks, 1)]
    keys = _keys(stored)
    rows += [_gone(track, keys.get(track["id"], ""), after) for track in published if track["id"] not in now]
    before = _before(run, published, settings)
    return Difference(
        run.pk,
        run.day.isoformat(),
        before,
        _after(after.selection, before, changes),
        rows,
        after.open,
        len(then.keys() - _ids(unchanged.selection)),
        languages_rest,
        _silent(stored, changes.get("weights", ())),
    )


def _silent(stored: Stored, sources: Iterable[str]) -> list[str]:
    heard = {word.source for one in stored.rated["candidates"] for word in one.found}
    return [source for source in sources if source not in heard]


def _published(run: PlaylistRun) -> list[dict[str, Any]]:
    """The list as it was published or, where it was not, as it was chosen."""
    rows = [
        {
            "id": row.spotify_track_id,
            "name": row.name,
            "artists": row.artists,
            "score": row.score,
            "is_new": row.is_new_to_bot,
            "source": row.source,
            "reason": row.reason,
        }
        for row in run.tracks.all()
    ]
    tracks = rows or (run.plan or {}).get("tracks", [])
    if not tracks:
        raise NothingToReplay("no_plan")
    return [track | {"place": place} for place, track in enumerate(tracks, 1)]


def _raw(run: PlaylistRun) -> dict[str, Any]:
    kept = RunLedger.objects.filter(run=run).first()
    if kept is None:
        raise NothingToReplay("no_ledger")
    return kept.raw()


def _arguments(changes: Mapping[str, Any], stored: Stored, learned: Mapping[str, float]) -> dict[str, Any]:
    """As `replay` calls them. What a wish makes of the learned weights, it makes of others too."""
    names = {"ratio": "min_new_ratio", "cooldown": "cooldown_days", "languages": "shares"}
    arguments = {names.get(name, name): value for name, value in changes.items() if name != "wild"}
    if "wild" in changes:
        arguments["wildness"] = changes["wild"] / 10
    if "weights" in changes:
        used = stored.rated["profile"].source_weights
        arguments["weights"] = {
            name: weight * used.get(name, 1.0) / learned.get(name, 1.0) for name, weight in changes["weights"].items()
        }
    if "languages" in changes:
        shares = mix.shares(changes["languages"])
        auto = stored.rated["profile"].languages
        arguments["shares"] = auto if shares is None else {name: share / 100 for name, share in shares.items()}
    return arguments


def _ids(selection: Selection) -> set[str]:
    return {pick.track.id for pick in selection.picks if pick.track}


def _keys(stored: Stored) -> dict[str, str]:
    """Spotify id -> key of the candidate."""
    carried = ((one.track, one.key) for one in stored.rated["candidates"])
    found = ((track, key) for key, track in stored.chosen["resolved"].items())
    return {track.id: key for track, key in (*carried, *found) if track}


def _row(place: int, pick: Pick, then: Mapping[str, Mapping[str, Any]], fates: Mapping[str, str]) -> Row:
    track = pick.track or Track("", pick.candidate.title, ())
    was = then.get(track.id, {})
    told = {"relation": pick.reason.relation, "because": pick.reason.because} if pick.reason else None
    return Row(
        change=KEPT if was else NEW,
        place=place,
        was=was.get("place"),
        id=track.id,
        name=track.name,
        artists=", ".join(artist.name for artist in track.artists),
        score=_score(pick.score, pick.reason.relation if pick.reason else "fallback"),
        score_before=_score(was["score"], was["reason"].get("relation")) if was else None,
        fate="" if was else fates.get(pick.candidate.key, ""),
        is_new=pick.is_new,
        source=pick.reason.source if pick.reason else FALLBACK,
        reason=was.get("reason") or told or {"relation": "fallback"},
        look_up=is_open(pick.track),
    )


def _gone(track: Mapping[str, Any], key: str, after: Replay) -> Row:
    relation = track["reason"].get("relation")
    score = next((_score(one.score, relation) for one in after.ranked if one.candidate.key == key), None)
    return Row(
        change=GONE,
        place=None,
        was=track["place"],
        id=track["id"],
        name=track["name"],
        artists=track["artists"],
        score=score,
        score_before=_score(track["score"], relation),
        fate=after.selection.fates.get(key, ""),
        is_new=track["is_new"],
        source=track["source"],
        reason=track["reason"],
        look_up=False,
    )


def _score(score: float, relation: str | None) -> float | None:
    return None if relation in OWN else round(score, 4)


def _before(run: PlaylistRun, published: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> Side:
    new = sum(track["is_new"] for track in published)
    gave_way = run.relaxations or (run.plan or {}).get("relaxations", [])
    return Side(settings, len(published), new, new / len(published), gave_way)


def _after(selection: Selection, before: Side, changes: Mapping[str, Any]) -> Side:
    new = sum(pick.is_new for pick in selection.picks)
    weights = {**before.settings["weights"], **changes.get("weights", {})}
    after = {**before.settings, **changes, "weights": weights}
    lasting = BEFORE_CHOICE if TOO_LITTLE.isdisjoint(selection.relaxations) else BEFORE_CHOICE + WHY_TOO_LITTLE
    gave_way = [*selection.relaxations, *(code for code in before.relaxations if code in lasting)]
    return Side(after, len(selection.picks), new, selection.novelty, gave_way)


def _settings(run: PlaylistRun, stored: Stored) -> dict[str, Any]:
    return {
        "size": stored.chosen["size"],
        "ratio": stored.chosen["min_new_ratio"],
        "wild": round(10 * stored.rated.get("wildness", 0.0)),
        "cooldown": stored.chosen["cooldown_days"],
        # As they were learned; the ledger of a steered list has them times what the wish made of them.
        "weights": dict(run.report.get("weights", stored.rated["profile"].source_weights)),
        "languages": mix.OFF if run.steer else run.languages,
    }
