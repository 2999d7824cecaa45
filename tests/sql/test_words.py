"""Words that nobody knows are listed by file, and names in traditional characters agree with simplified ones."""

from decimal import Decimal

from pipeline.contracts.tables import TableName, load_tables

from .results import results


def test_words_that_nobody_knows_are_listed_by_file() -> None:
    """Of rows that are used or quarantined, not of dropped or later ones; digits that may be a number of somebody are masked."""
    outcomes = [
        {"row_key": key, "unknown_outcome": word}
        for key, word in enumerate(("已代付", "已代付", "退1234567", "已代付"), 1)
    ]
    fates = {1: "accepted", 2: "quarantined", 3: "accepted", 4: "dropped"}
    levels = [{"row_key": key, "fund_level": level} for key, level in ((5, "省级"), (6, "市级"), (8, "中央"))]
    rows = [{"row_key": key, "file_name": "a.txt", "row_number": 10 * key, "amount_yuan": 100} for key in range(1, 7)]
    assert results(
        "mart.unknown_word",
        "vocabulary word row_count amount_yuan first_row_number",
        bank_returns=outcomes,
        pension_register=[{"row_key": 7, "unknown_exclusion": "失踪"}],
        fund_documents=levels,
        row_fate=[{"row_key": key, "fate": fates.get(key, "accepted")} for key in range(1, 9)],
        landed_row=[
            *rows,
            {"row_key": 7, "file_name": "b.csv", "row_number": 3},
            # A row with another number of cells: nobody knows under which header its words stand.
            {"row_key": 8, "file_name": "b.csv", "row_number": 4, "quarantine_field": "row"},
        ],
    ) == [
        ("exclusion", "失踪", 1, None, 3),
        ("fund_level", "省级", 1, Decimal(100), 50),
        ("outcome", "已代付", 2, Decimal(200), 10),
        ("outcome", "退******", 1, Decimal(100), 30),
    ]


def agreeing(one: str, other: str) -> bool:
    """Whether two names of one person agree but for characters that can't be read or are traditional."""
    pairs = results(
        "core.unreadable_name",
        "name_key other_name_key",
        roll_row=[{"person_id": "A", "name_key": one}],
        return_row=[{"person_id": "A", "name_key": other}],
    )
    assert ((one, other) in pairs) == ((other, one) in pairs)
    return (one, other) in pairs


def test_traditional_characters_agree_with_simplified_ones() -> None:
    """Wherever the others agree too; two simplified names that differ don't."""
    assert agreeing("常东楠", "常東楠") and agreeing("楊文山", "杨文山") and agreeing("馬小?", "马小林")
    assert not agreeing("常东楠", "常东南") and not agreeing("常東楠", "常东南") and not agreeing("常东", "常東楠")


def test_the_words_of_every_source_are_listed() -> None:
    """Wherever landing sets a word aside that nobody knows."""
    sql = load_tables()[TableName("mart", "unknown_word")].sql or ""
    set_aside = [
        f"{column} as word from {table.full_name}"
        for table in load_tables().values()
        for column in table.column_names
        if table.schema == "raw" and column.startswith("unknown_")
    ]
    assert len(set_aside) >= 12
    assert [words for words in set_aside if words not in sql] == []
