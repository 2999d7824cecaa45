"""The key that turns persons into `person_key`, where it comes from, and errors without values.

Masks and keyed hashes of rows are stated in SQL beside the tables that publish them; this module only guards the key and
what an exception may say.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from pipeline.errors import DaijiaoError
from pipeline.restricted import OWNER_FILE, close_to

KEY_VARIABLE = "DAIJIAO_KEY"
KEY_CHARACTERS = 32
# What the readers raise when they can't have memory or a thread; it is no Exception.
RUST_PANIC = "PanicException"
# What Python says where it can't have a thread.
_NO_THREAD = "can't start new thread"
# In the warehouse folder: by which key its tables were made.
FINGERPRINT_FILE = "key.fingerprint"
_UNSAFE_TEXT = re.compile(r"[\"'“‘(\[{:].*", re.DOTALL)


def load_key(path: Path, published: Path) -> str:
    """The secret of the keyed hashes: from the environment, else from the key file, else made on the first refresh.

    Raises:
        DaijiaoError: no key is there although tables were made with one: a key made anew would give every person another
            hash.
    """
    key = current_key(path)
    if key is not None:
        return key
    if published.exists() or published.with_name(FINGERPRINT_FILE).exists():
        raise DaijiaoError(
            f"The key file {path} is missing or empty, but the tables in {published.parent} were made with it. Put the key "
            f"file back from your backup, or set {KEY_VARIABLE}; a key made anew would change every person_key.",
            f"密钥文件 {path} 不存在或是空的,而 {published.parent} 中的数据表是用它生成的。"
            f"请从备份放回密钥文件,或设置 {KEY_VARIABLE};"
            "换用新密钥会改变所有人员代号。",
        )
    return _make_key(path)


def current_key(path: Path) -> str | None:
    """The key in use, from the environment, else from the key file; null where there is none yet.

    Raises:
        DaijiaoError: it is too short to be none that can be guessed, or holds something else than printable ASCII.
    """
    key, place = os.environ.get(KEY_VARIABLE, "").strip(), (f"the variable {KEY_VARIABLE}", f"变量 {KEY_VARIABLE} ")
    if not key and path.exists():
        key, place = _key_in(path), (f"the file {path}", f"文件 {path} ")
    if key and (len(key) < KEY_CHARACTERS or not (key.isascii() and key.isprintable())):
        raise DaijiaoError(
            f"The key in {place[0]} can't be used: it must have at least {KEY_CHARACTERS} characters, and only printable ASCII "
            "ones. Put the right key back; where no tables were made yet, unset the variable or remove the file, and the first "
            "refresh makes a good one.",
            f"{place[1]}中的密钥不能使用:至少要有 {KEY_CHARACTERS} 个字符,"
            "且只能是可打印的 ASCII 字符。请放回正确的密钥;还没有生成过数据表的,"
            "请取消该变量或删除该文件,首次刷新会生成可用的密钥。",
        )
    return key or None


def _key_in(path: Path) -> str:
    """What a key file holds.

    Raises:
        DaijiaoError: it can't be read.
    """
    try:
        close_to(path, OWNER_FILE)
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise DaijiaoError(
            f"The key file {path} can't be read ({error.strerror}). Put the key file back from your backup, readable by this "
            f"user, or set {KEY_VARIABLE}.",
            f"无法读取密钥文件 {path}({error.strerror})。请从备份放回,并允许当前用户读取,或设置 {KEY_VARIABLE}。",
        ) from None


def keep_key(path: Path, key: str) -> None:
    """Write a key file, readable by its owner alone, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, key + "\n")


def write_whole(path: Path, text: str, mode: int = OWNER_FILE) -> None:
    """Write a small text file at once: whoever looks finds the earlier file or the whole new one, whatever happens.

    Raises:
        OSError: the file can't be written; an earlier one stays.
    """
    fresh = _fresh(path, text, mode)
    try:
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def is_interruption(error: BaseException) -> bool:
    """Whether an error is how the database tells that somebody pressed Ctrl-C."""
    return type(error).__name__ in ("RuntimeError", "InterruptException") and "interrupt" in str(error).lower()


def _make_key(path: Path) -> str:
    """Make a key; of two runs that do so at once both get the one that was there first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _fresh(path, secrets.token_hex(32) + "\n", OWNER_FILE)
    try:
        if path.exists() and not path.read_bytes().strip():
            path.unlink()
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()
    return path.read_text(encoding="ascii").strip()


def _fresh(path: Path, text: str, mode: int) -> Path:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        fresh.unlink()
        raise
    return fresh


def fingerprint(key: str) -> str:
    """A hash by which a key is recognised without being known."""
    return hashlib.sha256(f"fingerprint of {key}".encode()).hexdigest()[:16]


def scrubbed(error: BaseException) -> str:
    """The kind of an error and its first words up to anything that could quote a value."""
    words = _UNSAFE_TEXT.sub("", str(error)).strip()
    return type(error).__name__ if re.search(r"\d", words) or not words else f"{type(error).__name__}: {words}"


def _no_memory(what: str) -> DaijiaoError:
    return DaijiaoError(
        f"There was not enough memory for {what}. Nothing was published; free memory and run again.",
        f"内存不足({what})。没有发布;请释放内存后重新运行。",
    )


@contextmanager
def plain_errors(what: str) -> Iterator[None]:
    """Let only our own errors out: any other could quote a value, and Dagster keeps what an exception says.

    Raises:
        DaijiaoError: in place of whatever else was raised.
    """
    try:
        yield
    except (DaijiaoError, KeyboardInterrupt, GeneratorExit):
        raise
    except (MemoryError, duckdb.OutOfMemoryException):
        raise _no_memory(what) from None
    except OSError as error:
        raise DaijiaoError(
            f"A file could not be read or written in {what} ({error.strerror or type(error).__name__}: {error.filename}). "
            "Nothing was published; look for a full disk, a vanished file or a folder that can't be written, and run again.",
            f"读写文件失败({what}:{error.strerror or type(error).__name__}:{error.filename})。没有发布;"
            "请检查磁盘是否已满、文件是否被移走、文件夹是否可写,再重新运行。",
        ) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
        if is_interruption(error):
            raise KeyboardInterrupt from None
        if _NO_THREAD in str(error):
            raise _no_memory(what) from None
        raise DaijiaoError(f"{what} failed ({scrubbed(error)}). Nothing was published; report this sentence.") from None
    except BaseException as error:
        if type(error).__name__ != RUST_PANIC:
            raise
        raise _no_memory(what) from None
