"""The command ``daijiao``: what each command takes, prints and ends with. What it does is done elsewhere."""

import codecs
import gc
import os
import signal
import sys
from collections.abc import Sequence
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

import typer

from pipeline.commands.language import SAY, Say
from pipeline.commands.options import PolicyFolder, Raw, Version, Warehouse, Year
from pipeline.commands.policy_commands import policy_app
from pipeline.commands.usage import Group, command, wrong_usage
from pipeline.errors import DaijiaoError, UsageError
from pipeline.paper import printable
from pipeline.restricted import restrict_process
from pipeline.settings import Settings

INTERRUPTED = 130
OBJECTS_BETWEEN_SEARCHES = 50_000

app = typer.Typer(
    name="daijiao",
    cls=Group,
    help=SAY(
        "对财政代缴养老保险费的资金逐人、逐分核算。",
        "Accounts for public money that pays pension premiums for registered poor people.",
    ),
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(
    policy_app,
    name="policy",
    short_help=SAY("新建、检查政策文件夹。", "Make and check a folder of policies for another county."),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; a user's mistake ends in one paragraph on stderr, never in a traceback."""
    restrict_process()
    _end_by_any_signal()
    _write_every_character()
    _spare_searches_for_garbage()
    try:
        status = app(args=arguments, standalone_mode=False)
    except DaijiaoError as error:
        _fail(SAY(error.chinese, str(error)), error.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        _fail(_interrupted(), INTERRUPTED)
    except typer.TyperException as error:
        _fail(wrong_usage(error.format_message()), UsageError.exit_status)
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing may be written to it at the end of the process either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DaijiaoError.exit_status)
    except OSError as error:
        why = error.strerror or type(error).__name__
        _fail(
            SAY(
                f"读写文件失败({why}:{error.filename})。请允许当前用户使用它,或在磁盘已满时腾出空间,再重新运行。",
                f"A file can't be read or written ({why}: {error.filename}). Give this user leave to use it, or free disk "
                "space if that is what is missing, and run again.",
            ),
            DaijiaoError.exit_status,
        )
    except Exception as error:  # noqa: BLE001 - a traceback could quote a person's values
        from pipeline.privacy import scrubbed

        sentence = SAY(
            f"命令失败({scrubbed(error)})。请把这句话报给维护人员。",
            f"The command failed ({scrubbed(error)}). Report this sentence.",
        )
        _fail(sentence, DaijiaoError.exit_status)
    if status == INTERRUPTED:
        _fail(_interrupted(), INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)


def _interrupted() -> str:
    return SAY(
        "已中断。上次发布的数据表没有变化;再运行一次同一命令即可。",
        "Interrupted. The last published tables stay; run the same command again.",
    )


def _fail(sentence: str, status: int) -> NoReturn:
    _show(sentence, sys.stderr)
    sys.exit(status)


def _show(text: str, stream: TextIO | None = None) -> None:
    """Print what may quote a file: a name that holds signs for the terminal is shown, and does nothing."""
    print("\n".join(printable(line) for line in text.split("\n")), file=stream)


def _end_by_any_signal() -> None:
    """A plain kill and the end of the terminal let a command put away what it opened, as Ctrl-C does; `nohup` is respected."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _spare_searches_for_garbage() -> None:
    """Nearly all that a command holds it holds until its end: to look through it again and again takes seconds of a refresh."""
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)


def _write_every_character() -> None:
    """Let outputs take any text, whatever the locale says: what can't be written is written as its escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            is_ascii = codecs.lookup(stream.encoding).name == "ascii"
            stream.reconfigure(encoding="utf-8" if is_ascii else None, errors="backslashreplace")


@app.callback(help=app.info.help)
def daijiao(version: Version = False) -> None:
    """Accounts for public money that pays pension premiums for registered poor people."""


def _settings(raw: Path | None = None, warehouse: Path | None = None, policy: Path | None = None) -> Settings:
    """The settings of this command, put into the environment so that everything it starts agrees."""
    for name, path in (("DAIJIAO_RAW", raw), ("DAIJIAO_WAREHOUSE", warehouse), ("DAIJIAO_POLICY", policy)):
        if path is not None:
            os.environ[name] = str(path.resolve())
    return Settings()


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} takes a date such as 2019-06-30, and this is none. Correct it and run again.",
            f"{option} 应写日期,例如 2019-06-30。请改正后重新运行。",
        ) from None


@command(app, None, "生成模拟区的文件(不覆盖已有文件)。", "Write a synthetic district's files.")
def sample(
    year: Annotated[int, typer.Option(help=SAY("年度。", "Policy year."))] = 2019,
    persons: Annotated[
        int | None,
        typer.Option(help=SAY("名单人数(默认约 103,600)。", "Persons on the roll (default: about 103,600).")),
    ] = None,
    seed: Annotated[
        int, typer.Option(help=SAY("种子相同,生成的文件相同。", "The same seed writes the same files."))
    ] = 2019,
    raw: Raw = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Write a synthetic district's files into the landing folder; never over files that lie there."""
    from pipeline.policy import load_policy
    from pipeline.sample import write_sample

    settings = _settings(raw=raw, policy=policy)
    summary = write_sample(settings.raw, year, persons, seed, load_policy(year, settings.policy))
    say = Say(settings.language)
    files, persons_written = summary.files.height, f"{summary.district['roll_count']:,}"
    print(
        say(
            f"模拟数据 {files} 个文件,{persons_written} 人:{summary.folder}",
            f"{files} files of {persons_written} synthetic persons (模拟数据): {summary.folder}",
        )
    )


@command(app, None, "刷新一个年度:计算、核对并发布数据表。", "Build, check and publish a year's tables.")
def refresh(
    year: Year,
    raw: Raw = None,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help=SAY(
                "只用这一天(含)以前的资料(年-月-日)。", "Use only what is dated on or before this day (YYYY-MM-DD)."
            )
        ),
    ] = None,
    version: Version = False,
) -> None:
    """Build, check and publish a year's tables: the same job that the UI and the schedule run."""
    from pipeline.build.needed_sources import check_landing_folder
    from pipeline.commands import console
    from pipeline.commands.launch import run_job
    from pipeline.policy import load_policy
    from pipeline.warehouse.run import make_run

    settings = _settings(raw, warehouse, policy)
    day = None if as_of is None else _date(as_of, "--as-of")
    load_policy(year, settings.policy)
    check_landing_folder(settings.raw, year)
    run = make_run(settings, year, day)
    say = Say(settings.language)
    with console.progress(say):
        run_job("refresh", year, day)
    console.show_published(run.published, year, say)
    print(say(f"已发布的数据表:{run.published}", f"Published tables: {run.published}"))


@command(
    app, None, "收文说明全文:每个文件、每一处、每一列的去向。", "Tell what became of every file, row, column and word."
)
def intake(
    year: Year,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    as_of: Annotated[
        str | None,
        typer.Option(help=SAY("回溯刷新时的日期(年-月-日)。", "The day of a refresh that looked back (YYYY-MM-DD).")),
    ] = None,
    version: Version = False,
) -> None:
    """Tell the whole intake statement of a refreshed year: every file, every place of a row, every column."""
    from pipeline.commands import console
    from pipeline.warehouse import proof
    from pipeline.warehouse.run import make_run

    settings = _settings(warehouse=warehouse, policy=policy)
    run = make_run(settings, year, None if as_of is None else _date(as_of, "--as-of"))
    proof.require_proven(run.published, year, run.key)
    console.show_intake(run.published, year, Say(settings.language))


@command(app, None, "生成台账、公示名单、自评表和评价报告。", "Write workbooks, self-evaluation, evaluation report.")
def report(
    year: Year,
    out: Annotated[
        Path | None,
        typer.Option("--out", help=SAY("文件夹(默认 data/reports/<年度>)。", "Folder (default: data/reports/<year>).")),
    ] = None,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Write the township workbooks, the self-evaluation and the evaluation report of a refreshed year."""
    from pipeline.ask.accesses import record_access
    from pipeline.build.year import open_year
    from pipeline.commands import console
    from pipeline.reports.release import note_written, write_reports
    from pipeline.warehouse import proof
    from pipeline.warehouse.run import make_run

    settings = _settings(warehouse=warehouse, policy=policy)
    run = make_run(settings, year)
    folder = out or settings.reports / str(year)
    say = Say(settings.language)
    proof.require_proven(run.published, year, run.key)
    record_access(run.warehouse, "report", year, None, "写乡镇工作簿和报告")
    with console.progress(say), open_year(run, settings.lock_wait_seconds) as opened:
        paths = list(write_reports(opened.session, run, folder))
        if out is None:
            note_written(opened.session, run)
    print(say(f"{year} 年的报告:{folder}", f"Reports of {year}: {folder}"))
    for path in paths:
        _show(f"  {path.name}")


@command(app, None, "一个人的全过程:名单、分类、付款、资金、差异及其出处。", "Tell one person's line of time.")
def trace(
    year: Year,
    person: Annotated[
        str | None,
        typer.Argument(
            metavar="KEY",
            help=SAY(
                "人员代号;写 - 从标准输入读证件号;不写则由程序询问。",
                "A person_key; or - to read an ID from standard input; or nothing to be asked.",
            ),
        ),
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option("--purpose", help=SAY("查阅事由,记入查阅记录。", "Why it is read; kept in the list of accesses.")),
    ] = None,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Tell one person's line of time: rolls, classification, lines, postings, mismatches, each with file, sheet and row."""
    from pipeline.ask.accesses import record_access
    from pipeline.ask.trace import describe, keys_of
    from pipeline.ask.trace import trace as follow
    from pipeline.warehouse.folder import WAREHOUSE_FILE
    from pipeline.warehouse.reading import reading
    from pipeline.warehouse.run import make_run

    given = _asked_person(person)
    run = make_run(_settings(warehouse=warehouse, policy=policy), year)
    with reading(run.warehouse / WAREHOUSE_FILE) as connection:
        traced = follow(connection, year, given)
        for key in keys_of(traced, given, run.key):
            record_access(run.warehouse, "trace", year, key, purpose)
        _show(describe(traced))


def _asked_person(given: str | None) -> str:
    """Who is asked for: a key from the command line, an ID only from where nobody else sees it."""
    from getpass import getpass

    from pipeline.ask.trace import is_person_key

    if given is not None and given != "-" and not is_person_key(given):
        raise UsageError(
            "trace takes a person_key (32 characters 0-9a-f). An ID doesn't belong on a command line, where the list of "
            "processes and the shell's history keep it: run `daijiao trace - --year YEAR` and give it on standard input, or "
            "`daijiao trace --year YEAR` to be asked.",
            "trace 后面应写人员代号(32 位 0-9a-f)。证件号码不要写在命令行上,"
            "进程列表和命令历史会留下它:请运行 `daijiao trace - --year 年度` 从标准输入给出,"
            "或运行 `daijiao trace --year 年度` 由程序询问。",
        )
    if given is None and sys.stdin.isatty():
        try:
            given = getpass(SAY("证件号码或人员代号:", "ID or person_key: "))
        except EOFError:
            given = ""
    elif given is None or given == "-":
        given = sys.stdin.readline()
    if not given.strip():
        raise UsageError(
            "Nobody was asked for. Give an ID or a person_key and run again.",
            "没有写要查的人。请写证件号码或人员代号后重新运行。",
        )
    return given


@command(app, None, "列出谁在何时、为何查阅过个人信息。", "List who read restricted data, when and why.")
def accesses(
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """List who read restricted data, when, about whom and why."""
    from pipeline.ask.accesses import describe, read_accesses

    print(describe(read_accesses(_settings(warehouse=warehouse, policy=policy).warehouse)))


@command(app, None, "说明系统在一个文件中看到了什么。", "Tell what the pipeline sees in a file.")
def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=SAY("报送的文件。", "A file as a county sends it."))],
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Tell what the pipeline sees in a file: kind, encoding, sheets, header, layout matched or nearest, first rows masked."""
    from pipeline.build.own_files import known_layouts
    from pipeline.landing.inspection import describe, inspect_file

    settings = _settings(policy=policy)
    _show(describe(inspect_file(file, known_layouts(settings.policy), None)))


@command(
    app, "check-report", "核对报告中的每个数字是否有据;有不符的以 1 结束。", "Say which figures of a report are proven."
)
def check_report(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=SAY("报告(.docx、.txt、.html 或 .pdf)。", "A report (.docx, .txt, .html or .pdf).")
        ),
    ],
    year: Year,
    as_json: Annotated[
        bool, typer.Option("--json", help=SAY("以 JSON 输出。", "Print a list of findings as JSON."))
    ] = False,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Say of each figure in a report whether the published tables prove it; ends with 1 when they contradict one."""
    from pipeline.policy import load_policy
    from pipeline.privacy import current_key
    from pipeline.reports.check_report import check as prose
    from pipeline.warehouse import proof
    from pipeline.warehouse.folder import PUBLISHED_FILE

    settings = _settings(warehouse=warehouse, policy=policy)
    of_year = load_policy(year, settings.policy)
    proof.require_proven(settings.warehouse / PUBLISHED_FILE, year, current_key(settings.key_file))
    names = (of_year.bureau_name, of_year.bureau)
    findings = prose.check_report(file, settings.warehouse / PUBLISHED_FILE, year, names)
    _show(prose.as_json(findings) if as_json else prose.as_text(findings))
    if prose.has_contradiction(findings):
        raise typer.Exit(1)


@command(app, None, "说明两个日期之间数字为什么变化,逐项加总相符。", "Tell why the figures changed between two days.")
def explain(
    year: Year,
    from_date: Annotated[
        str, typer.Option("--from", help=SAY("较早的日期(年-月-日)。", "The earlier day (YYYY-MM-DD)."))
    ],
    to_date: Annotated[str, typer.Option("--to", help=SAY("较晚的日期(年-月-日)。", "The later day (YYYY-MM-DD)."))],
    persons: Annotated[bool, typer.Option("--persons", help=SAY("同时逐人列出。", "Person by person, too."))] = False,
    raw: Raw = None,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Tell why the figures changed between two days: by cause, by township, adding up; person by person with --persons."""
    from pipeline.ask.explain import explain as compare
    from pipeline.ask.explain_text import describe
    from pipeline.commands import console

    settings = _settings(raw, warehouse, policy)
    before, after = _date(from_date, "--from"), _date(to_date, "--to")
    with console.progress(Say(settings.language)):
        explanation = compare(settings, year, before, after)
    _show(describe(explanation, with_persons=persons))


@command(
    app, None, "由报送文件核对已发布的数据表;有不同的以 1 结束。", "Prove the published tables from the landed files."
)
def verify(
    year: Annotated[
        int | None,
        typer.Option(
            "--year", help=SAY("年度(默认全部已发布的年度)。", "Policy year (default: every published year).")
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=SAY("以 JSON 输出,每年一项。", "Print a list with an entry a year as JSON."))
    ] = False,
    raw: Raw = None,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Prove the published tables from the landed files, without the warehouse; ends with 1 when something differs."""
    from pipeline.ask import verify as proving

    found = proving.verify(_settings(raw, warehouse, policy), year)
    _show(proving.as_json(found) if as_json else proving.as_text(found))
    if not all(each.is_proven for each in found):
        raise typer.Exit(1)


@command(app, None, "写出各来源的空白模板。", "Write empty workbooks of the sources.")
def template(
    source: Annotated[
        str | None,
        typer.Argument(metavar="SOURCE", help=SAY("来源,例如 classification。", "A source such as classification.")),
    ] = None,
    is_all: Annotated[
        bool, typer.Option("--all", help=SAY("全部来源的模板。", "The templates of all sources."))
    ] = False,
    out: Annotated[Path, typer.Option("--out", help=SAY("写到哪个文件夹。", "Folder to write to."))] = Path(
        "templates"
    ),
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Write empty workbooks of the sources, with the headers that are read and what each column takes."""
    from pipeline.build.own_files import own_layouts
    from pipeline.landing import load_layouts
    from pipeline.reports.workbooks.templates import template_sources, write_templates

    settings = _settings(policy=policy)
    if (source is None) != is_all:
        raise UsageError(
            f"Name a source or give --all. The sources are: {', '.join(template_sources())}.",
            f"请写一类来源,或写 --all。来源有:{', '.join(template_sources())}。",
        )
    sources = template_sources() if source is None else [source]
    for path in write_templates(sources, load_layouts(own_layouts(settings.policy)), out):
        _show(str(path))


@command(app, None, "把报送文件、密钥和政策备份成一个文件。", "Write all that the tables are made of into one file.")
def backup(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=SAY("要写出或核对的备份文件(.tar.gz)。", "The archive to write (.tar.gz), or to verify."),
        ),
    ],
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help=SAY(
                "把备份恢复到临时文件夹,逐字节核对。",
                "Restore FILE into a scratch folder and compare it, to the last byte.",
            ),
        ),
    ] = False,
    without_key: Annotated[
        bool,
        typer.Option("--without-key", help=SAY("不含密钥;密钥另行保存。", "Leave the key out; keep it elsewhere.")),
    ] = False,
    raw: Raw = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Write all that the tables are made of into one file: landed files, key and policies. Keep it safe."""
    from pipeline.commands import backup as archives
    from pipeline.commands import restore as restoring
    from pipeline.commands.backup_text import compared, written

    settings = _settings(raw=raw, policy=policy)
    if verify:
        _show(compared(file, restoring.verify(settings, file)))
    else:
        _show(written(file, archives.backup(settings, file, with_key=not without_key), has_key=not without_key))


@command(app, None, "恢复备份,逐字节核对,不覆盖任何文件。", "Put the files of a backup where they were.")
def restore(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=SAY("daijiao backup 写出的文件。", "An archive that `daijiao backup` wrote.")
        ),
    ],
    raw: Raw = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Put the files of a backup where they were, verified to the last byte; nothing is overwritten. Then refresh each year."""
    from pipeline.commands import restore as restoring
    from pipeline.commands.backup_text import left_out

    settings = _settings(raw=raw, policy=policy)
    manifest = restoring.restore(settings, file)
    _show(
        SAY(
            f"已恢复到 {settings.raw}。下一步:对每个年度运行 daijiao refresh --year 年度。",
            f"Restored into {settings.raw}. Next: daijiao refresh --year YEAR, for each year.",
        )
    )
    if manifest.left_out:
        _show(left_out(manifest).rstrip())


@command(app, None, "汇总多个县(区)已发布的数据。", "Join the published files of many districts.")
def province(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help=SAY(
                "文件夹,其中每个县(区)一个文件夹(policy、raw)。",
                "A folder that holds a folder a district (policy, raw).",
            ),
        ),
    ],
    year: Year,
    is_refreshing: Annotated[
        bool, typer.Option("--refresh", help=SAY("先逐个刷新各县(区)。", "Refresh every district first, side by side."))
    ] = False,
    jobs: Annotated[
        int, typer.Option(min=1, help=SAY("同时刷新几个县(区)。", "Districts that are refreshed at once."))
    ] = 2,
    version: Version = False,
) -> None:
    """Join the published files of many districts: townships to prefectures and province, and who stands in two districts."""
    from pipeline.privacy import current_key, load_key
    from pipeline.province.districts import districts_of
    from pipeline.province.join import join_districts
    from pipeline.province.refresh import refresh_districts

    districts = districts_of(folder, year)
    failed = 0
    if is_refreshing:
        key = load_key(_settings().key_file, folder / "joined.duckdb")
        for ended in refresh_districts(districts, year, key, jobs):
            _show(
                f"{ended.district.code} {ended.district.policy.district_name}: {ended.sentence or SAY('已发布', 'published')}"
            )
            failed += ended.status != 0
    path = join_districts(districts, year, folder, current_key(_settings().key_file))
    print(SAY(f"{len(districts)} 个县(区):{path}", f"{len(districts)} districts: {path}"))
    if failed:
        raise DaijiaoError(
            f"{failed} of {len(districts)} districts were not refreshed; the province was joined from what they had published "
            "before. Correct what is said of each and run again.",
            f"{len(districts)} 个县(区)中有 {failed} 个没有刷新成功,"
            "全省数据沿用它们以前发布的内容。请按各自的提示改正后重新运行。",
        )


@command(app, None, "打开 Dagster 界面(凭令牌访问,含定时任务)。", "Start the Dagster UI, behind a token.")
def ui(
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help=SAY("本机端口(0:任选空闲端口)。", "Port on 127.0.0.1 (0: a free one).")),
    ] = 3000,
    raw: Raw = None,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Start the Dagster UI and its daemon (schedule, sensors) on this machine, behind a token."""
    from pipeline.commands.servers import serve_ui

    _settings(raw, warehouse, policy)
    serve_ui(port)


@command(app, None, "打开看板(凭令牌访问)。", "Open the dashboard, behind a token.")
def notebook(
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help=SAY("本机端口(0:任选空闲端口)。", "Port on 127.0.0.1 (0: a free one).")),
    ] = 2718,
    warehouse: Warehouse = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Open the dashboard on the published tables on this machine, behind a token."""
    from pipeline.commands.servers import serve_notebook

    _settings(warehouse=warehouse, policy=policy)
    serve_notebook(port)
