"""What Great Expectations alone can say of the landed lists: types, keys, words and ranges of each, on pandas frames.

It checks one frame at a time, so whether a person is paid for who should be is none of its business: it gives no
township figures.
Usage: python expectations_alone.py RAW YEAR
"""

import sys
from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe
from pandas_analyst import read_all, read_bank, read_roll, read_tax

ID = r"^\d{17}[\dX]$"


def main(raw: Path, year: int) -> None:
    """Read, check, print how many expectations hold."""
    frames = {
        "roll": (read_roll(raw / "poverty_roll", year), key_of("证件号码")),
        "register": (
            read_all(raw / "pension_register"),
            [*key_of("身份证号"), words("待遇状态", ["正常领取", "暂停领取", "未领取", "终止"])],
        ),
        "verification": (
            read_all(raw / "classification"),
            [matches("身份证号"), filled("核查日期"), words("核查分类", ["返还", "代缴", "不符合"])],
        ),
        "bank": (
            read_bank(raw / "bank_returns"),
            [matches("证件号码"), gxe.ExpectColumnValuesToBeBetween(column="金额", min_value=0), filled("日期")],
        ),
        "tax": (
            read_tax(raw / "tax_returns"),
            [
                matches("证件号码"),
                gxe.ExpectColumnValuesToBeBetween(column="金额", min_value=0),
                filled("征收项目"),
            ],
        ),
    }
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_pandas("landed")
    held = asked = 0
    for name, (frame, expectations) in frames.items():
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
        done = batch.get_batch({"dataframe": frame.reset_index(drop=True)}).validate(
            gx.ExpectationSuite(name=name, expectations=expectations),
            result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
        )
        held += sum(bool(result.success) for result in done.results)
        asked += len(expectations)
    print(f"{held} of {asked} expectations hold")


def key_of(column: str) -> list[gxe.Expectation]:
    """A column that names persons, once each."""
    return [matches(column), gxe.ExpectColumnValuesToBeUnique(column=column)]


def matches(column: str) -> gxe.Expectation:
    """A column of ID numbers."""
    return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=ID)


def filled(column: str) -> gxe.Expectation:
    """A column without an empty cell."""
    return gxe.ExpectColumnValuesToNotBeNull(column=column)


def words(column: str, listed: list[str]) -> gxe.Expectation:
    """A column of listed words."""
    return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=listed)


if __name__ == "__main__":
    main(Path(sys.argv[1]) / sys.argv[2], int(sys.argv[2]))
