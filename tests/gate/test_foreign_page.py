"""A page of another site in a real browser, whose user has the UI open: nothing that it asks reaches what is behind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pipeline.commands.gate import HOST
from tests.desktop import needs, opened
from tests.gate.behind import TOKEN, Behind, serving

pytestmark = needs("Chromium", "playwright")

# By every way that a page has to ask another address for something.
ASKING = """
async (address) => {
  const query = "/graphql?query=mutation%7Bx%7D";
  const told = [];
  const tell = async (name, asked) => {
    try { told.push([name, await asked()]); } catch (error) { told.push([name, "refused"]); }
  };
  const load = (name, element, attributes) => tell(name, () => new Promise((done) => {
    const made = Object.assign(document.createElement(element), attributes);
    made.onload = () => done("loaded"); made.onerror = () => done("refused");
    document.body.append(made);
    setTimeout(() => done("refused"), 1500);
  }));
  await load("img", "img", { src: address + query });
  await load("script", "script", { src: address + query });
  for (const mode of ["cors", "no-cors"]) {
    for (const method of ["GET", "POST"]) {
      const options = { method, mode, credentials: "include", headers: { "Content-Type": "text/plain" } };
      await tell(`fetch ${mode} ${method}`, async () => (await fetch(address + query, options)).status);
    }
  }
  await tell("beacon", async () => navigator.sendBeacon(address + query, "x"));
  await tell("websocket", () => new Promise((done, fail) => {
    const websocket = new WebSocket(address.replace("http", "ws") + "/graphql");
    websocket.onmessage = (message) => done(message.data); websocket.onerror = fail;
  }));
  const frame = Object.assign(document.createElement("iframe"), { name: "frame" });
  document.body.append(frame);
  const form = Object.assign(document.createElement("form"), { action: address + query, method: "post", target: "frame" });
  document.body.append(form);
  form.submit();
  await load("iframe", "iframe", { src: address + "/figures" });
  await new Promise((done) => setTimeout(done, 500));
  return told;
}
"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Serve an empty page."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>foreign</title><body></body>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def foreign_page() -> Iterator[int]:
    """The port of another server of this machine."""
    server = ThreadingHTTPServer((HOST, 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture(scope="module")
def behind() -> Iterator[Behind]:
    """A server behind the gate."""
    with serving() as served:
        yield served


@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_a_page_of_another_port_reaches_nothing(behind: Behind, host: str) -> None:
    """By picture, script, fetch, beacon, websocket, form or frame; the user's own page is answered before and after."""
    own = f"http://{HOST}:{behind.port}"
    with foreign_page() as port, opened(f"{own}/?token={TOKEN}", set()) as page:
        assert page.goto(f"{own}/figures").text() == "figures"
        behind.reached.clear()
        page.goto(f"http://{host}:{port}/")
        told = dict(page.evaluate(ASKING, own))
        assert behind.reached == []
        assert told["websocket"] == "refused"
        assert page.evaluate("document.cookie") == ""
        page.evaluate("address => { location.href = address }", f"{own}/figures")
        page.wait_for_url(f"{own}/figures")
        assert behind.reached == []
        assert "figures" not in page.inner_text("body")
        assert page.goto(f"{own}/figures").text() == "figures"
        assert page.evaluate("fetch('/graphql', { method: 'POST' }).then((answer) => answer.text())") == "figures"


def test_the_foreign_page_would_reach_what_has_no_gate(behind: Behind) -> None:
    """What the page asks is answered by a server of the same kind without a gate, so that the test above shows something."""
    with (
        serving(is_guarded=False) as open_server,
        foreign_page() as port,
        opened(f"http://{HOST}:{port}/", set()) as page,
    ):
        page.evaluate(ASKING, f"http://{HOST}:{open_server.port}")
        asked = set(open_server.reached)
    assert {"GET /graphql", "POST /graphql", "websocket", "GET /figures"} <= asked
