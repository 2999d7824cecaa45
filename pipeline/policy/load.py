"""Finding and reading policy files: ``<year>.yaml`` and the division table that it names.

What a policy may say is stated in ``pipeline.policy.model``. No rule belongs here.
"""

import csv
import hashlib
from pathlib import Path
from typing import Any

from pipeline.bureau_file import BureauFile
from pipeline.errors import UsageError
from pipeline.policy.model import DIVISION_COLUMNS, Policy

PACKAGE_FOLDER = Path(__file__).parent


def policy_years(folder: Path | None = None) -> list[int]:
    """The years for which the folder holds a policy, in order."""
    return sorted(int(path.stem) for path in (folder or PACKAGE_FOLDER).glob("[0-9][0-9][0-9][0-9].yaml"))


def load_policy(year: int, folder: Path | None = None) -> Policy:
    """Read the policy of a year.

    Args:
        year: policy year.
        folder: folder of policy files; the district's own when null.

    Raises:
        UsageError: there is no policy of that year, or a key of it can't be used.
    """
    path = (folder or PACKAGE_FOLDER) / f"{year}.yaml"
    if not path.is_file():
        known = ", ".join(str(each) for each in policy_years(folder))
        raise UsageError(
            f"There is no policy for the year {year} (known years: {known or 'none'}). Add {path.name} to {path.parent}.",
            f"没有 {year} 年的政策(已有年度:{known or '无'})。请把 {path.name} 放进 {path.parent}。",
        )
    file = BureauFile(path, "policy", "政策文件")
    try:
        policy = file.checked(Policy, lambda content: _with_divisions(content, path.parent))
    except (OSError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise file.unreadable(error) from None
    if policy.policy_year != year:
        raise file.unusable(
            "policy_year",
            f"{policy.policy_year} is not the year of the file's name",
            f"{policy.policy_year} 与文件名的年度不同",
        )
    for name in (policy.self_evaluation_file, policy.narrative_file):
        if name is not None and not (path.parent / name).is_file():
            raise UsageError(
                f"The policy {path} names the file {path.parent / name}, which isn't there. Put it there and run again.",
                f"政策文件 {path} 写明的文件 {path.parent / name} 不存在。请放好后重新运行。",
            )
    return policy


def policy_sha256(year: int, folder: Path | None) -> str:
    """The hash of everything that the year's policy says: its file, its divisions and its self-evaluation template."""
    policy = load_policy(year, folder)
    base = folder or PACKAGE_FOLDER
    digest = hashlib.sha256(policy.model_dump_json().encode())
    digest.update((base / policy.self_evaluation_file).read_bytes())
    if policy.narrative_file is not None:
        digest.update((base / policy.narrative_file).read_bytes())
    return digest.hexdigest()


def _with_divisions(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    with (folder / content["divisions_file"]).open(encoding="utf-8-sig", newline="") as lines:
        divisions = [{name: row[name] for name in DIVISION_COLUMNS if row.get(name)} for row in csv.DictReader(lines)]
    return {**content, "divisions": divisions}
