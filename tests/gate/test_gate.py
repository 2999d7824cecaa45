"""The gate by raw requests: what passes is what a page of its own asks, with the cookie for which the token is exchanged."""

import socket
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from pipeline.commands.gate import HOST, Keys, listener
from pipeline.errors import DaijiaoError
from tests.gate.behind import COOKIE, TOKEN, Behind, serving


@pytest.fixture(scope="module")
def running() -> Iterator[Behind]:
    """A server behind the gate."""
    with serving() as behind:
        yield behind


@pytest.fixture
def behind(running: Behind) -> Behind:
    """The server, which nothing reached yet."""
    running.reached.clear()
    return running


def test_the_token_is_exchanged_for_a_cookie(behind: Behind) -> None:
    """Which scripts can't read and other sites can't send; the address without the token is shown from then on."""
    answer = behind.ask(f"/?token={TOKEN}")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and TOKEN not in cookie
    assert behind.reached == []
    answer = behind.ask("/figures", Cookie=cookie.partition(";")[0])
    assert (answer.status, answer.read()) == (200, b"figures")


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=", "/graphql", "//evil.example/?token=x", "/%2e%2e/"])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE"])
def test_nothing_is_answered_without_token_or_cookie(behind: Behind, path: str, method: str) -> None:
    """Nor for a cookie of another server, or for the token in its place."""
    for cookie in ("", f"daijiao-{behind.port}={TOKEN}", f"daijiao-{behind.port}=", f"daijiao-1={COOKIE}"):
        assert behind.ask(path, method, Cookie=cookie).status == 401
    assert behind.reached == []


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:3000",
        "127.0.0.1.evil.example",
        "127.0.0.1:1",
        "127.0.0.1",
        "127.0.0.2",
        "",
        "[::1]",
    ],
)
def test_a_foreign_host_is_refused(behind: Behind, host: str) -> None:
    """A name that somebody else's server gives to this machine opens nothing, not even with the token."""
    for path in ("/figures", f"/?token={TOKEN}"):
        answer = behind.ask(path, Host=host, **behind.own)
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers
    assert behind.reached == []


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "https://127.0.0.1"},
    {"Origin": ""},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "same-origin, cross-site"},
    {"Sec_Fetch_Site": "else"},
]


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_page_is_refused(behind: Behind, method: str, foreign: dict[str, str]) -> None:
    """Also one on another port of this machine, for which the browser sends the cookie."""
    assert behind.ask("/figures", method, **behind.own, **foreign).status == 403
    assert behind.ask(f"/?token={TOKEN}", **foreign).status == 403
    assert behind.reached == []


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_an_own_page_passes(behind: Behind, site: str) -> None:
    """By the name of the address that was printed, or as localhost."""
    for host in (HOST, "localhost"):
        own = {"Host": f"{host}:{behind.port}", "Origin": f"http://{host}:{behind.port}", "Sec_Fetch_Site": site}
        assert behind.ask("/graphql", "POST", **behind.own, **own).status == 200
    assert behind.reached == ["POST /graphql"] * 2


@pytest.mark.parametrize(
    "path",
    [
        "/graphql?query=mutation%7Bx%7D",
        "/graphql?query=%7Bx%7D&query=mutation%7Bx%7D",
        "/graphql/?query=mutation%7Bx%7D",
        "/%67raphql?query=mutation%7Bx%7D",
    ],
)
def test_graphql_is_asked_by_post_alone(behind: Behind, path: str) -> None:
    """So that no address, link or picture changes anything."""
    answer = behind.ask(path, **behind.own)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert behind.reached == []
    assert behind.ask(path, "POST", **behind.own).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cookie": "daijiao-1=x"},
        {"Host": "evil.example", "own": "yes"},
        {"Origin": "http://evil.example", "own": "yes"},
        {"Origin": "http://127.0.0.1:1", "own": "yes"},
        {"Sec-Fetch-Site": "same-site", "own": "yes"},
    ],
)
def test_websockets_are_checked_alike(behind: Behind, headers: dict[str, str]) -> None:
    """Before anything is said."""
    sent = {name: value for name, value in headers.items() if name not in ("own", "Host")}
    if "own" in headers:
        sent |= behind.own
    address = f"ws://{headers.get('Host', HOST)}:{behind.port}/graphql"
    reached = socket.create_connection((HOST, behind.port))
    with pytest.raises(InvalidStatus) as refused, connect(address, sock=reached, additional_headers=sent):
        pass
    assert refused.value.response.status_code == 403
    assert behind.reached == []


def test_two_hosts_are_none(behind: Behind) -> None:
    """Whoever names two could mean either."""
    connection = HTTPConnection(HOST, behind.port, timeout=10)
    connection.putrequest("GET", "/figures")
    connection.putheader("Host", "evil.example")
    connection.putheader("Cookie", behind.own["Cookie"])
    connection.endheaders()
    assert connection.getresponse().status == 403
    assert behind.reached == []


def test_a_websocket_of_an_own_page_is_opened(behind: Behind) -> None:
    """As Dagster's page and the notebook need it."""
    address = f"{HOST}:{behind.port}"
    headers = {"Origin": f"http://{address}"} | behind.own
    with connect(f"ws://{address}/graphql", additional_headers=headers) as websocket:
        assert websocket.recv() == "figures"


@pytest.mark.parametrize("path", ["/figures", "/?token=wrong"])
def test_every_answer_tells_browsers_what_is_forbidden(behind: Behind, path: str) -> None:
    """Frames of others, guessed types, addresses sent on, copies kept, and anything loaded from elsewhere."""
    headers = behind.ask(path, **behind.own).headers
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_a_taken_port_is_one_sentence() -> None:
    """That says what to do."""
    with (
        listener(0, "--port 1") as listening,
        pytest.raises(DaijiaoError, match=r"Port .* can't be used .* --port 3001"),
    ):
        listener(listening.getsockname()[1], "--port 3001")


def test_secrets_are_new_each_time_and_not_shown() -> None:
    """Nor is what they are printed with the object that holds them."""
    keys = Keys()
    assert len({keys.token, keys.cookie, Keys().token}) == 3
    assert len(keys.token) >= 32
    assert keys.token not in repr(keys) and keys.cookie not in repr(keys)


# Request line and headers as bytes are sent, `{host}` being this server's own, `{cookie}` the right cookie; and the answer.
RAW = [
    ("GET /figures HTTP/1.1", ["Host: {host}", "Cookie: {cookie}"], 200),
    # The target of the line may be a whole address; it is the host that is judged.
    ("GET http://{host}/figures HTTP/1.1", ["Host: {host}", "Cookie: {cookie}"], 200),
    ("GET http://{host}/figures HTTP/1.1", ["Host: evil.example", "Cookie: {cookie}"], 403),
    ("GET http://{host}/figures HTTP/1.1", ["Cookie: {cookie}"], 403),
    # Before hosts were named.
    ("GET /figures HTTP/1.0", ["Cookie: {cookie}"], 403),
    ("GET /figures", [], 403),
    ("GET /figures HTTP/1.1", ["Host: {upper}", "Cookie: {cookie}"], 403),
    ("GET /figures HTTP/1.1", ["Host: localhost.:{port}", "Cookie: {cookie}"], 403),
    ("GET /figures HTTP/1.1", ["Host: localhost:0{port}", "Cookie: {cookie}"], 403),
    ("GET /figures HTTP/1.1", ["Host: 2130706433:{port}", "Cookie: {cookie}"], 403),
    ("GET /figures HTTP/1.1", ["Host: evil@{host}", "Cookie: {cookie}"], 403),
    ("GET /figures HTTP/1.1", ["Host: \xff{host}", "Cookie: {cookie}"], 403),
    (
        "GET /figures HTTP/1.1",
        ["Host: {host}", "Origin: http://{host}", " http://evil.example", "Cookie: {cookie}"],
        400,
    ),
    ("GET /figures HTTP/1.1", ["Host : evil.example", "Host: {host}", "Cookie: {cookie}"], 400),
    # A cookie that another page of this machine has set doesn't stand in for the right one.
    ("GET /figures HTTP/1.1", ["Host: {host}", "Cookie: {cookie}; {name}=x"], 401),
    ("GET /figures HTTP/1.1", ["Host: {host}", "Cookie: {name}=\xff\xfe"], 401),
    ("GET /?token=%ff%fe HTTP/1.1", ["Host: {host}"], 401),
    ("HEAD /figures HTTP/1.1", ["Host: {host}"], 401),
    ("OPTIONS /figures HTTP/1.1", ["Host: {host}", "Origin: http://evil.example"], 403),
    ("OPTIONS * HTTP/1.1", ["Host: {host}"], 401),
    ("CONNECT evil.example:443 HTTP/1.1", ["Host: {host}"], 400),
    ("TRACE /figures HTTP/1.1", ["Host: {host}", "Cookie: {cookie}"], 405),
    ("HEAD /?token={token} HTTP/1.1", ["Host: {host}"], 401),
    ("POST /?token={token} HTTP/1.1", ["Host: {host}", "Content-Length: 0"], 401),
    ("GET /a/../../figures HTTP/1.1", ["Host: {host}"], 401),
    # GraphQL by any spelling of its address.
    ("GET /x/../graphql?query=mutation%7Bx%7D HTTP/1.1", ["Host: {host}", "Cookie: {cookie}"], 405),
    ("GET //graphql?query=mutation%7Bx%7D HTTP/1.1", ["Host: {host}", "Cookie: {cookie}"], 405),
    ("GET /graphql?%71uery=mutation%7Bx%7D HTTP/1.1", ["Host: {host}", "Cookie: {cookie}"], 405),
    ("HEAD /graphql?query=mutation%7Bx%7D HTTP/1.1", ["Host: {host}", "Cookie: {cookie}"], 405),
    ("POST /x HTTP/1.1", ["Host: {host}", "Content-Length: 5", "Transfer-Encoding: chunked"], 400),
]


@pytest.mark.parametrize(("line", "headers", "status"), RAW)
def test_requests_as_no_browser_sends_them(behind: Behind, line: str, headers: list[str], status: int) -> None:
    """Each is answered by the gate's own rule, and reaches nothing unless it may pass."""
    names = {
        "host": f"{HOST}:{behind.port}",
        "upper": f"LOCALHOST:{behind.port}",
        "port": behind.port,
        "name": f"daijiao-{behind.port}",
        "cookie": behind.own["Cookie"],
        "token": TOKEN,
    }
    asked = "\r\n".join([line, *headers, "Connection: close", "", ""]).format(**names)
    with socket.create_connection((HOST, behind.port), timeout=10) as connection:
        connection.sendall(asked.encode("latin-1"))
        answer = connection.recv(4096)
    assert int(answer.split(b" ", 2)[1]) == status
    assert behind.reached == (["GET /figures"] if status == 200 else [])
