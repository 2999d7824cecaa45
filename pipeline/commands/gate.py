"""The gate before every page that is served on this machine: who may ask, from where, and by which method.

What stands behind it is an ASGI application in the same process, so there is no other way in. A page of another site, or of
another port of this machine, can send requests here from the user's browser; so can other users of the machine. Hence:

* a random token in the address that is printed, exchanged for a cookie that scripts can't read and other sites can't send;
* the host must be this machine by the name that was printed, so that no foreign name can be bent to it;
* the page that asks must be one of our own (`Origin` and `Sec-Fetch-Site`): for a cookie all ports are the same site;
* nothing is changed by GET: GraphQL is asked by POST alone.
"""

import hmac
import secrets
import socket
from contextlib import closing
from dataclasses import dataclass, field

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from pipeline.commands.language import SAY
from pipeline.errors import DaijiaoError

HOST = "127.0.0.1"
TOKEN = "token"
_HOSTS = (HOST, "localhost")
_OWN_SITES = ("same-origin", "none")
_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
# Both programs behind the gate need scripts in their pages; nothing may be fetched from, or sent to, another place.
_CONTENT_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'; base-uri 'self'; "
    "form-action 'self'; object-src 'none'"
)
_SECONDS_TO_END = 3
_FOREIGN_PAGE = "本页只接受由它自己发出的请求。请把终端里打印的地址直接粘贴到浏览器的地址栏。"
_NO_TOKEN = "请用终端里打印的完整地址(带 token)打开本页。"
_ONLY_POST = "GraphQL 只接受 POST 请求。"


@dataclass(frozen=True)
class Keys:
    """The secrets of one server: the token of its address, and what the cookie holds that it is exchanged for."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


class Gate:
    """An ASGI application that lets through to another one what passes all of its questions."""

    def __init__(self, app: ASGIApp, keys: Keys, port: int) -> None:
        self._app = app
        self._keys = keys
        self._hosts = [f"{host}:{port}" for host in _HOSTS]
        # Browsers send cookies to all ports of a host, so that two servers need two names.
        self._cookie_name = f"daijiao-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a websocket, or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = self._answer(HTTPConnection(scope))
        if answer is not None and scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await (answer or self._app)(scope, receive, _with_headers(send))

    def _answer(self, asked: HTTPConnection) -> Response | None:
        """The gate's own answer, or null for what may pass."""
        if not self._is_of_own_page(asked):
            return PlainTextResponse(_FOREIGN_PAGE, 403)
        method = asked.scope.get("method", "GET")
        if TOKEN in asked.query_params and method == "GET" and asked.scope["type"] == "http":
            return self._exchanged(asked.query_params[TOKEN])
        if not _is_same(asked.cookies.get(self._cookie_name, ""), self._keys.cookie):
            return PlainTextResponse(_NO_TOKEN, 401)
        if method in ("GET", "HEAD") and _is_graphql_query(asked):
            return PlainTextResponse(_ONLY_POST, 405, {"Allow": "POST"})
        return None

    def _is_of_own_page(self, asked: HTTPConnection) -> bool:
        """Whether a request names this server, and comes from a page of it, from the address bar, or from no browser."""
        headers = asked.headers
        hosts, origins, sites = (headers.getlist(name) for name in ("host", "origin", "sec-fetch-site"))
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return False
        return all(origin == f"http://{hosts[0]}" for origin in origins) and all(site in _OWN_SITES for site in sites)

    def _exchanged(self, token: str) -> Response:
        if not _is_same(token, self._keys.token):
            return PlainTextResponse(_NO_TOKEN, 401)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self._cookie_name, self._keys.cookie, path="/", httponly=True, samesite="strict")
        return answer


def listener(port: int, other: str) -> socket.socket:
    """A socket that listens on a port of this machine; 0 takes a free one.

    Args:
        port: the port.
        other: how to name another one on the command line, such as ``--port 3001``.

    Raises:
        DaijiaoError: the port is taken, or not for this user.
    """
    taken = socket.socket()
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((HOST, port))
        taken.listen()
    except OSError as error:
        taken.close()
        raise DaijiaoError(
            f"Port {port} of this machine can't be used ({error.strerror}): another program may serve there. End it, or give "
            f"another port, such as {other}.",
            f"本机的端口 {port} 不能使用({error.strerror}):可能已有程序占用。请结束它,或换一个端口,例如 {other}。",
        ) from None
    return taken


def serve(app: ASGIApp, listening: socket.socket, title: str) -> None:
    """Serve an application behind the gate until the process is told to end, and print the address with its token.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    keys = Keys()
    port = listening.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            Gate(app, keys, port),
            access_log=False,  # it would write the token down
            log_level="error",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_SECONDS_TO_END,
        )
    )
    print(f"{title}: http://{HOST}:{port}/?{TOKEN}={keys.token}", flush=True)
    print(
        SAY(
            "请在浏览器中打开上面的完整地址;有这个地址的人都能使用本页。按 Ctrl-C 结束。",
            "Whoever has this address can use the page. Ctrl-C ends it.",
        ),
        flush=True,
    )
    with closing(listening):
        server.run(sockets=[listening])


def _is_graphql_query(asked: HTTPConnection) -> bool:
    """Whether a request asks GraphQL something in its address; a browser that wants a page gets the page for asking."""
    is_query = asked.url.path.rstrip("/").endswith("/graphql") and "query" in asked.query_params
    return is_query and asked.scope["type"] == "http" and "text/html" not in asked.headers.get("accept", "")


def _is_same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers.setdefault("Cache-Control", "no-store")
            headers.append("Content-Security-Policy", _CONTENT_POLICY)
        await send(message)

    return with_headers
