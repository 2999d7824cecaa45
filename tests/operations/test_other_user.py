"""An ordinary user before files and folders of somebody else: each command says it in one sentence, or leaves the file out."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.commands import NOBODY, Conditions, Place, start
from tests.operations.other_user import COMMANDS, END, run_all

KEY = "0123456789" * 4


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The folders of an ordinary user, in which two entries are another user's."""
    if os.getuid() != 0:
        pytest.skip("only root can give files to somebody")
    folder = Path("/tmp") / f"daijiao-other-{os.getpid()}"
    own = folder / "own"
    (own / "raw" / "2019" / "closed").mkdir(parents=True)
    (folder / "closed").mkdir()
    (own / "raw" / "2019" / "open.csv").write_text("乡镇,金额\n", encoding="utf-8")
    (own / "raw" / "2019" / "secret.csv").write_text("乡镇,金额\n", encoding="utf-8")
    (own / "key").write_text(KEY, encoding="ascii")
    folder.chmod(0o755)
    for path in (own, *own.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    for path, mode in (
        (own / "raw" / "2019" / "closed", 0o700),
        (own / "raw" / "2019" / "secret.csv", 0o600),
        (folder / "closed", 0o700),
    ):
        os.chown(path, 0, 0)
        path.chmod(mode)
    yield Place(
        folder,
        {
            "DAIJIAO_RAW": str(own / "raw"),
            "DAIJIAO_WAREHOUSE": str(own / "warehouse"),
            "DAIJIAO_KEY_FILE": str(own / "key"),
        },
    )
    shutil.rmtree(folder)


def test_every_command_says_it_in_one_sentence(place: Place) -> None:
    """With the status of its kind, and no traceback; a backup leaves out what can't be read, and names it."""
    command = start(place, run_all, Conditions(as_nobody=True))
    assert command.status() == 0, command.stderr
    *said, rest = command.stderr.split(END)
    assert "Traceback" not in command.stderr
    statuses = [int(each.split("\n", 1)[0]) for each in [*said[1:], rest]]
    assert statuses == [status for status, _ in COMMANDS], command.stderr
    sentences = [each.split("\n", 1)[1] if "\n" in each and number else each for number, each in enumerate(said)]
    assert [each.count("\n") for each in sentences] == [0 if status == 0 else 1 for status, _ in COMMANDS]
    assert "没有备份:raw/2019/secret.csv(当前用户无权读取)。" in command.stdout
    assert "没有备份:raw/2019/closed(当前用户无权读取)。" in command.stdout
