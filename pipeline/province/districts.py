"""The districts of a province: a folder each, with its policies, its landed files and its warehouse.

Refreshing and joining them is done elsewhere.
"""

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.policy import Policy, load_policy


@dataclass(frozen=True)
class District:
    """A district's folder and its policy of the year; the folder's name is the district's code."""

    folder: Path
    policy: Policy

    @property
    def code(self) -> str:
        """The district's code of six digits."""
        return self.policy.district_code

    @property
    def policies(self) -> Path:
        """The folder of its policies."""
        return self.folder / "policy"

    @property
    def raw(self) -> Path:
        """Its landing folder."""
        return self.folder / "raw"

    @property
    def warehouse(self) -> Path:
        """The folder of its warehouse and of its published file."""
        return self.folder / "warehouse"


def districts_of(province: Path, year: int) -> list[District]:
    """The districts of a province, in order of their codes.

    Args:
        province: a folder that holds a folder a district, each named by the district's code.
        year: policy year.

    Raises:
        UsageError: there is no district, one has no policy of the year, or a folder bears another code than its policy.
    """
    folders = sorted(path for path in province.glob("[0-9][0-9][0-9][0-9][0-9][0-9]") if path.is_dir())
    if not folders:
        raise UsageError(
            f"There is no district in {province}. Make a folder a district, named by its code of six digits, with the "
            "folders policy and raw in it, and run again.",
            f"{province} 中没有县(区)。请每个县(区)建一个以六位代码命名的文件夹,其中放 policy 和 raw 文件夹,再重新运行。",
        )
    found = [District(folder, load_policy(year, folder / "policy")) for folder in folders]
    for district in found:
        if district.folder.name != district.code:
            raise UsageError(
                f"The folder {district.folder} holds the policy of the district {district.code}. Give the folder that name, "
                "or correct district_code, and run again.",
                f"文件夹 {district.folder} 中是 {district.code} 的政策。请把文件夹改为这个名称,或改正 district_code,再重新运行。",
            )
    return found
