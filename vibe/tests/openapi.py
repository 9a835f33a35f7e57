"""Checks recorded exchanges with the Web API against Spotify's published schema.

The schema is not part of this project: `SCHEMA` names where it is looked for. What it gets wrong, or cannot
know yet, is put right in `tolerant`; docs/sandbox.md lists it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "openapi" / "spotify.yaml"
SERVER = "https://api.spotify.com"
METHODS = ("get", "put", "post", "delete")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as a proxy saw them; `target` is path and query."""

    method: str
    target: str
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    response_headers: Mapping[str, str]
    response_body: bytes


def needs_schema() -> None:
    """Skips where the schema is missing; in continuous integration that is a failure."""
    if SCHEMA.is_file():
        return
    if os.environ.get("CI"):
        pytest.fail(f"{SCHEMA} is missing, and CI must not go without it")
    pytest.skip(f"{SCHEMA} is missing")


def validate(exchange: Exchange) -> list[str]:
    """What is wrong with the exchange by the schema: nothing, if all is well. Only /v1/ is looked at."""
    path = urlsplit(exchange.target).path
    if not path.startswith("/v1/") or exchange.status >= 500:  # an outage follows no schema
        return []
    request = _request(exchange)
    complaints = [f"request: {text}" for text in _complaints("request", request, exchange)]
    complaints += [f"answer {exchange.status}: {text}" for text in _complaints("response", request, exchange)]
    return [f"{exchange.method} {exchange.target}: {text}" for text in complaints]


def _complaints(side: str, request: WerkzeugOpenAPIRequest, exchange: Exchange) -> Iterator[str]:
    try:
        if side == "request":
            # What Spotify refused need not be right; the answer still must be.
            if exchange.status < 400:
                if "Bearer " not in exchange.request_headers.get("Authorization", ""):
                    yield "no access token"
                _schema().validate_request(request)
        elif exchange.response_body:
            _schema().validate_response(request, _response(exchange))
        elif "Content-Type" in exchange.response_headers:
            yield "an empty answer carries a Content-Type"
    except OpenAPIError as error:
        yield from _causes(error)


def _causes(error: BaseException) -> Iterator[str]:
    below = getattr(error, "schema_errors", None) or ([error.__cause__] if error.__cause__ else [])
    if not below:
        yield f"{'/'.join(map(str, getattr(error, 'absolute_path', ())))} {error}"[:300]
    for cause in below:
        yield from _causes(cause)


def _request(exchange: Exchange) -> WerkzeugOpenAPIRequest:
    parts = urlsplit(exchange.target)
    headers = {
        name: value
        for name, value in exchange.request_headers.items()
        if name.lower() not in ("content-length", "host")
    }
    builder = EnvironBuilder(
        path=parts.path.removesuffix("/"),  # spotipy writes `me/` and `albums/{id}/tracks/`
        base_url=SERVER,
        method=exchange.method,
        query_string=dict(parse_qsl(parts.query)),
        headers=list(headers.items()),
        data=exchange.request_body,
    )
    return WerkzeugOpenAPIRequest(Request(builder.get_environ()))


def _response(exchange: Exchange) -> WerkzeugOpenAPIResponse:
    return WerkzeugOpenAPIResponse(
        Response(exchange.response_body, exchange.status, headers=dict(exchange.response_headers))
    )


@cache
def _schema() -> OpenAPI:
    return OpenAPI.from_dict(tolerant(yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))))


def tolerant(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without what is known to be wrong in it."""
    parts = schema["components"]["schemas"]
    for one in parts.values():
        _without_lost_fields(one, parts)
    # Null where there is nothing: no further page, no cursor, a play from nowhere in particular.
    parts["CursorPagingObject"]["properties"]["next"]["nullable"] = True
    parts["CursorObject"]["properties"]["after"]["nullable"] = True
    parts["CursorObject"]["nullable"] = parts["ContextObject"]["nullable"] = True
    # "track" is not the name of the schema it stands for.
    kinds = {"track": "#/components/schemas/TrackObject", "episode": "#/components/schemas/EpisodeObject"}
    for key in ("item", "track"):
        parts["PlaylistTrackObject"]["properties"][key]["discriminator"]["mapping"] = kinds
    # The checker hands a body that is neither JSON nor a form over as bytes.
    cover = schema["paths"]["/playlists/{playlist_id}/images"]["put"]["requestBody"]
    cover["content"]["image/jpeg"]["schema"] = {"type": "string", "format": "binary"}
    # Only 401, 403 and 429 are written down; all errors look alike.
    answer = schema["components"]["responses"]["Unauthorized"]
    for operation in (path[verb] for path in schema["paths"].values() for verb in METHODS if verb in path):
        operation.pop("security", None)  # the checker knows no OAuth; `_complaints` looks for the token
        operation["responses"] |= dict.fromkeys(("400", "404", "405", "413"), answer)
    return schema


def _without_lost_fields(one: dict[str, Any], parts: Mapping[str, Any]) -> None:
    """A field Development Mode lost is only marked deprecated: it cannot be required as well."""
    layers = [one, *one.get("allOf", [])]
    lost = {name for layer in layers for name, field in layer.get("properties", {}).items() if field.get("deprecated")}
    for layer in layers:
        if "required" in layer:
            layer["required"] = [name for name in layer["required"] if name not in lost]
            if not layer["required"]:
                del layer["required"]
