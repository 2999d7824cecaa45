"""What the terminal shows of files that come from elsewhere, in any locale: every character, and nothing that acts on it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deep import IS_DEEP
from tests.policies import copied_policies

DAIJIAO = str(Path(sys.executable).with_name("daijiao"))
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202e\r"
LOCALES = [
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "POSIX"},
    {"LC_ALL": "C.UTF-8"},
    {"PYTHONIOENCODING": "gbk"},
    {"PYTHONIOENCODING": "latin-1"},
]
TRIED = LOCALES if IS_DEEP else LOCALES[:1]


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """A command in an environment."""
    return subprocess.run([DAIJIAO, *arguments], env=os.environ | variables, capture_output=True, check=False)


@pytest.mark.parametrize("locale", TRIED)
def test_any_locale_takes_any_text(tmp_path: Path, locale: dict[str, str]) -> None:
    """Chinese, and characters that a locale doesn't have: no traceback."""
    path = tmp_path / "拨付表.csv"
    path.write_text("乡镇,金额\n汤丹镇𠮷,100\n", encoding="utf-8")
    done = run("inspect", str(path), **locale)
    assert (done.returncode, done.stderr) == (0, b"")
    missing = run("inspect", str(tmp_path / "没有.csv"), **locale)
    assert missing.returncode == 2
    assert b"Traceback" not in missing.stderr and missing.stderr.count(b"\n") == 1


def test_a_file_name_does_nothing_to_the_terminal(tmp_path: Path) -> None:
    """Neither in an answer nor in an error: title, cleared screen, turned text, overwritten line."""
    path = tmp_path / f"{ESCAPES}.csv"
    path.write_text("乡镇,金额\n汤丹镇,100\n", encoding="utf-8")
    missing = run("inspect", str(tmp_path / f"no{ESCAPES}.csv"))
    for done in (run("inspect", str(path)), missing, run("backup", f"x{ESCAPES}")):
        for output in (done.stdout.decode(), done.stderr.decode()):
            assert not set(output) & set(ESCAPES) - set("]0;owned[2J")
    assert "\\x1b" in missing.stderr.decode()


@pytest.mark.parametrize("amount", ["1e400", "1e999999999", "-1e400", ".inf", "9" * 40, "0.001"])
def test_a_premium_that_is_no_amount_is_one_sentence(tmp_path: Path, amount: str) -> None:
    """Of the policy: its file and its key."""
    from pipeline.errors import UsageError
    from pipeline.policy import load_policy

    policies = copied_policies(tmp_path / "policies")
    policy = policies / "2019.yaml"
    lines = policy.read_text(encoding="utf-8").splitlines()
    changed = [f"premium_yuan: {amount}" if line.startswith("premium_yuan:") else line for line in lines]
    assert changed != lines
    policy.write_text("\n".join(changed), encoding="utf-8")
    with pytest.raises(UsageError, match=r"2019.yaml can't be used: premium_yuan: "):
        load_policy(2019, policies)
