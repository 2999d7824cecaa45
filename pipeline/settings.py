"""Where things lie, what runs the rules, and how long to wait: the few settings, each with an environment variable ``DAIJIAO_…``.

The commands set the same variables, so that a run started in the Dagster UI and one from the terminal agree.
"""

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_FOLDER = Path(__file__).resolve().parent.parent

Language = Literal["chinese", "english"]


class Settings(BaseSettings):
    """Folders, engine and waiting times of an installation, and the language of the terminal."""

    model_config = SettingsConfigDict(env_prefix="DAIJIAO_", frozen=True)

    raw: Path = PROJECT_FOLDER / "data" / "raw"
    warehouse: Path = PROJECT_FOLDER / "data" / "warehouse"
    reports: Path = PROJECT_FOLDER / "data" / "reports"
    policy: Path | None = None
    province: Path | None = None
    key_file: Path = PROJECT_FOLDER / "data" / "key"
    engine: str = "duckdb"
    lake: Path = PROJECT_FOLDER / "data" / "lake"
    lock_wait_seconds: float = 60.0
    alert_url: str | None = None
    history_days: int = 180
    language: Language = "chinese"
    history_runs: int = 300
