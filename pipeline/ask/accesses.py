"""Who read restricted data, when, about whom and why: an append-only file beside the warehouse.

A person stands there by his person_key, never by ID or name. Reading the published tables is not recorded.
"""

import getpass
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pipeline.errors import DaijiaoError

ACCESSES_FILE = "accesses.jsonl"
NO_PURPOSE = "未说明"


@dataclass(frozen=True)
class Access:
    """One reading: local time with its offset, the account of the machine, the command, the year, the person, the reason."""

    read_at: str
    account: str
    command: str
    policy_year: int
    person_key: str | None
    purpose: str


def record_access(folder: Path, command: str, year: int, person_key: str | None, purpose: str | None) -> None:
    """Put a reading behind those that were recorded; done before anything is shown.

    Raises:
        DaijiaoError: the file can't be written, and so nothing may be read.
    """
    read_at = datetime.now().astimezone().isoformat(timespec="seconds")
    access = Access(read_at, _account(), command, year, person_key, purpose or NO_PURPOSE)
    line = json.dumps(asdict(access), ensure_ascii=False) + "\n"
    path = folder / ACCESSES_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DaijiaoError(
            f"The reading can't be recorded in {path} ({error.strerror}), so nothing is shown. Make the file writable for this "
            "user or free disk space, and run again.",
            f"不能在 {path} 中登记本次查阅({error.strerror}),因此不显示任何内容。"
            "请将该文件设为当前用户可写或腾出磁盘空间,再重新运行。",
        ) from None


def read_accesses(folder: Path) -> list[Access]:
    """Every recorded reading, the oldest first.

    Raises:
        DaijiaoError: the file can't be read, or a line in it isn't one of ours.
    """
    path = folder / ACCESSES_FILE
    if not path.exists():
        return []
    try:
        return [Access(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise DaijiaoError(
            f"{path} can't be read ({error.strerror}). Let its owner run this command.",
            f"无法读取 {path}({error.strerror})。请由其所有者运行本命令。",
        ) from None
    except (ValueError, TypeError):
        raise DaijiaoError(
            f"{path} holds a line that daijiao didn't write. Keep the file as it is for whoever examines it.",
            f"{path} 中有一行不是本系统写的。请保留该文件原样,交检查人员查看。",
        ) from None


def describe(accesses: list[Access]) -> str:
    """The readings as lines of text, in Chinese."""
    if not accesses:
        return "没有查阅记录。"
    return "\n".join(
        f"{each.read_at}  {each.account}  {each.command}  {each.policy_year} 年  {each.person_key or '全部'}  {each.purpose}"
        for each in accesses
    )


def key_of_id(secret: str, id_text: str) -> str:
    """The person_key of an ID, as the macro keyed_hash gives it."""
    inner = hashlib.sha256((secret + id_text).encode()).hexdigest()
    return hashlib.sha256((secret + inner).encode()).hexdigest()[:32]


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
