"""The sandbox as a WSGI application and as a threaded server that stops at once when told to."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from vibe.sandbox import chat, control, hands, pages, telegram, telegram_control
from vibe.sandbox.control_body import ControlError
from vibe.sandbox.faults import FaultError
from vibe.sandbox.misbehave import Dropped, misbehave
from vibe.sandbox.state import Sandbox
from vibe.sandbox.vendors import VENDORS, Handler, asked
from vibe.sandbox.wire import VendorError, as_json, empty

LARGEST_BODY = 1024 * 1024
LARGEST_UPLOAD = 50 * LARGEST_BODY  # of a file to Telegram
DRAINED = 64 * 1024 * 1024
SECRET = {"api_key", "token", "sk", "api_sig", "client_secret", "code", "refresh_token"}


class PortTaken(Exception):
    """Another program listens there."""


class SandboxRequest(Request):
    max_content_length = LARGEST_BODY
    max_form_memory_size = LARGEST_BODY


def application(sandbox: Sandbox) -> Callable[[Any, Any], Iterable[bytes]]:
    def handle(environ: Any, start: Any) -> Iterable[bytes]:
        with SandboxRequest(environ) as request:  # closes what was uploaded
            return respond(sandbox, request)(environ, start)

    return handle


def respond(sandbox: Sandbox, request: Request) -> Response:
    service = _service(request.path)
    if service == "":
        return _people(sandbox, request)
    if service == "telegram" and request.mimetype == "multipart/form-data":
        request.max_content_length = LARGEST_UPLOAD
    row = _noted(sandbox, service, request)
    time.sleep(sandbox.latency)
    try:
        response = _vendor(sandbox, service, request, row)
    except Dropped as dropped:
        row["status"] = dropped.status
        return empty()  # nobody reads it: the connection is closed
    row["status"] = response.status_code
    response.date = sandbox.clock.now()
    return response


def _service(path: str) -> str:
    for service, vendor in VENDORS.items():
        if path.startswith(vendor.prefixes):
            return service
    return ""


def _people(sandbox: Sandbox, request: Request) -> Response:
    """The control interface and the pages: no latency, no faults, not among the calls."""
    try:
        with sandbox.lock:
            for prefix, answer in PEOPLE:
                if request.path.startswith(prefix):
                    return answer(sandbox, request)
            done = chat.answer(sandbox, request) or hands.answer(sandbox, request)
            return done or pages.answer(sandbox, request.path)
    except (ControlError, FaultError) as error:
        return as_json({"error": str(error)}, 400)
    except HTTPException as error:
        return as_json({"error": error.description}, error.code or 400)


def _vendor(sandbox: Sandbox, service: str, request: Request, row: dict[str, Any]) -> Response:
    def serve() -> Response:
        with sandbox.lock:
            return _worded(service, request, lambda: VENDORS[service].answer(sandbox, request))

    def answer() -> Response:
        path, step = _fault_path(service, request), _step(service, request)
        fault = sandbox.faults.take(service, request.method, path, step)
        if fault is None:
            return serve()
        row["fault"] = fault.kind
        return misbehave(fault, service, sandbox, request, serve)

    return _worded(service, request, answer)


def _worded(service: str, request: Request, act: Callable[[], Response]) -> Response:
    """What `act` answers, its errors in the vendor's words."""
    try:
        return act()
    except VendorError as error:
        return error.response(request)
    except HTTPException as error:  # a body too large, a form nobody can read
        return VENDORS[service].refusal(error.code or 400).response(_without_body(request))


def _without_body(request: Request) -> Request:
    """Read to the end first: a connection closed under a client still sending hides the answer from it."""
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, DRAINED)
    while left > 0 and (read := len(stream.read(min(left, 65536)))):
        left -= read
    return Request({**request.environ, "CONTENT_LENGTH": "0", "wsgi.input": BytesIO()})


def _fault_path(service: str, request: Request) -> str:
    """What a fault's `path` is compared with; for Last.fm the method stands in for one."""
    return f"/2.0/{request.values.get('method', '')}" if service == "lastfm" else request.path


def _step(service: str, request: Request) -> str:
    if service == "accounts" and request.method == "POST":
        return request.form.get("grant_type", "")
    made = request.method == "POST" and request.path.startswith(("/v1/me/playlists", "/v1/users/"))
    return "create_playlist" if made else ""


def _noted(sandbox: Sandbox, service: str, request: Request) -> dict[str, Any]:
    """The call's row in /_sandbox/calls, without secrets; the status is filled in when it is known."""
    path = request.path
    if service == "telegram":
        path = f"/bot…/{path.rsplit('/', 1)[-1]}"
    row: dict[str, Any] = {
        "at": sandbox.clock.now().isoformat(),
        "service": service,
        "method": request.method,
        "path": path,
        "query": {name: value for name, value in asked(service, request).items() if name not in SECRET},
        "status": None,
        "family": VENDORS[service].family(request),
    }
    with sandbox.lock:
        sandbox.calls.append(row)
        if service == "telegram":
            telegram.note(sandbox, request, row)
    return row


PEOPLE: tuple[tuple[str, Handler], ...] = (
    ("/_sandbox/telegram/", telegram_control.answer),
    ("/_sandbox/", control.answer),
)


class QuietHandler(WSGIRequestHandler):
    """Its own calls are listed at /_sandbox/calls; the terminal stays free."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without the real time: a vendor's answer bears the sandbox's."""
        self.send_response_only(code, message)
        self.send_header("Server", self.version_string())

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        if type == "error":
            sys.stderr.write(f"{message % args}\n")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise PortTaken(f"Port {port} of {host} cannot be used: {error.strerror}.") from error
    sock.listen(128)
    return sock


def serve(sandbox: Sandbox, sock: socket.socket) -> None:
    """Serves until SIGTERM or SIGINT."""
    host, port = sock.getsockname()[:2]
    server = make_server(
        host, port, application(sandbox), threaded=True, request_handler=QuietHandler, fd=sock.fileno()
    )

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
