"""The first line of a bank's text file tells its layout, and no later line does."""

from pathlib import Path

from tests.landing.files import land, only_file

BLANKS_IN_ID = """B201911-004|20191120|阿旺镇|2|200.00|
1|张三|6222000000000001|100.00|530198199001011234|0000||
2|李四|6222000000000002|100.00|530198 19600211 2412|0000||
"""


def test_an_id_with_blanks_is_not_the_first_line_of_another_layout(tmp_path: Path) -> None:
    """Split at blanks, the second row has a date in its middle, as the first line of `padded` has."""
    file = only_file(land(tmp_path, {"bank_returns/a.txt": BLANKS_IN_ID}))
    assert (file["status"], file["layout"], file["rows_read"]) == ("read", "pipe", 2)
