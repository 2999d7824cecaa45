"""A small server behind the gate that notes what reaches it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from pipeline.commands.gate import HOST, Gate, Keys, listener

TOKEN = "the-token-of-the-address"
COOKIE = "what-it-is-exchanged-for"


@dataclass
class Behind:
    """A server behind the gate, and every request that reached it."""

    port: int = 0
    reached: list[str] = field(default_factory=list)

    @property
    def own(self) -> dict[str, str]:
        """The cookie of whoever came with the token."""
        return {"Cookie": f"daijiao-{self.port}={COOKIE}"}

    def ask(self, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
        """The answer to a request; underscores in the names of headers stand for hyphens."""
        connection = HTTPConnection(HOST, self.port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        return connection.getresponse()


@contextmanager
def serving(*, is_guarded: bool = True) -> Iterator[Behind]:
    """A page, a GraphQL address and a websocket behind the gate, or without it."""
    behind = Behind()

    async def page(request: Request) -> PlainTextResponse:
        if request.url.path != "/favicon.ico":  # a browser asks for it whenever it likes
            behind.reached.append(f"{request.method} {request.url.path}")
        return PlainTextResponse("figures")

    async def talk(websocket: WebSocket) -> None:
        behind.reached.append("websocket")
        await websocket.accept()
        await websocket.send_text("figures")
        await websocket.close()

    routes = [
        WebSocketRoute("/graphql", talk),
        Route("/{path:path}", page, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    with listener(0, "--port 1") as listening:
        behind.port = listening.getsockname()[1]
        app = Starlette(routes=routes)
        with _running(Gate(app, Keys(TOKEN, COOKIE), behind.port) if is_guarded else app, listening):
            yield behind


@contextmanager
def _running(app: ASGIApp, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join(10)
