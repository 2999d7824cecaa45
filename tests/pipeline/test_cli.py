"""The command line: a user's mistake ends in one paragraph with the right status. What it prints: see the figures of 2019."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from pipeline.commands import cli
from pipeline.commands.usage import wrong_usage
from pipeline.errors import DaijiaoError
from pipeline.paper import text_width
from pipeline.sample import write_sample
from pipeline.settings import PROJECT_FOLDER, Settings
from pipeline.warehouse.folder import PUBLISHED_FILE
from pipeline.warehouse.lock import writing
from tests.pipeline.commands import ended

DAIJIAO = str(Path(sys.executable).with_name("daijiao"))


@pytest.fixture(scope="module")
def small_raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean district of 300 persons."""
    raw = tmp_path_factory.mktemp("raw")
    write_sample(raw, 2019, persons=300, is_clean=True)
    return raw


@pytest.fixture
def raw(small_raw: Path, tmp_path: Path) -> Path:
    """A copy of the district, in the landing folder of this test."""
    shutil.copytree(small_raw, tmp_path / "raw")
    return tmp_path / "raw"


def is_one_paragraph(text: str) -> bool:
    """Whether stderr holds a single line and no traceback."""
    return text.count("\n") == 1 and "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "没有写命令"),
        (("policy",), "没有写命令"),
        (("refresh",), "--year"),
        (("refresh", "--year", "x"), "应为整数"),
        (("refresh", "--year", "1999"), "没有 1999 年的政策"),
        (("refresh", "--year", "2018"), "没有可读的文件"),
        (("refresh", "--year", "2019", "--as-of", "June"), "--as-of"),
        (("refresh", "--year", "2019", "--raw", "nowhere"), "没有可读的文件"),
        (("nonsense",), "nonsense"),
        (("sample", "--persons", "12"), "太少"),
        (("sample",), "不会覆盖"),
        (("explain", "--year", "2019", "--from", "2019-06-30", "--to", "2019-01-01"), "不早于"),
    ],
)
def test_wrong_use_ends_with_2(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    """And nothing is written."""
    assert ended(*arguments) == 2
    printed = capsys.readouterr()
    assert words in printed.err
    assert is_one_paragraph(printed.err)
    assert not (tmp_path / "warehouse" / PUBLISHED_FILE).exists()


@pytest.mark.parametrize(
    ("variable", "value", "takes"),
    [
        ("DAIJIAO_LANGUAGE", "german", "chinese 或 english"),
        ("DAIJIAO_LOCK_WAIT_SECONDS", "soon", "不小于 0 的数"),
        ("DAIJIAO_LOCK_WAIT_SECONDS", "nan", "不小于 0 的数"),
        ("DAIJIAO_MEMORY_GIGABYTES", "0", "不小于 0.5 的数"),
        ("DAIJIAO_HISTORY_DAYS", "-1", "不小于 0 的数"),
        ("DAIJIAO_ENGINE", "abacus", "Spark Connect 服务的地址"),
    ],
)
def test_a_setting_that_takes_no_such_value_is_named(
    raw: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    takes: str,
) -> None:
    """With what it takes; that is wrong usage, and not a fault of the program."""
    monkeypatch.setenv(variable, value)
    assert ended("refresh", "--year", "2019") == 2
    printed = capsys.readouterr()
    assert variable in printed.err and takes in printed.err and is_one_paragraph(printed.err)


def test_an_empty_setting_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """And doesn't mean the folder in which somebody stands."""
    monkeypatch.setenv("DAIJIAO_RAW", "")
    monkeypatch.setenv("DAIJIAO_LANGUAGE", "")
    assert (Settings().raw, Settings().language) == (PROJECT_FOLDER / "data" / "raw", "chinese")


@pytest.mark.parametrize("given", ["", "\n", " \n"])
def test_nobody_is_asked_where_there_is_no_terminal(given: str) -> None:
    """An ID is read from standard input; where none stands there, that is wrong usage and said in one sentence."""
    done = subprocess.run(
        [DAIJIAO, "trace", "--year", "2019"], input=given, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "没有写要查的人" in done.stderr and is_one_paragraph(done.stderr)


@pytest.mark.parametrize("source", ["poverty_roll", "classification", "bank_returns", "tax_returns", "allocations"])
def test_a_missing_needed_folder_is_named(raw: Path, capsys: pytest.CaptureFixture[str], source: str) -> None:
    """With status 2, before anything is begun."""
    shutil.rmtree(raw / "2019" / source)
    assert ended("refresh", "--year", "2019") == 2
    assert source in capsys.readouterr().err


def test_another_run_is_waited_for_and_then_named(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is held in another process is a matter of the operations tests; here the folder can't be locked."""
    (tmp_path / "warehouse").write_text("a file stands where the folder should be")
    assert ended("refresh", "--year", "2019") == 1
    assert "不能使用" in capsys.readouterr().err


def test_report_of_a_year_that_was_never_refreshed(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says which command comes first."""
    assert ended("report", "--year", "2018") == 2
    assert "daijiao refresh --year 2018" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [("trace", "0" * 32), ("report",), ("check-report", "README.md.txt"), ("verify",)],
    ids=lambda each: each[0],
)
def test_where_nothing_was_refreshed_there_is_nothing_to_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    """With status 2, and with the command that comes first."""
    assert ended(*arguments, "--year", "2019") == 2
    printed = capsys.readouterr()
    assert "刷新" in printed.err or "daijiao refresh" in printed.err
    assert is_one_paragraph(printed.err)


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Both end with 0."""
    assert ended("--version") == 0
    assert capsys.readouterr().out.startswith("daijiao 0.")
    assert ended("--help") == 0
    assert "check-report" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("language", "words", "nowhere"),
    [
        ("chinese", ("用法:", "年度。", "显示本说明后退出。", "[必填]"), "Policy year"),
        ("english", ("Usage:", "Policy year."), "年度"),
    ],
)
def test_help_is_in_the_language_of_the_terminal(language: str, words: tuple[str, ...], nowhere: str) -> None:
    """Of every command, and no line of it is wider than 80 columns."""
    # A help is made when the commands are: one process shows all of them.
    program = (
        "from contextlib import suppress\nfrom pipeline.commands.cli import main\n"
        f"for command in {[(), *COMMANDS]}:\n"
        "    with suppress(SystemExit): main([*command, '--help'])\n"
        "    print('\\f')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"DAIJIAO_LANGUAGE": language},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == "" and nowhere not in done.stdout
    helps = dict(zip([(), *COMMANDS], done.stdout.split("\f\n")[:-1], strict=True))
    assert [command for command, text in helps.items() if "--help" not in text] == []
    assert max(text_width(line) for line in done.stdout.splitlines()) <= 80
    assert all(word in helps["refresh",] for word in words)


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        ("Missing option '--year'.", "缺少选项 --year。"),
        ("Missing argument 'FILE'.", "缺少参数 FILE。"),
        ("No such command 'x'.", "没有命令 x。"),
        ("No such option: --yea (Possible options: --raw, --year)", "没有选项 --yea。"),
        ("Invalid value for '--year': Input should be a valid integer, unable to parse", "--year 应为整数。"),
        ("Invalid value for '--port': 70000 is not in the range.", "--port 的值不对(70000 is not in the range.)。"),
        ("Got unexpected extra argument (x)", "多出了参数 x。"),
        ("Something new", "用法不对(Something new)。"),
    ],
)
def test_wrong_usage_is_said_in_chinese(message: str, chinese: str) -> None:
    """What the library says stands in brackets where nobody knows it."""
    assert wrong_usage(message) == f"{chinese}请运行 `daijiao --help` 查看用法。"


def test_an_error_says_the_same_in_both_languages() -> None:
    """Chinese by default; one that the staff of a bureau can't meet is English alone."""
    raw = Path("nowhere")
    done = {
        language: subprocess.run(
            [DAIJIAO, "refresh", "--year", "2019", "--raw", str(raw)],
            env=os.environ | {"DAIJIAO_LANGUAGE": language},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        for language in ("chinese", "english")
    }
    assert [each.returncode for each in done.values()] == [2, 2]
    assert "没有可读的文件" in done["chinese"].stderr and "daijiao sample --year 2019" in done["chinese"].stderr
    assert "nothing to read" in done["english"].stderr
    assert DaijiaoError("a fault").chinese == "a fault"


def commands_of(group: Any, *above: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_of(command, *above, name)
        else:
            yield (*above, name), command


COMMANDS = dict(commands_of(typer.main.get_command(cli.app)))
# Each of its districts has a folder of policies of its own.
WITHOUT_POLICY = {("province",)}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_takes_policy_and_version(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """And says so; the version is shown whatever else is missing."""
    options = {option for parameter in COMMANDS[words].params for option in parameter.opts}
    assert "--version" in options
    assert ("--policy" in options) is (words not in WITHOUT_POLICY)
    assert ended(*words, "--version") == 0
    assert capsys.readouterr().out.startswith("daijiao 0.")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_is(words: tuple[str, ...]) -> None:
    """In its help, and so does the command."""
    assert COMMANDS[words].help
    assert [each.name for each in COMMANDS[words].params if not getattr(each, "help", None)] == []


def test_the_folder_of_policies_is_named_in_either_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the argument or by the option that every command has; without both there is nothing to check."""
    (tmp_path / "policies").mkdir()
    assert ended("policy", "check", str(tmp_path / "policies")) == 1
    first = capsys.readouterr().out
    assert ended("policy", "check", "--policy", str(tmp_path / "policies")) == 1
    assert capsys.readouterr().out == first
    assert ended("policy", "check") == 2
    assert "--policy" in capsys.readouterr().err


def test_the_lock_is_reentrant_within_a_process(tmp_path: Path) -> None:
    """A report that is written within a run does not wait for itself."""
    with writing(tmp_path / "warehouse", 1), writing(tmp_path / "warehouse", 1):
        assert (tmp_path / "warehouse" / "refresh.lock").exists()
