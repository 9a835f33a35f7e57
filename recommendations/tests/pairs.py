"""The table of hard pairs, and how well `matches` tells them apart: `python -m recommendations.tests.pairs`.

Prints precision and recall of both parts of the table, and the failures of the part that may be mended by.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from recommendations.matching import SURE, matches
from vibe.clients.types import Artist, Track

HERE = Path(__file__).parent
_LENGTH = re.compile(r"(\d+):(\d\d)")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")


@dataclass(frozen=True, slots=True)
class Pair:
    line: str
    section: str
    same: bool
    artist: str
    title: str
    isrc: str
    duration_ms: int
    found: Track

    @property
    def taken(self) -> bool:
        return matches(self.artist, self.title, self.found, isrc=self.isrc, duration_ms=self.duration_ms) >= SURE


def read(name: str) -> list[Pair]:
    pairs, section = [], ""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            section = line.removeprefix("# ")
        elif line:
            pairs.append(_pair(line, section))
    return pairs


def _pair(line: str, section: str) -> Pair:
    verdict, names = line.split(maxsplit=1)
    wanted, found = (_track(side) for side in names.split(" -> "))
    if verdict not in ("same", "other"):
        raise ValueError(line)
    artist = " | ".join(artist.name for artist in wanted.artists)
    return Pair(line, section, verdict == "same", artist, wanted.name, wanted.isrc, wanted.duration_ms, found)


def _track(side: str) -> Track:
    artists, title, *facts = (part.strip() for part in side.split(" :: "))
    told = dict(map(_fact, facts))
    names = tuple(Artist("", name.strip()) for name in artists.split(" | "))
    return Track("", title, names, told.get("album", ""), int(told.get("length", 0)), told.get("isrc", ""))


def _fact(fact: str) -> tuple[str, str]:
    if length := _LENGTH.fullmatch(fact):
        return "length", str(1000 * (60 * int(length[1]) + int(length[2])))
    if _ISRC.fullmatch(fact):
        return "isrc", fact
    if fact.startswith("on "):
        return "album", fact.removeprefix("on ")
    raise ValueError(fact)


@dataclass(frozen=True, slots=True)
class Figures:
    precision: float
    recall: float
    failures: tuple[Pair, ...]

    @classmethod
    def of(cls, pairs: list[Pair]) -> Figures:
        taken = [pair for pair in pairs if pair.taken]
        right = sum(pair.same for pair in taken)
        failures = tuple(pair for pair in pairs if pair.taken != pair.same)
        return cls(right / len(taken), right / sum(pair.same for pair in pairs), failures)


TABLE, HELD_OUT = read("pairs.txt"), read("pairs_held_out.txt")


def main() -> None:
    for name, pairs in (("mended by", TABLE), ("held out", HELD_OUT), ("together", TABLE + HELD_OUT)):
        figures, same = Figures.of(pairs), sum(pair.same for pair in pairs)
        counts = f"{len(pairs)} pairs, {same} same and {len(pairs) - same} other"
        print(f"{name:<10} precision {figures.precision:.3f}  recall {figures.recall:.3f}  ({counts})")  # noqa: T201
    for pair in Figures.of(TABLE).failures:
        print(f"{'taken' if pair.taken else 'missed':<7} {pair.line}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
