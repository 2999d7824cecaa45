"""Rows in parts: whoever must be counted with somebody else is in his part, and nothing is lost or twice."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.checks.second_count import RunFacts
from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.parts import Bonds, Parts, part_rows

from .by_hand.literal import KEY, POLICY, Cells, File, Sheet, facts_of, in_roll, listed, refunded, roll
from .worlds.people import id_of

COUNT = 5
RUN = RunFacts(policy=POLICY, year=2019, key=KEY)
# Few would lie in one part by chance.
IDS = [id_of("530199", date(1985, 6, 1 + number), f"{number:03}") for number in range(12)]
NO_MISMATCHES = {"mismatch_id": pl.String, "source_file": pl.String, "sheet": pl.String, "row_number": pl.Int64}


def parted(folder: Path, *files: File, mismatches: pl.DataFrame | None = None) -> Parts | None:
    """The rows of literal files in parts."""
    for name in ("cells", "parts"):
        (folder / name).mkdir()
    facts = facts_of(folder / "cells", files)
    return part_rows(RUN, Divisions(POLICY), facts, folder / "parts", COUNT, mismatches)


def places(parts: Parts | None) -> dict[tuple[str, int], list[int]]:
    """Of each row, by file and row number, the parts that have it."""
    assert parts is not None
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for part in range(COUNT):
        for facts in parts.files_of(part):
            assert facts.cells is not None
            for number in pl.read_parquet(facts.cells)["row_number"]:
                found[facts.file_name, number].append(part)
    return found


def part_of(parts: Parts | None, rows: Sequence[tuple[str, int]]) -> list[int]:
    """The part of each of some rows."""
    found = places(parts)
    return [part for row in rows for part in found[row]]


def test_each_row_is_in_one_part_with_all_of_its_person(tmp_path: Path) -> None:
    """Whatever file it stands in, and however the ID is written there."""
    old = [f"{text[:6]}{text[8:17]}" for text in IDS]
    files = (
        roll(*(in_roll(text) for text in IDS)),
        listed("bank_returns", *(refunded(text.lower()) for text in IDS), name="a.csv"),
        listed("pension_register", *({"id_no": f" '{text}"} for text in old)),
        listed("allocations", *({"township": "汤丹镇", "amount": "100"} for _ in range(3))),
    )
    found = places(parted(tmp_path, *files))
    assert len(found) == 3 * len(IDS) + 3
    assert {len(parts) for parts in found.values()} == {1}
    assert len({found["poverty_roll/20190331.csv", row][0] for row in range(2, 14)}) > 1
    for row in range(2, 2 + len(IDS)):
        of_person = {tuple(found[file.file_name, row]) for file in files[:3]}
        assert len(of_person) == 1
    assert {tuple(found["allocations/a.csv", row]) for row in (2, 3, 4)} == {(0,)}


@pytest.mark.parametrize(
    "file",
    [
        roll(*(in_roll(text, member_no="M1") for text in IDS)),
        listed("bank_returns", *(refunded(text, account="62280000") for text in IDS)),
    ],
    ids=["a member number", "an account"],
)
def test_whoever_shares_something_is_in_one_part(tmp_path: Path, file: File) -> None:
    """What is found of them depends on all of their rows."""
    rows = [(file.file_name, row) for row in range(2, 2 + len(IDS))]
    assert len(set(part_of(parted(tmp_path, file), rows))) == 1


def test_a_row_without_an_id_is_with_whoever_has_its_member_number(tmp_path: Path) -> None:
    """It may be the first row that shows the number."""
    rows: list[Cells] = [in_roll(text) for text in IDS]
    rows += [in_roll(IDS[0], member_no="M1"), in_roll(IDS[1], member_no="M1"), in_roll("", member_no="M1")]
    file = roll(*rows)
    assert len(set(part_of(parted(tmp_path, file), [(file.file_name, row) for row in (14, 15, 16)]))) == 1


def test_who_is_named_by_a_reply_is_with_whom_it_is_about(tmp_path: Path) -> None:
    """The line of the mismatch counts for another person by then."""
    names = [f"{text[:17]}{'X' if text[17] != 'X' else '1'}" for text in IDS]
    lines = listed("bank_returns", *(refunded(text) for text in names))
    replies = [
        {"mismatch_id": f"m{number}", "answer_code": "确认身份", "answer_value": text}
        for number, text in enumerate(IDS)
    ]
    answered = listed("township_replies", *replies)
    mismatches = pl.DataFrame(
        [(f"m{number}", lines.file_name, None, 2 + number) for number in range(len(IDS))], NO_MISMATCHES, orient="row"
    )
    found = places(parted(tmp_path, roll(*(in_roll(text) for text in IDS)), lines, answered, mismatches=mismatches))
    for row in range(2, 2 + len(IDS)):
        assert found[lines.file_name, row] == found["poverty_roll/20190331.csv", row]


@pytest.mark.parametrize("file_name", ["bank_returns/gone.csv", "bank_returns/***1a2b.csv"])
def test_nothing_is_parted_where_nobody_knows_whom_a_reply_is_about(tmp_path: Path, file_name: str) -> None:
    """A file's name may be published masked: everything is counted at once then."""
    mismatches = pl.DataFrame([("m0", file_name, None, 2)], NO_MISMATCHES, orient="row")
    reply = {"mismatch_id": "m0", "answer_code": "确认身份", "answer_value": IDS[0]}
    files = (listed("bank_returns", refunded(IDS[1])), listed("township_replies", reply))
    assert parted(tmp_path, *files, mismatches=mismatches) is None


def test_the_same_lists_are_found_in_whole_files(tmp_path: Path) -> None:
    """No part shows them: another order of the rows is the same list, another amount is none."""
    first = [refunded(text, line_no=str(number)) for number, text in enumerate(IDS)]
    files = (
        listed("bank_returns", *first, name="1.csv"),
        listed("bank_returns", *reversed(first), name="2.csv"),
        listed("bank_returns", *first[1:], first[0] | {"amount": "99.00"}, name="3.csv"),
    )
    parts = parted(tmp_path, *files)
    assert parts is not None
    assert [file.status for file in parts.decided.files.values()] == ["read", "same_rows", "read"]


def test_bonds_reach_whoever_is_bound_to_anybody_bound() -> None:
    """In whatever order they were bound."""
    bonds = Bonds()
    for pair in ((1, 2), (3, 4), (5, 6), (2, 3)):
        bonds.bind(*pair)
    heads = dict(bonds.heads().iter_rows())
    assert {number: heads.get(number, number) for number in range(1, 8)} == {1: 1, 2: 1, 3: 1, 4: 1, 5: 5, 6: 5, 7: 7}


def test_sheets_of_a_file_are_parted_row_by_row(tmp_path: Path) -> None:
    """Rows of two sheets can have the same number."""
    rows = [in_roll(text) for text in IDS]
    file = File("poverty_roll/20190331.xlsx", [Sheet(rows, "一"), Sheet(list(reversed(rows)), "二")])
    parts = parted(tmp_path, file)
    assert parts is not None
    sizes = [pl.read_parquet(parts.files_of(part)[0].cells).height for part in range(COUNT)]  # type: ignore[arg-type]
    assert sum(sizes) == 2 * len(IDS)
