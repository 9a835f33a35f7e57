"""`manage.py sandbox`: stand-ins for Spotify, Last.fm and Telegram on one port."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vibe.sandbox import server, world
from vibe.sandbox.limits import EVERY
from vibe.sandbox.state import Sandbox, real_now


class Command(BaseCommand):
    help = "Serve stand-ins for Spotify, Last.fm and Telegram: no account, no network (docs/sandbox.md)."
    # It must work before there is a .env, a database or a migration.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8090, help="0 takes any free one")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--world", type=Path, metavar="FILE", help="a .json or .json.gz; the built-in world otherwise"
        )
        parser.add_argument("--mode", choices=["development", "extended"], default="development")
        parser.add_argument("--latency", type=int, default=0, metavar="MS", help="how long each answer takes")
        parser.add_argument("--rate", type=int, default=0, metavar="N", help="calls to Spotify in 30 s; 0 for any")
        parser.add_argument(
            "--daily", type=int, default=0, metavar="N", help="calls of each family in 24 h, in development mode"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 0 <= options["port"] <= 65535 or min(options[name] for name in ("latency", "rate", "daily")) < 0:
            raise CommandError("--port must be 0 to 65535; --latency, --rate and --daily 0 or more.")
        try:
            # The port first: whoever mistyped it learns so at once.
            sock = server.listen(options["host"], options["port"])
            sandbox = Sandbox(
                world.build(self._document(options["world"]), real_now()),
                extended=options["mode"] == "extended",
                latency=options["latency"] / 1000,
            )
            sandbox.limits.set(options["rate"], {EVERY: options["daily"]})
        except (server.PortTaken, world.WorldError) as error:
            raise CommandError(str(error)) from error
        host, port = sock.getsockname()[:2]
        self.stdout.write(f"Sandbox at http://{f'[{host}]' if ':' in host else host}:{port}/ (stop it with Ctrl-C)")
        self.stdout.flush()
        server.serve(sandbox, sock)

    @staticmethod
    def _document(path: Path | None) -> dict[str, Any]:
        if path:
            return world.read(path)
        from vibe.sandbox import atlas

        document: dict[str, Any] = atlas.build()
        return document
