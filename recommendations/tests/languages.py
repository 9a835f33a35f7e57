"""The labelled titles of languages.txt; `python -m recommendations.tests.languages` prints how many are told wrong."""

from __future__ import annotations

import sys
from pathlib import Path

from recommendations.languages import language

_LINES = (Path(__file__).parent / "languages.txt").read_text(encoding="utf-8").splitlines()
LABELLED = [[part.strip() for part in line.split(" | ")] for line in _LINES if " | " in line and line[0] != "#"]


def wrong(only: str | None = None) -> list[list[str]]:
    return [row for row in LABELLED if only in (None, row[0]) and language(*row[1:]) != row[0]]


def main() -> None:
    labels = [row[0] for row in LABELLED]
    for label in dict.fromkeys(labels):
        taken_for = ", ".join(f"{title} ({language(artist, title) or 'none'})" for _, artist, title in wrong(label))
        sys.stdout.write(f"| {label or 'none'} | {labels.count(label)} | {len(wrong(label))} | {taken_for} |\n")
    sys.stdout.write(f"| together | {len(LABELLED)} | {len(wrong())} | |\n")


if __name__ == "__main__":
    main()
