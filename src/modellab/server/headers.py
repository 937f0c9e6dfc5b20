"""What browsers are told about every answer: load nothing from elsewhere, frame nothing, guess nothing."""

from __future__ import annotations

from secure import Secure
from secure.headers import (
    CacheControl,
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS_S = 365 * 86_400
"""How long a browser that came by https keeps to it."""

_POLICY = (
    ContentSecurityPolicy()
    .default_src("'self'")
    .img_src("'self'", "data:")
    .style_src("'self'", "'unsafe-inline'")
    .object_src("'none'")
    .base_uri("'none'")
    .form_action("'self'")
    .frame_ancestors("'none'")
)
_ALWAYS = Secure(
    cache=CacheControl().no_store(),
    coop=CrossOriginOpenerPolicy().same_origin(),
    corp=CrossOriginResourcePolicy().same_origin(),
    csp=_POLICY,
    permissions=PermissionsPolicy().geolocation().microphone().camera(),
    referrer=ReferrerPolicy().same_origin(),  # with `no-referrer` our own forms would say `Origin: null`
    xcto=XContentTypeOptions().nosniff(),
    xfo=XFrameOptions().deny(),
)
_BY_HTTPS = Secure(hsts=StrictTransportSecurity().max_age(HSTS_S))


class SecurityHeaders:
    """Adds the headers that an answer does not have by itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._plain = _encode(_ALWAYS)
        self._https = self._plain + _encode(_BY_HTTPS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI)
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = self._https if scope["scheme"] == "https" else self._plain

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message.get("headers", ())}
                more = [header for header in wanted if header[0] not in there]
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _encode(headers: Secure) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.header_items()]
