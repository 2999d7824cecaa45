"""The key that turns persons into `person_key`, where it comes from, and errors without values.

Masks and keyed hashes of rows are stated in SQL beside the tables that publish them; this module only guards the key and
what an exception may say.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import DaijiaoError

KEY_VARIABLE = "DAIJIAO_KEY"
_UNSAFE_TEXT = re.compile(r"[\"'“‘(\[{:].*", re.DOTALL)


def load_key(path: Path, published: Path) -> str:
    """The secret of the keyed hashes: from the environment, else from the key file, else made on the first refresh.

    Raises:
        DaijiaoError: no key is there although published tables are: a key made anew would give every person another hash.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if key:
        return key
    if path.is_file():
        key = path.read_text(encoding="ascii", errors="replace").strip()
        if key:
            return key
    if published.exists():
        raise DaijiaoError(
            f"The key file {path} is missing or empty, but {published} was made with it. Put the key file back from your "
            f"backup, or set {KEY_VARIABLE}; a key made anew would change every person_key."
        )
    return _make_key(path)


def fingerprint(key: str) -> str:
    """A hash by which a key is recognised without being known."""
    return hashlib.sha256(f"fingerprint of {key}".encode()).hexdigest()[:16]


def scrubbed(error: BaseException) -> str:
    """The kind of an error and its first words up to anything that could quote a value."""
    words = _UNSAFE_TEXT.sub("", str(error)).strip()
    return type(error).__name__ if re.search(r"\d", words) or not words else f"{type(error).__name__}: {words}"


def _make_key(path: Path) -> str:
    key = secrets.token_hex(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL if not path.exists() else os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


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
    except MemoryError:
        raise DaijiaoError(
            f"There was not enough memory for {what}. Nothing was published; free memory and run again."
        ) from None
    except OSError as error:
        raise DaijiaoError(
            f"A file could not be read or written in {what} ({error.strerror}). Nothing was published; look for a full "
            "disk, a vanished file or a folder that can't be written, and run again."
        ) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
        raise DaijiaoError(f"{what} failed ({scrubbed(error)}). Nothing was published; report this sentence.") from None
