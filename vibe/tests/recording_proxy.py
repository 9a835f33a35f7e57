"""A reverse proxy that stands before a sandbox and remembers every exchange, to be validated afterwards."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from vibe.tests.openapi import Exchange

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


class RecordingProxy:
    """Serves at `url` what the server at `target` answers; `exchanges` holds what passed."""

    def __init__(self, target: str) -> None:
        self.exchanges: list[Exchange] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(target).netloc, self.exchanges))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> RecordingProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _handler(target: str, exchanges: list[Exchange]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            # With the Host header the caller sent, so that the links in the answers lead back here.
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            connection = http.client.HTTPConnection(target, timeout=60)
            try:
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
            finally:
                connection.close()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
            exchanges.append(Exchange(self.command, self.path, headers, body, answer.status, kept, content))
            self.send_response_only(answer.status)
            for name, value in kept.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _pass_on

        def log_message(self, *_: object) -> None:
            """Silent: the tests read the exchanges."""

    return Handler
