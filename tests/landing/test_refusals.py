"""Files that are refused whole: each with its reason and the next step, and nothing of what they hold."""

import io
import re
import struct
import zipfile
from pathlib import Path

import pytest

from tests.landing.files import land, read, xls, xlsx

TABLE = [["乡镇", "金额", "文号"], *([f"秘密镇{row}", 100 + row, "机密"] for row in range(200))]
NEXT_STEP = re.compile(r"请[^。]+。$")


def password_protected_xlsx() -> bytes:
    """The beginning of a compound file that holds an encrypted package."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(1024)


def password_protected_xls() -> bytes:
    """An .xls whose stream says that it is encrypted from the second record on."""
    content = bytearray(xls(TABLE))
    start = content.index(struct.pack("<HH", 0x0809, 16))
    protected = struct.pack("<HHHHH", 0x002F, 6, 0, 0x1234, 0x5678)
    content[start + 20 : start + 20 + len(protected)] = protected
    return bytes(content)


def without_workbook() -> bytes:
    """A zip archive that is no workbook."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    return stream.getvalue()


def with_flipped_bit() -> bytes:
    """A workbook whose sheet has another check sum than the archive states."""
    content = bytearray(xlsx(TABLE))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    content[sheet.header_offset + 200] ^= 0x10
    return bytes(content)


REFUSED = {
    "empty_file": b"",
    "damaged_workbook": xlsx(TABLE)[:3000],
    "damaged_workbook/xls": xls(TABLE)[:6000],
    "damaged_workbook/zip": without_workbook(),
    "damaged_workbook/bit": with_flipped_bit(),
    "password_protected": password_protected_xlsx(),
    "password_protected/xls": password_protected_xls(),
    "no_matching_layout": "无关,表头\n秘密,机密\n",
    "no_matching_layout/blank": "\n\n\n",
    "no_matching_layout/mark": b"\xef\xbb\xbf",
    "html_table": "<html><table><tr><td>乡镇</td><td>金额</td></tr></table></html>",
    "undecodable": bytes(range(256)) * 4,
    "undecodable/utf-8": "乡镇,金额\n秘密镇,100\n".encode() + b"\xff\xff" + "秘密镇,200\n".encode() * 40,
    "damaged_text": '乡镇,金额\n"秘密镇,100\n',
    "truncated": "乡镇,金额,文号\n秘密镇,100,甲\n机密",
    "control_total_differs": "乡镇,金额\n秘密镇,100\n合计,200\n",
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_file_says_why_and_what_to_do(case: str, tmp_path: Path) -> None:
    """And holds no row; nothing that stands in its data rows is repeated."""
    file, _ = read(tmp_path, "allocations/a.csv", REFUSED[case])
    reason = str(file["reason"])
    assert (file["status"], reason.split(":")[0]) == ("refused", case.split("/")[0])
    assert NEXT_STEP.search(reason), reason
    assert "秘密" not in reason and "机密" not in reason
    assert (file["rows_read"], file["parquet"], file["control_yuan"]) == (0, None, None)


def test_the_other_files_go_on(tmp_path: Path) -> None:
    """One bad file changes nothing for a good one."""
    good = "乡镇,金额\n汤丹镇,100\n"
    landing = land(
        tmp_path, {"allocations/a.csv": good, **{f"allocations/{i}.csv": bad for i, bad in enumerate(REFUSED.values())}}
    )
    assert landing.files["status"].value_counts(sort=True).to_dicts()[0] == {"status": "refused", "count": len(REFUSED)}
    assert [file.file_name for file in landing.rows("allocations")] == ["allocations/a.csv"]


def test_cells_far_away_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    """A stray blank in the last row of a sheet, or in its last column."""
    for row, column in ((1_048_576, 50), (2, 16_384)):
        table: list[list[str | None]] = [["乡镇", "金额"], ["汤丹镇", "1"]]
        content = xlsx(table, stray=(row, column))
        file, _ = read(tmp_path / str(row), "allocations/a.xlsx", content)
        assert (file["status"], str(file["reason"]).split(":")[0]) == ("refused", "cells_far_away")


def test_replies_without_their_token_are_refused(tmp_path: Path) -> None:
    """Nobody could tell whether their protected cells were changed."""
    content = "差异编号,处理答复,答复内容,填报人,填报日期\n1,说明,无,甲,2019-07-01\n"
    file, _ = read(tmp_path, "township_replies/a.csv", content)
    assert (file["status"], str(file["reason"]).split(":")[0]) == ("refused", "no_token")
    assert NEXT_STEP.search(str(file["reason"]))
