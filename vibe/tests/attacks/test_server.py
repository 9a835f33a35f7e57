"""Attacks on the server itself, with bytes that no library would send. The first line of each is its row."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from vibe.tests.sandbox_process import ROOT


def ask(address: tuple[str, int], request: bytes) -> bytes:
    """The first bytes of the answer; empty where the connection was closed without one."""
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(request)
        try:
            return connection.recv(65_536)
        except ConnectionResetError:
            return b""


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    environment = {**os.environ, "DATABASE_URL": "sqlite://:memory:", "DB_PATH": ""}
    command = [sys.executable, "-m", "gunicorn", "vibe.wsgi", "--bind", f"127.0.0.1:{address[1]}"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            if status(ask(address, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")) == 200:
                break
        except ConnectionRefusedError:
            time.sleep(0.1)
    yield address
    process.terminate()
    process.communicate(timeout=30)


PATHS = ("/static/../vibe/settings.py", "/static/..%2f.env", "/static/%2e%2e/.env", "/.env", "/../.env", "//etc/passwd")


def test_path_traversal(server):
    """Files outside of the static ones by .. in all spellings | 404"""
    for path in PATHS:
        answer = ask(server, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        assert status(answer) == 404, path
        assert b"SECRET" not in answer


def test_smuggled_requests(server):
    """A request hidden behind a second length (Content-Length with Transfer-Encoding, or two) | 400 or one answer"""
    hidden = b"GET /admin/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for lengths in (b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"Content-Length: 0\r\nContent-Length: 44"):
        request = b"POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\n" + lengths + b"\r\n\r\n0\r\n\r\n" + hidden
        answer = ask(server, request)
        assert status(answer) in {0, 400, 403, 405}
        assert answer.count(b"HTTP/1.1") <= 1


def test_huge_headers(server):
    """An address, a header or a cookie of 100,000 characters | 400, 414 or 431"""
    long = b"a" * 100_000
    for request in (
        b"GET /" + long + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=" + long + b"\r\n\r\n",
    ):
        assert status(ask(server, request)) in {0, 400, 414, 431}


def test_debug_pages(server):
    """Whatever might show a traceback or a setting | a plain 404 or 400"""
    for path in ("/nothing", "/admin/nothing", "/telegram/nothing", "/runs/%00"):
        answer = ask(server, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        assert status(answer) in {302, 400, 404}, path
        assert not [word for word in (b"Traceback", b"urlconf", b"Django") if word in answer]
