"""The app in a browser: textual-serve's server, kept to the pages that it served itself."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_FONT_FROM_ELSEWHERE = re.compile(r'<link\s[^>]*href="https?://[^>]*>')


class LocalServer(Server):
    """Each page that is opened runs an app of its own, with this process's environment, keys included.

    So a page of another site must not reach it: a request's `Origin` must be where it is sent to, and a server for this
    machine alone answers to no other name than this machine's.
    """

    def initialize_logging(self) -> None:
        """Warnings alone, without locals: the environment, with its keys, is among them."""
        logging.basicConfig(level=logging.WARNING, format="%(message)s")

    async def on_startup(self, app: web.Application) -> None:
        """The command has said where to look."""

    async def handle_index(self, request: web.Request) -> Any:
        """The page, reached by whatever name the browser knows this server by."""
        self.public_url = f"{request.scheme}://{request.host}"
        return await super().handle_index(request)

    def serve(self, debug: bool = False) -> None:
        """Serve until ctrl+c. Raises OSError where the address cannot be had."""
        self.initialize_logging()
        loop = asyncio.new_event_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.request_exit)
        web.run_app(
            self._make_app(), host=self.host, port=self.port, handle_signals=False, loop=loop, print=None
        )

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._own_pages_only)
        app.router.add_get("/favicon.ico", self._no_icon)
        return app

    async def _no_icon(self, request: web.Request) -> web.Response:
        return web.Response(status=204)

    @web.middleware
    async def _own_pages_only(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not self.welcome(request.host, request.headers.get("Origin")):
            raise web.HTTPForbidden(text="this page may not open lhe-tui")
        response = await handler(request)
        if isinstance(response, web.Response) and response.content_type == "text/html" and response.text:
            # The page asks another site for a font; nothing of ours does.
            response.text = _FONT_FROM_ELSEWHERE.sub("", response.text)
        return response

    def welcome(self, host: str, origin: str | None) -> bool:
        """Whether a request to `host` (a name and a port) that a page of `origin` makes is answered."""
        name = urlsplit(f"//{host}").hostname
        if self.host in LOOPBACK and name not in LOOPBACK:
            return False
        return origin is None or urlsplit(origin).netloc == host
