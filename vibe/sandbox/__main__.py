"""`python -m vibe.sandbox`: `manage.py sandbox` without Django, in a third of the time to start."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from vibe.sandbox.command import DESCRIPTION, CannotStart, add_arguments, run


def main() -> None:
    parser = ArgumentParser(prog="python -m vibe.sandbox", description=DESCRIPTION)
    add_arguments(parser)
    try:
        run(vars(parser.parse_args()), sys.stdout.write)
    except CannotStart as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
