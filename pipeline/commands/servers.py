"""The two pages of this machine: Dagster's with its daemon, and the notebook's. Both stand behind the gate, in this process.

Dagster's webserver, its daemon and marimo's server have no port of their own. The code of the pipeline is loaded by a
process of Dagster that listens on a socket file and ends by itself soon after this one is gone.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pipeline.commands.gate import listener, serve
from pipeline.commands.language import SAY
from pipeline.commands.launch import dagster_home
from pipeline.errors import DaijiaoError
from pipeline.settings import PROJECT_FOLDER

if TYPE_CHECKING:
    from dagster._core.workspace.context import WorkspaceProcessContext
    from starlette.applications import Starlette

NOTEBOOK = PROJECT_FOLDER / "notebooks" / "daijiao.py"
WORKSPACE = PROJECT_FOLDER / "workspace.yaml"


def serve_ui(port: int) -> None:
    """Serve the Dagster UI and run its daemon (schedule, sensors) until the process is told to end.

    Raises:
        DaijiaoError: the port is taken, or another UI is open on this history.
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    home = dagster_home()
    listening = listener(port, f"--port {port + 1}")
    with listening, _alone(home), _ended_by_signals():
        # Where it starts, Dagster reads .env, whose history would be taken for the one that the user has named.
        os.chdir(home)
        with _workspace() as workspace, _daemon(workspace):
            from dagster_webserver.app import create_app_from_workspace_process_context

            app: Starlette = create_app_from_workspace_process_context(workspace, lifespan=_lifespan)
            serve(app, listening, SAY("Dagster 界面", "Dagster UI"))


def serve_notebook(port: int) -> None:
    """Serve the notebook on the published tables until the process is told to end.

    Raises:
        DaijiaoError: the port is taken, or marimo isn't installed.
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    try:
        import marimo
    except ImportError:
        raise DaijiaoError(
            "The notebook needs marimo, which isn't installed. Run `make setup`.",
            "看板需要 marimo,尚未安装。请运行 `make setup`。",
        ) from None
    with listener(port, f"--port {port + 1}") as listening, _ended_by_signals():
        app = marimo.create_asgi_app(quiet=True).with_app(path="", root=str(NOTEBOOK)).build()
        serve(app, listening, SAY("看板", "Notebook"))


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One daemon a history: two would launch every run twice."""
    lock = FileLock(home / "ui.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise DaijiaoError(
            f"A Dagster UI is open already on the run history {home}. Use the address that it printed, or end it first.",
            f"运行记录 {home} 已有一个打开的 Dagster 界面。请使用它打印的地址,或先结束它。",
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let Ctrl-C, the end of the terminal, and a plain kill close what was opened.

    What a script starts in the background is born deaf to Ctrl-C, and would have to be killed.
    """
    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: _end, signal.SIGHUP: _end}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextmanager
def _workspace() -> Iterator["WorkspaceProcessContext"]:
    """The pipeline's definitions, loaded by a process of Dagster."""
    from dagster import DagsterInstance
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.version import __version__

    with (
        DagsterInstance.get() as instance,
        WorkspaceProcessContext(
            instance, WorkspaceFileTarget([str(WORKSPACE)]), version=__version__, code_server_log_level="WARNING"
        ) as workspace,
    ):
        yield workspace


@contextmanager
def _daemon(workspace: "WorkspaceProcessContext") -> Iterator[None]:
    """Dagster's daemon in threads of this process, for the same workspace."""
    from dagster._daemon.controller import DagsterDaemonController, create_daemons_from_instance

    logging.getLogger("dagster.daemon").setLevel(logging.WARNING)
    with ExitStack() as stack:
        daemons = [stack.enter_context(daemon) for daemon in create_daemons_from_instance(workspace.instance)]
        controller = stack.enter_context(DagsterDaemonController(workspace, daemons))
        threading.Thread(target=controller.check_daemon_loop, name="daemon-watch", daemon=True).start()
        yield


@asynccontextmanager
async def _lifespan(_app: "Starlette") -> AsyncIterator[None]:
    with suppress(asyncio.CancelledError):
        yield
