"""Starting the Dagster job from the command line: in this process, with the history that the UI shows.

Dagster is imported here and nowhere above, so that commands which don't need it start at once.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from datetime import date
from io import StringIO
from pathlib import Path

from pipeline.commands.history_files import set_aside_damaged
from pipeline.errors import DaijiaoError
from pipeline.restricted import OWNER_FOLDER, close_to
from pipeline.settings import PROJECT_FOLDER

HOME_VARIABLE = "DAGSTER_HOME"
# What happens is told by our own log; Dagster's events go to its history.
_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


def dagster_home() -> Path:
    """The folder of Dagster's history: DAGSTER_HOME, else data/dagster; it is made with our settings when it is missing.

    Raises:
        DaijiaoError: the folder can't be written.
    """
    home = Path(os.environ.get(HOME_VARIABLE) or PROJECT_FOLDER / "data" / "dagster").resolve()
    settings = home / "dagster.yaml"
    try:
        home.mkdir(parents=True, exist_ok=True)
        close_to(home, OWNER_FOLDER)
        set_aside_damaged(home)
        if not settings.exists():
            shutil.copyfile(PROJECT_FOLDER / "dagster.yaml", settings)
    except OSError as error:
        raise DaijiaoError(
            f"The folder {home} of the run history can't be written ({error.strerror}). Make it writable, or set "
            f"{HOME_VARIABLE} to another one.",
            f"不能写入运行记录的文件夹 {home}({error.strerror})。请设为可写,或把 {HOME_VARIABLE} 设为另一个文件夹。",
        ) from None
    os.environ[HOME_VARIABLE] = str(home)
    return home


def run_job(name: str, year: int, as_of: date | None = None) -> None:
    """Run a job of the definitions for one year and wait for its end.

    Raises:
        DaijiaoError: the run failed, with the sentence that says why.
        KeyboardInterrupt: the run was interrupted.
    """
    dagster_home()
    import dagster as dg

    from pipeline.dagster.alive import end_dead_runs
    from pipeline.dagster.assets import REFRESH_STEP, know_year
    from pipeline.dagster.definitions import make_definitions

    asked = {"as_of": "" if as_of is None else as_of.isoformat()}
    steps = {"ops": {REFRESH_STEP: {"config": asked}}} if name == "refresh" else {}
    # What Dagster itself has to say on stderr, for example that its history can't be written, is said in the failure's sentence.
    with _plain_failures(), redirect_stderr(StringIO()), dg.DagsterInstance.get() as instance:
        end_dead_runs(instance)
        know_year(instance, str(year))
        make_definitions().resolve_job_def(name).execute_in_process(
            instance=instance, partition_key=str(year), run_config={"loggers": _QUIET, **steps}
        )


@contextmanager
def _plain_failures() -> Iterator[None]:
    """Turn what Dagster wraps around a failure back into its cause."""
    import dagster as dg

    try:
        yield
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    except Exception as error:  # noqa: BLE001 - Dagster's history is a database: whatever it says could quote a statement
        raise _cause(error) from None


def _cause(error: BaseException) -> BaseException:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, DaijiaoError | KeyboardInterrupt):
        cause = cause.__cause__ or getattr(cause, "user_exception", None)
    return cause or DaijiaoError(
        f"The run failed ({type(error).__name__}). Look for a full disk or a folder that can't be written, also in "
        f"{os.environ[HOME_VARIABLE]}, where the history of runs lies, and run again; or open the run in the Dagster UI.",
        f"运行失败({type(error).__name__})。"
        f"请检查磁盘是否已满、文件夹是否可写(包括运行记录所在的 {os.environ[HOME_VARIABLE]}),"
        "再重新运行;或在 Dagster 界面中打开这次运行。",
    )
