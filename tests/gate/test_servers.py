"""``daijiao ui`` as it is started: behind the gate, alone, and ended by Ctrl-C with all that it started."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.commands.gate import HOST
from tests.deep import only_deep
from tests.desktop import served
from tests.waiting import wait_for

DAIJIAO = str(Path(sys.executable).with_name("daijiao"))
MUTATION = "mutation { reloadWorkspace { __typename } }"


@dataclass(frozen=True)
class Open:
    """A Dagster UI that is open: its address, its port, and the cookie for which its token was exchanged."""

    address: str
    port: int
    cookie: str
    variables: dict[str, str]

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body of an answer; underscores in the names of headers stand for hyphens."""
        connection = HTTPConnection(HOST, self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Content-Type": "application/json"} | named)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """The Dagster UI of an empty installation."""
    folder = tmp_path_factory.mktemp("ui")
    variables = {
        "DAGSTER_HOME": str(folder / "dagster"),
        "DAIJIAO_RAW": str(folder / "raw"),
        "DAIJIAO_WAREHOUSE": str(folder / "warehouse"),
        "TMPDIR": str(folder),
    }
    with served([DAIJIAO, "ui", "--port", "0"], variables, folder / "log") as address:
        port = int(address.split(":")[2].partition("/")[0])
        connection = HTTPConnection(HOST, port, timeout=60)
        connection.request("GET", "/?" + address.partition("/?")[2])
        cookie = connection.getresponse().headers["Set-Cookie"].partition(";")[0]
        yield Open(address, port, cookie, variables)
    wait_for("the end", lambda: not processes_of(variables["DAGSTER_HOME"]))


def test_dagster_answers_behind_the_gate(ui: Open) -> None:
    """Its page, and what it is asked by POST; a foreign page and a GET are not answered."""
    assert ui.ask("GET", "/server_info")[0] == 401
    assert ui.ask("GET", "/server_info", Cookie=ui.cookie)[0] == 200
    status, body = ui.ask("POST", "/graphql", json.dumps({"query": MUTATION}), Cookie=ui.cookie)
    assert (status, json.loads(body)["data"]["reloadWorkspace"]["__typename"]) == (200, "Workspace")
    assert ui.ask("GET", f"/graphql?query={quote(MUTATION)}", Cookie=ui.cookie)[0] == 405
    assert ui.ask("POST", f"/graphql?query={quote(MUTATION)}", Cookie=ui.cookie, Origin="http://evil.example")[0] == 403
    assert ui.ask("POST", f"/graphql?query={quote(MUTATION)}", Cookie=ui.cookie, Host="evil.example")[0] == 403


def test_a_second_ui_is_one_sentence(ui: Open) -> None:
    """On the same port, or on another one; it starts nothing, and the first one goes on."""
    before = processes_of(ui.variables["DAGSTER_HOME"])
    for port, words in ((str(ui.port), "不能使用"), ("0", "已有一个打开的")):
        second = subprocess.run(
            [DAIJIAO, "ui", "--port", port], env=os.environ | ui.variables, capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert words in second.stderr and second.stderr.count("\n") == 1
        assert second.stdout == ""
    assert ui.ask("GET", "/server_info", Cookie=ui.cookie)[0] == 200
    assert set(processes_of(ui.variables["DAGSTER_HOME"])) <= set(before)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("ui", marks=only_deep("below the same signal ends it, although it is one that is to be ignored")),
        "notebook",
    ],
)
def test_the_end_ends_everything(tmp_path: Path, command: str) -> None:
    """Ctrl-C: no process stays, and no traceback is shown. A plain kill ends the UI of the tests above."""
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen([DAIJIAO, command, "--port", "0"], stdout=output, stderr=output)
    wait_for("the address", lambda: b"token=" in log.read_bytes() or server.poll() is not None)
    server.send_signal(signal.SIGINT)
    assert server.wait(90) == 130
    wait_for("the end", lambda: not processes_of(os.environ["DAGSTER_HOME"]))
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("ui", signal.SIGINT),
        pytest.param("notebook", signal.SIGTERM, marks=only_deep("above Ctrl-C ends the notebook in the same way")),
    ],
)
def test_what_a_script_starts_in_the_background_ends_as_well(tmp_path: Path, command: str, number: int) -> None:
    """It inherits that Ctrl-C is to be ignored."""
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["sh", "-c", f"trap '' INT; exec {DAIJIAO} {command} --port 0"], stdout=output, stderr=output
        )
    wait_for("the address", lambda: b"token=" in log.read_bytes() or server.poll() is not None)
    server.send_signal(number)
    assert server.wait(90) == 128 + number
    wait_for("the end", lambda: not processes_of(os.environ["DAGSTER_HOME"]))
    assert "Traceback" not in log.read_text()


def processes_of(home: str) -> list[int]:
    """The processes that work with a run history."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            is_one = f"DAGSTER_HOME={home}\0".encode() in path.read_bytes()
        except OSError:
            continue
        if is_one and int(path.parent.name) != os.getpid():
            found.append(int(path.parent.name))
    return found
