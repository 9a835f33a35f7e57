"""What the two commands that start a sandbox share: their options, and the start."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vibe.sandbox import server, world
from vibe.sandbox.limits import EVERY
from vibe.sandbox.state import Sandbox, real_now

DESCRIPTION = "Serve stand-ins for Spotify, Last.fm and Telegram: no account, no network (docs/sandbox.md)."


class CannotStart(Exception):
    """Says why in one line."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8090, help="0 takes any free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--world", type=Path, metavar="FILE", help="a .json or .json.gz; the built-in world otherwise")
    parser.add_argument("--mode", choices=["development", "extended"], default="development")
    parser.add_argument("--latency", type=int, default=0, metavar="MS", help="how long each answer takes")
    parser.add_argument("--rate", type=int, default=0, metavar="N", help="calls to Spotify in 30 s; 0 for any")
    parser.add_argument(
        "--daily", type=int, default=0, metavar="N", help="calls of each family in 24 h, in development mode"
    )


def run(options: Mapping[str, Any], say: Callable[[str], object]) -> None:
    """Serves until it is told to stop. Raises CannotStart."""
    if not 0 <= options["port"] <= 65535 or min(options[name] for name in ("latency", "rate", "daily")) < 0:
        raise CannotStart("--port must be 0 to 65535; --latency, --rate and --daily 0 or more.")
    try:
        # The port first: whoever mistyped it learns so at once.
        sock = server.listen(options["host"], options["port"])
        sandbox = Sandbox(
            world.build(_document(options["world"]), real_now()),
            extended=options["mode"] == "extended",
            latency=options["latency"] / 1000,
        )
        sandbox.limits.set(options["rate"], {EVERY: options["daily"]})
    except (server.PortTaken, world.WorldError) as error:
        raise CannotStart(str(error)) from error
    host, port = sock.getsockname()[:2]
    say(f"Sandbox at http://{f'[{host}]' if ':' in host else host}:{port}/ (stop it with Ctrl-C)\n")
    sys.stdout.flush()
    server.serve(sandbox, sock)


def _document(path: Path | None) -> dict[str, Any]:
    if path:
        return world.read(path)
    from vibe.sandbox import atlas

    document: dict[str, Any] = atlas.build()
    return document
