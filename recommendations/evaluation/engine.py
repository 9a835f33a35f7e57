"""Runs the engine itself, `recommend()`, for listeners who are not there."""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from recommendations.candidates import Given, Listening
from recommendations.collect import collect
from recommendations.converse import Budget
from recommendations.evaluation import baselines
from recommendations.evaluation.cases import NOW, Case
from recommendations.evaluation.catalogue import Catalogue
from recommendations.evaluation.metrics import SIZE
from recommendations.evaluation.names import number
from recommendations.profile import build_profile
from recommendations.recommend import Recommendation, Wish, recommend
from recommendations.sources import SOURCES, lastfm_similar_tracks
from recommendations.sources.lastfm_similar_tracks import beside_seeds

COOLDOWN_DAYS = 60
FEW = 20  # cases for which another process does not pay
# The baselines hear what the services say of the seeds; what is asked beyond that is the engine's own idea.
POOL = [replace(one, find=beside_seeds) if one is lastfm_similar_tracks.SOURCE else one for one in SOURCES]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Served:
    """One listener's lists, best first."""

    published: list[int]  # the engine's, as a listener would get it
    ranked: dict[str, list[int]]  # by ranker: new tracks by score alone
    calls: dict[str, int]


@dataclass(frozen=True, slots=True)
class Engine:
    catalogue: Catalogue
    seed: int
    wildness: float = 0.0

    def serve(self, case: Case, pooled: Sequence[str] = ()) -> Served:
        """The engine's list, and those of the baselines that rank what the services answer."""
        self.catalogue.asked.clear()
        made = self._recommend(case.listening(self._artists), 0, case.listener)
        known = case.known
        ranked = {"ours": [track for one in made.ranked if (track := number(one.candidate.title)) not in known]}
        calls = {"ours": len(self.catalogue.asked)}
        if pooled:
            self.catalogue.asked.clear()
            words = self._pool(case)
            orders = {name: baselines.POOLED[name](words, self._rng(case.listener, name)) for name in pooled}
            ranked |= {name: order[: baselines.DEPTH] for name, order in orders.items()}
            calls |= dict.fromkeys(pooled, len(self.catalogue.asked))
        return Served(_tracks(made), ranked, calls)

    def month(self, case: Case, days: int) -> list[list[int]]:
        """A list a day, each day's tracks kept as history."""
        listening = case.listening(self._artists)
        lists = []
        for day in range(days):
            made = self._recommend(listening, day, case.listener)
            lists.append(_tracks(made))
            now = NOW + timedelta(days=day)
            given = tuple(Given(p.track.id, p.candidate.key, "", now) for p in made.selection.picks if p.track)
            listening = replace(listening, history=given + listening.history)
        return lists

    def _recommend(self, listening: Listening, day: int, listener: str) -> Recommendation:
        now = NOW + timedelta(days=day)
        wish = Wish(SIZE, 1.0, COOLDOWN_DAYS, now, now.date(), wildness=self.wildness)
        services = self.catalogue
        rng = self._rng(listener, day)
        return recommend(listening, wish, services, services, services, Budget(), rng, lambda _step, **_counts: None)

    def _pool(self, case: Case) -> baselines.Pool:
        rng = self._rng(case.listener, 0)
        listening = case.listening(self._artists)
        profile = build_profile(listening, (), {}, NOW.date(), rng, baselines.POOL_SEEDS)
        found, _reports = collect(profile, self.catalogue, self.catalogue, Budget(), sources=POOL)
        return baselines.pool(found, case.known)

    def _rng(self, listener: str, of: str | int) -> random.Random:
        return random.Random(f"{self.seed} {listener} {of}")  # noqa: S311  draws that anybody can repeat

    @property
    def _artists(self) -> list[int]:
        return self.catalogue.artists


def _tracks(made: Recommendation) -> list[int]:
    return [number(pick.candidate.title) for pick in made.selection.picks]


def spread(work: Callable[[Case], Result], cases: Sequence[Case]) -> list[Result]:
    """On every core, where the cases are many and the system can fork: the matrices are then shared, not sent."""
    processes = min(os.cpu_count() or 1, len(cases) // FEW)
    if processes < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return list(map(work, cases))
    with multiprocessing.get_context("fork").Pool(processes, _take, (work,)) as pool:
        return pool.map(_work, cases, chunksize=10)


_taken: Callable[[Case], Any]


def _take(work: Callable[[Case], object]) -> None:
    """A closure cannot be sent to another process, but it can be there when that begins."""
    global _taken
    _taken = work
    gc.disable()  # a run leaves no cycles, and to look for them among millions of answers takes a quarter of the time


def _work(case: Case) -> Any:
    return _taken(case)
