"""The figures for a person: Markdown, so that they can be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

COLUMNS = {
    "recall@30": "recall",
    "hit@30": "hit",
    "artists": "artists",
    "new_artists": "new artists",
    "ild": "ILD",
    "novelty": "novelty",
    "coverage": "coverage",
    "share_new": "new",
    "calls": "calls",
}

Rankers = Mapping[str, Mapping[str, Any]]


def tables(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Lines."""
    for what in figures.get("simulated", {}).values():
        yield from (f"Simulated: {what}.", "")
    yield from (f"Listeners: {next(iter(figures['rankers'].values()))['users']}.", "")
    yield from ("At the product's artist cap:", "", *_table(figures["rankers"]), "")
    yield from ("Without an artist cap:", "", *_table(figures["uncapped"]))
    months = {name: told["month"] for name, told in figures["rankers"].items() if "month" in told}
    if months:
        yield from ("", "A list a day, history kept:", "", *_months(months))


def _table(rankers: Rankers) -> Iterator[str]:
    yield from _head("ranker", "nDCG@30 [95 %]", "over votes", "over itemknn", "over ease", *COLUMNS.values())
    for name, told in rankers.items():
        gains = (_sure(told, f"vs_{rival}", "+.4f") for rival in ("votes", "itemknn", "ease"))
        yield _row(name, _sure(told, "ndcg@30", ".4f"), *gains, *(_plain(told, column) for column in COLUMNS))


def _months(months: Rankers) -> Iterator[str]:
    days = next(iter(months.values()))["hits"]
    hits, recall = ([f"{what}, day {day}" for day in days] for what in ("hits", "recall"))
    rest = ("repeats", "empty_days", "short_days", "artist_jaccard")
    yield from _head("ranker", *hits, *recall, *(column.replace("_", " ") for column in rest))
    for name, told in months.items():
        found = (f"{value:.2f}" for value in told["hits"].values())
        ends = told["recall_ci"]
        so_far = (f"{value:.3f} [{ends[day][0]:.3f}, {ends[day][1]:.3f}]" for day, value in told["recall"].items())
        yield _row(name, *found, *so_far, *(f"{told[column]:.3f}" for column in rest))


def _sure(told: Mapping[str, Any], figure: str, form: str) -> str:
    if figure not in told:
        return ""
    low, high = told[f"{figure}_ci"]
    return f"{told[figure]:{form}} [{low:{form}}, {high:{form}}]"


def _plain(told: Mapping[str, Any], figure: str) -> str:
    value = told.get(figure)
    return "" if value is None else f"{value:.1f}" if value >= 2 else f"{value:.3f}"


def _head(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield _row(*("---" for _ in cells))


def _row(*cells: Iterable[str] | str) -> str:
    return f"| {' | '.join(map(str, cells))} |"
