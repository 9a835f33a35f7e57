"""A PostgreSQL server of one check's own, which it may stop as a crash would."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INSTALLED = "/usr/lib/postgresql"
# Its own clients alone, over loopback.
CONFIGURATION = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nport = {port}\n"


@dataclass
class Server:
    folder: Path
    programs: Path
    port: int

    @property
    def place(self) -> dict[str, str]:
        return {"DATABASE_URL": f"postgres://postgres@127.0.0.1:{self.port}/postgres", "DB_PATH": ""}

    def start(self) -> None:
        self._pg_ctl("-l", str(self.folder / "log"), "-w", "-t", "60", "start")

    def stop(self) -> None:
        """At once, in the middle of everything; the next start recovers from its log."""
        self._pg_ctl("-m", "immediate", "stop")

    def _pg_ctl(self, *words: str) -> None:
        run([self.programs / "pg_ctl", "-D", self.folder / "data", *words], self.folder)


@contextmanager
def own_server() -> Iterator[Server]:
    """Needs initdb and pg_ctl; as root, a user postgres too."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(folder, _programs(), _free_port())
    try:
        run([server.programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"], folder)
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION.format(port=server.port))
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder)


def run(command: list[str | Path], folder: Path) -> None:
    """As the server's owner: it refuses to run as root. Its output goes to a file, or we should wait for its end."""
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with (folder / "said").open("ab") as said:
        words = [*as_owner, *map(str, command)]
        subprocess.run(words, cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=said, stderr=said)


def _programs() -> Path:
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = Path(INSTALLED).glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    if newest is None:
        raise RuntimeError("initdb and pg_ctl of PostgreSQL are not installed")
    return newest.parent


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
