"""Where things lie, what runs the rules, and how long to wait: the few settings, each with an environment variable ``DAIJIAO_…``.

The commands set the same variables, so that a run started in the Dagster UI and one from the terminal agree.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import UsageError

PROJECT_FOLDER = Path(__file__).resolve().parent.parent

_PREFIX = "DAIJIAO_"

Language = Literal["chinese", "english"]
# What a setting takes that isn't any number from 0 on.
_TAKES = {
    "language": ("chinese or english", " chinese 或 english"),
    "memory_gigabytes": ("a number from 0.5 on", "不小于 0.5 的数"),
}
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0)]
_Gigabytes = Annotated[float, Field(ge=0.5, allow_inf_nan=False)]


class Settings(BaseSettings):
    """Folders, engine, memory and waiting times of an installation, and the language of the terminal.

    Raises:
        UsageError: a variable holds what its setting doesn't take; one that is empty is not set.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, frozen=True)

    raw: Path = PROJECT_FOLDER / "data" / "raw"
    warehouse: Path = PROJECT_FOLDER / "data" / "warehouse"
    reports: Path = PROJECT_FOLDER / "data" / "reports"
    policy: Path | None = None
    province: Path | None = None
    key_file: Path = PROJECT_FOLDER / "data" / "key"
    engine: str = "duckdb"
    lake: Path = PROJECT_FOLDER / "data" / "lake"
    memory_gigabytes: _Gigabytes = 4.0
    lock_wait_seconds: _Seconds = 60.0
    alert_url: str | None = None
    history_days: _Count = 180
    language: Language = "chinese"
    history_runs: _Count = 300

    def __init__(self, **given: Any) -> None:
        """Take what is given, else what the environment says, else the default."""
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise _unusable({str(place) for each in error.errors() for place in each["loc"]}) from None


def _unusable(settings: set[str]) -> UsageError:
    named = ", ".join(f"{_PREFIX}{name.upper()}" for name in sorted(settings))
    takes, takes_in_chinese = next(
        (words for name, words in _TAKES.items() if name in settings), ("a number from 0 on", "不小于 0 的数")
    )
    return UsageError(
        f"The environment variable {named} holds what it can't: it takes {takes}. Correct or unset it, and run again.",
        f"环境变量 {named} 的值不能使用,应为{takes_in_chinese}。请改正或取消该变量,再重新运行。",
    )
