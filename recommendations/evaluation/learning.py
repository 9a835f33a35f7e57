"""How fast the sources' weights follow a listener, on made-up ones: `python -m recommendations.evaluation.learning`.

Each day brings a list of thirty, of which each source gives its share times its weight; a track is played with the
probability of its source. Real lists differ: this shows the formula and neither taste nor engine.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Mapping

from recommendations.learning import Tally, source_weights
from recommendations.outcomes import HEARD, KEPT, UNKNOWN

SIZE, LEARNT = 30, 90  # tracks a list, days that are learnt from
SHOWN = (7, 14, 30, 60, 90, 180)
LISTENERS = 40
TASTES = {
    "plays 30 % of both": {"a": 0.3, "b": 0.3},
    "plays 36 % and 24 %": {"a": 0.36, "b": 0.24},
    "plays 40 % and 20 %": {"a": 0.4, "b": 0.2},
    "plays 20 % and 10 %": {"a": 0.2, "b": 0.1},
    "plays 8 % and 4 %": {"a": 0.08, "b": 0.04},
}


def simulated(taste: Mapping[str, float], days: int, rng: random.Random, told: float = 1.0) -> list[dict[str, float]]:
    """The weights after each day. `taste`: source -> share of its tracks played; `told`: share of days one hears of."""
    tallies: list[Tally] = []
    course: list[dict[str, float]] = []
    for day in range(days):
        weights = course[-1] if course else {}
        shares = [weights.get(source, 1.0) for source in taste]
        is_told = rng.random() < told
        counts = Counter(
            (source, (HEARD if rng.random() < taste[source] else KEPT) if is_told else UNKNOWN)
            for source in rng.choices(list(taste), shares, k=SIZE)
        )
        tallies += [Tally(day, (source,), word, count) for (source, word), count in counts.items()]
        tallies = [row for row in tallies if row.list_id > day - LEARNT]
        course.append(dict.fromkeys(taste, 1.0) | source_weights(tallies))
    return course


def main() -> None:
    lines = [" ".join(["listener".ljust(38), *(f"day {day}".rjust(15) for day in SHOWN)])]
    for name, taste in TASTES.items():
        for told in (1.0, 0.5):
            rngs = [random.Random(seed) for seed in range(LISTENERS)]  # noqa: S311  made-up listeners
            courses = [simulated(taste, max(SHOWN), rng, told) for rng in rngs]
            words = f"{name}{'' if told == 1 else ', half told'}"
            for source in taste:
                spreads = [_spread([course[day - 1][source] for course in courses]) for day in SHOWN]
                lines.append(" ".join([f"{words}: {source}".ljust(38), *(one.rjust(15) for one in spreads)]))
    sys.stdout.write("\n".join(lines) + "\n")


def _spread(weights: list[float]) -> str:
    """The middle one, and between which nine of ten lie."""
    ranked = sorted(weights)
    low, middle, high = (ranked[int(share * (len(ranked) - 1))] for share in (0.05, 0.5, 0.95))
    return f"{middle:.2f} {low:.2f}-{high:.2f}"


if __name__ == "__main__":
    main()
