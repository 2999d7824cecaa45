"""What one refresh is about: the year, its policy, the day it looks back from, its folders and its key.

Only facts that are settled before a table is built belong here.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

import assets
from pipeline.errors import DaijiaoError
from pipeline.policy import Policy, load_policy, policy_sha256
from pipeline.privacy import FINGERPRINT_FILE, fingerprint, load_key, write_whole
from pipeline.restricted import sweep
from pipeline.settings import Settings
from pipeline.warehouse.folder import AS_OF_FOLDER, PUBLISHED_FILE, RESTORE, WAREHOUSE_FILE, make_warehouse_folder

# The engine in this process; any other is the address of a Spark Connect server.
DUCKDB = "duckdb"
_FINGERPRINT = re.compile(rb"[0-9a-f]{16}")


@dataclass(frozen=True)
class Run:
    """One refresh of one policy year."""

    policy: Policy
    policy_folder: Path | None
    policy_sha256: str
    as_of: date | None
    raw: Path
    warehouse: Path
    key: str
    engine: str = DUCKDB
    lake: Path = Path("lake")

    @property
    def year(self) -> int:
        """The policy year."""
        return self.policy.policy_year

    @property
    def folder(self) -> Path:
        """Where the tables lie: those of a day that is looked back from have a folder of their own."""
        return self.warehouse if self.as_of is None else self.warehouse / AS_OF_FOLDER

    @property
    def store(self) -> Path:
        """The restricted tables."""
        return self.folder / WAREHOUSE_FILE

    @property
    def published(self) -> Path:
        """The published tables."""
        return self.folder / (PUBLISHED_FILE if self.as_of is None else f"{self.as_of}.duckdb")


def make_run(settings: Settings, year: int, as_of: date | None = None) -> Run:
    """Settle the facts of a refresh.

    Raises:
        UsageError: the year has no usable policy.
        DaijiaoError: the key is lost, or isn't the one that the published tables were made with.
    """
    policy = load_policy(year, settings.policy)
    try:
        make_warehouse_folder(settings.warehouse)
        sweep(settings.raw.parent, RESTORE)
        sweep(settings.key_file.parent, f".{settings.key_file.name}.")
        key = load_key(settings.key_file, settings.warehouse / PUBLISHED_FILE)
        _guard_key(settings.warehouse / FINGERPRINT_FILE, key)
    except OSError as error:
        where = error.filename or settings.warehouse
        raise DaijiaoError(
            f"{where} can't be used ({error.strerror}), which the warehouse folder {settings.warehouse} or the key needs. "
            "Make it writable for this user or free disk space, and run again; or give another folder with --warehouse.",
            f"{where} 不能使用({error.strerror}),数据仓库文件夹 {settings.warehouse} 或密钥需要它。"
            "请设为当前用户可写或腾出磁盘空间,再重新运行;也可以用 --warehouse 指定另一个文件夹。",
        ) from None
    return Run(
        policy=policy,
        policy_folder=settings.policy,
        policy_sha256=policy_sha256(year, settings.policy),
        as_of=as_of,
        raw=settings.raw,
        warehouse=settings.warehouse,
        key=key,
        engine=settings.engine,
        lake=settings.lake,
    )


@cache
def code_version() -> str:
    """The package's version and a hash of its code and SQL, so that two builds can be told apart."""
    digest = hashlib.sha256()
    for folder in (Path(__file__).parent.parent, Path(assets.__file__).parent):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".sql", ".yaml", ".csv"):
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
    return f"{version('daijiao')}+{digest.hexdigest()[:12]}"


def _guard_key(path: Path, key: str) -> None:
    if not path.exists():
        write_whole(path, fingerprint(key))
        return
    kept = path.read_bytes().strip()
    if not _FINGERPRINT.fullmatch(kept):
        raise DaijiaoError(
            f"{path} is damaged: it holds no fingerprint of a key, so nobody can tell whether this key is the one that the "
            "tables were made with. If you are sure of the key, delete the file and run again.",
            f"{path} 已损坏,其中没有密钥的指纹,无法确认现用的密钥就是生成数据表时的密钥。"
            "如能确认密钥无误,请删除该文件后重新运行。",
        )
    if kept.decode() != fingerprint(key):
        raise DaijiaoError(
            f"The key is not the one that the tables in {path.parent} were made with. Put the right key back, or give "
            "another warehouse folder with --warehouse.",
            f"现用的密钥不是生成 {path.parent} 中数据表时的密钥。请放回原来的密钥,或用 --warehouse 指定另一个数据仓库文件夹。",
        )
