"""One evaluation: the engine and the baselines over the same listeners, in figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from recommendations.choosing import ARTIST_CAP
from recommendations.evaluation import baselines, month
from recommendations.evaluation.cases import MIN_TRACKS, split
from recommendations.evaluation.catalogue import Catalogue
from recommendations.evaluation.data import Data, DataError
from recommendations.evaluation.engine import Engine, Served, spread
from recommendations.evaluation.metrics import NDCG, Bootstrap, Told, beyond, overall, relevance
from recommendations.evaluation.others import Others
from recommendations.sources import listenbrainz_artist_radio

RANKERS = ("ours", "itemknn", "ease", "votes", "rrf", "roundrobin", "popularity", "random")
RIVALS = ("votes", "itemknn", "ease")
SIMULATED = "ListenBrainz's artist radio, by its server's rule over the listening of others"

Lists = dict[str, list[list[int]]]  # ranker -> a list of each listener
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is evaluated, as the command's options say it."""

    users: int = 1000
    seed: int = 0
    days: int = 0
    test: bool = False
    least: int = MIN_TRACKS
    unknown: float = 0.0
    track_service: bool = True
    artist_service: bool = True
    artist_radio: bool = False
    known: int = 0
    merged: int = 1
    wildness: float = 0.0
    rankers: Sequence[str] = RANKERS


def evaluate(data: Data, wanted: Wanted, say: Callable[[str], None]) -> Figures:
    """{"rankers": {name: figures}, "uncapped": the same without an artist cap}.

    With `artist_radio` also {"simulated": {source: what it is}}. Raises DataError.
    """
    if wanted.artist_radio and not data.has_artists:
        raise DataError("an artist radio needs artists, and this data names none.")
    drawn = split(
        data,
        users=wanted.users,
        seed=wanted.seed,
        test=wanted.test,
        least=wanted.least,
        known=wanted.known,
        merged=wanted.merged,
    )
    cases, others = drawn.cases, Others.of(data, drawn.others)
    say(f"{len(cases)} listeners, {len(drawn.others)} others, {len(data.artists)} tracks")
    engine = Engine(_catalogue(others, data, wanted), wanted.seed, wanted.wildness)
    say("the services can answer")
    pooled = [name for name in wanted.rankers if name in baselines.POOLED]
    served = spread(partial(engine.serve, pooled=pooled), cases)
    say("the engine's lists are made")
    months = spread(partial(engine.month, days=wanted.days), cases) if wanted.days else []
    told = Told(others, [case.known for case in cases], [case.truth for case in cases])
    orders = {name: _order(name, served, told) for name in wanted.rankers}
    say("the baselines' lists are made")
    capped = {name: [month.capped(order, data.artists, ARTIST_CAP) for order in orders[name]] for name in orders}
    if "ours" in capped:
        capped["ours"] = [one.published for one in served]
    bootstrap = Bootstrap(len(cases), wanted.seed)
    rankers = _judged(capped, told, bootstrap)
    for name, figures in rankers.items():
        figures |= _calls(name, served, bootstrap)
        if wanted.days and (lists := _months(name, orders, months, data, wanted.days)):
            figures["month"] = month.figures(lists, told.truth, data.artists, bootstrap)
    simulated = {"simulated": {listenbrainz_artist_radio.SOURCE.name: SIMULATED}} if wanted.artist_radio else {}
    return {"rankers": rankers, "uncapped": _judged(orders, told, bootstrap)} | simulated


def _catalogue(others: Others, data: Data, wanted: Wanted) -> Catalogue:
    return Catalogue(
        others,
        wanted.seed,
        unknown=wanted.unknown,
        track_service=wanted.track_service,
        artist_service=data.has_artists and wanted.artist_service,
        artist_radio=wanted.artist_radio,
    )


def _order(name: str, served: Sequence[Served], told: Told) -> list[list[int]]:
    """A list of each listener, as long as it gets, without an artist cap."""
    if name in baselines.WHOLE:
        return baselines.WHOLE[name](told.others, told.known)
    return [one.ranked[name] for one in served]


def _judged(lists: Lists, told: Told, bootstrap: Bootstrap) -> dict[str, Figures]:
    values = {name: relevance(lists[name], told.truth) for name in lists}
    rankers: dict[str, Figures] = {}
    for name, metrics in values.items():
        gains = {
            f"vs_{rival}": metrics[NDCG] - values[rival][NDCG] for rival in RIVALS if rival in values and rival != name
        }
        rankers[name] = overall(lists[name], told)
        for metric, of_each in (metrics | gains | beyond(lists[name], told)).items():
            rankers[name] |= bootstrap.told(metric, of_each)
    return rankers


def _calls(name: str, served: Sequence[Served], bootstrap: Bootstrap) -> Figures:
    """What a list cost, for those who ask services."""
    if name not in served[0].calls:
        return {}
    return bootstrap.told("calls", np.array([one.calls[name] for one in served], dtype=float))


def _months(name: str, orders: Lists, months: list[list[list[int]]], data: Data, days: int) -> list[list[list[int]]]:
    """The engine's own, and those of the rankers that see everything and never learn; others have none."""
    if name == "ours":
        return months
    if name not in baselines.WHOLE:
        return []
    return [month.unrolled(order, data.artists, days, ARTIST_CAP) for order in orders[name]]
