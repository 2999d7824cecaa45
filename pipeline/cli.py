"""The command ``daijiao``: what each command takes, prints and ends with. What it does is done elsewhere."""

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import DaijiaoError, UsageError
from pipeline.settings import PROJECT_FOLDER, Settings

INTERRUPTED = 130

app = typer.Typer(
    name="daijiao",
    help="Accounts for public money that pays pension premiums for registered poor people.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Year = Annotated[int, typer.Option("--year", help="Policy year.")]
Raw = Annotated[Path | None, typer.Option("--raw", help="Landing folder (default: data/raw).")]
Warehouse = Annotated[Path | None, typer.Option("--warehouse", help="Warehouse folder (default: data/warehouse).")]
PolicyFolder = Annotated[Path | None, typer.Option("--policy", help="Folder of another county's policies.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; a user's mistake ends in one paragraph on stderr, never in a traceback."""
    try:
        status = app(args=arguments, standalone_mode=False)
    except DaijiaoError as error:
        _fail(str(error), error.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        _fail("Interrupted. The last published tables stay; run the same command again.", INTERRUPTED)
    except typer.TyperException as error:
        _fail(f"{error.format_message()} Run `daijiao --help` to see the commands.", UsageError.exit_status)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(sentence: str, status: int) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(status)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from pipeline.run import code_version

        print(f"daijiao {code_version()}")
        raise typer.Exit


@app.callback()
def daijiao(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Accounts for public money that pays pension premiums for registered poor people."""


def _settings(raw: Path | None = None, warehouse: Path | None = None, policy: Path | None = None) -> Settings:
    """The settings of this command, put into the environment so that everything it starts agrees."""
    for name, path in (("DAIJIAO_RAW", raw), ("DAIJIAO_WAREHOUSE", warehouse), ("DAIJIAO_POLICY", policy)):
        if path is not None:
            os.environ[name] = str(path.resolve())
    return Settings()


def _date(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} takes a date such as 2019-06-30, and this is none. Correct it and run again."
        ) from None


@app.command()
def sample(
    year: Annotated[int, typer.Option(help="Policy year.")] = 2019,
    persons: Annotated[int | None, typer.Option(help="Persons on the roll (default: about 103,600).")] = None,
    seed: Annotated[int, typer.Option(help="The same seed writes the same files.")] = 2019,
    raw: Raw = None,
    policy: PolicyFolder = None,
) -> None:
    """Write a synthetic district's files into the landing folder; never over files that lie there."""
    from pipeline.policy import load_policy
    from pipeline.sample import write_sample

    settings = _settings(raw=raw, policy=policy)
    summary = write_sample(settings.raw, year, persons, seed, load_policy(year, settings.policy))
    print(
        f"{summary.files.height} files of {summary.district['roll_count']:,} synthetic persons (模拟数据): {summary.folder}"
    )


@app.command()
def refresh(
    year: Year,
    raw: Raw = None,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    as_of: Annotated[
        str | None, typer.Option(help="Use only what is dated on or before this day (YYYY-MM-DD).")
    ] = None,
) -> None:
    """Build, check and publish a year's tables: the same job that the UI and the schedule run."""
    from pipeline import build, console
    from pipeline.launch import run_job
    from pipeline.policy import load_policy
    from pipeline.run import make_run
    from pipeline.warehouse import PUBLISHED_FILE

    settings = _settings(raw, warehouse, policy)
    day = _date(as_of, "--as-of")
    load_policy(year, settings.policy)
    build.check_landing_folder(settings.raw, year)
    make_run(settings, year, day)
    with console.progress():
        run_job("refresh", year, day)
    published = settings.warehouse / PUBLISHED_FILE
    console.show_published(published, year)
    print(f"Published tables: {published}")
    print("Dagster UI:       make ui, then http://127.0.0.1:3000")
    print(f"Next:             daijiao report --year {year}")


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000) -> None:
    """Start the Dagster UI and its daemon (schedule, sensors) on this machine."""
    from pipeline.launch import dagster_home

    dagster_home()
    program = Path(sys.executable).with_name("dagster")
    os.chdir(PROJECT_FOLDER)
    os.execv(program, [str(program), "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)])
