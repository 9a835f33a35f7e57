"""Whether the time of an answer tells how much of a guess is right: `python -m vibe.tests.attacks.timing`."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Iterable

from vibe.tests.scratch import scratch

TOKEN = "a-token-of-more-than-thirty-two-characters"
ROUNDS = 20_000
GUESSES = {
    "nothing right": "x" * len(TOKEN),
    "half of it right": TOKEN[: len(TOKEN) // 2] + "x" * (len(TOKEN) - len(TOKEN) // 2),
    "all but the last character": TOKEN[:-1] + "x",
    "another length": TOKEN[:-1],
}


def measured() -> dict[str, list[int]]:
    """Nanoseconds of each comparison, the guesses in a random order."""
    from django.test import RequestFactory

    from vibe import bearer

    requests = {
        name: RequestFactory().post("/", headers={"Authorization": f"Bearer {guess}"})
        for name, guess in GUESSES.items()
    }
    took: dict[str, list[int]] = {name: [] for name in GUESSES}
    for name in random.Random(1).choices(list(GUESSES), k=ROUNDS * len(GUESSES)):
        begin = time.perf_counter_ns()
        assert not bearer.is_shown(requests[name])
        took[name].append(time.perf_counter_ns() - begin)
    return took


def lines(took: dict[str, list[int]]) -> Iterable[str]:
    yield "| guess | median, ns | quarter to three quarters, ns |"
    yield "|---|---|---|"
    for name, times in took.items():
        low, middle, high = statistics.quantiles(times, n=4)
        yield f"| {name} | {middle:.0f} | {low:.0f} to {high:.0f} |"


def main() -> None:
    with scratch():
        from django.conf import settings

        settings.INTERNAL_JOB_TOKEN = TOKEN
        sys.stdout.write("\n".join(lines(measured())) + "\n")


if __name__ == "__main__":
    main()
