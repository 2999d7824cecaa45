"""One file can't stop the others: what it does to its reader is its refusal, what the machine lacks is none."""

import hashlib
import io
import signal
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import DaijiaoError
from pipeline.landing import load_layouts, workers
from pipeline.landing.cache import ParseCache
from pipeline.landing.parse import ParsedFile
from pipeline.landing.workers import parse_file
from tests.landing.files import land, only_file, xls, xlsx
from tests.landing.harmful import Harmful

TABLE = [["乡镇", "金额"], ["汤丹镇", "100"]]


def parsed(folder: Path, word: str) -> str:
    """The reason why a file is refused whose layouts do harm."""
    return str(parsed_file(folder, word).reason)


def parsed_file(folder: Path, word: str) -> ParsedFile:
    """What comes of a file whose layouts do harm."""
    path = folder / "a.csv"
    path.write_text("乡镇,金额\n汤丹镇,100\n", encoding="utf-8")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return parse_file(path, sha256, Harmful([word]), folder / "rows.parquet")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (str(int(signal.SIGABRT)), "reader_crashed"),
        (str(int(signal.SIGSEGV)), "reader_crashed"),
        ("error", "reader_crashed"),
        ("memory", "too_large"),
        ("loop", "takes_too_long"),
    ],
)
def test_what_a_file_does_to_its_reader_is_its_refusal(
    word: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next file is read as if nothing had been."""
    monkeypatch.setattr(workers, "CPU_SECONDS", 1)
    reason = parsed(tmp_path, word)
    assert reason.startswith(f"{code}: ") and reason.endswith("重新报送。")
    assert only_file(land(tmp_path, {"allocations/a.xlsx": xlsx(TABLE)}))["status"] == "read"


@pytest.mark.parametrize(
    ("word", "says"), [("disk", "No space left"), (str(int(signal.SIGKILL)), "ended from outside")]
)
def test_what_the_machine_lacks_is_no_verdict_on_a_file(word: str, says: str, tmp_path: Path) -> None:
    """It ends the refresh."""
    with pytest.raises(DaijiaoError, match=says) as raised:
        parsed(tmp_path, word)
    assert raised.value.exit_status == 1 and "a.csv" in str(raised.value)


def test_memory_that_is_limited_from_outside_is_no_verdict_either(tmp_path: Path) -> None:
    """Nobody knows whether more would have been enough."""
    code = (
        "import resource\nfrom pathlib import Path\nfrom tests.landing.test_workers import parsed\n"
        "resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))\n"
        f"try:\n    parsed(Path({str(tmp_path)!r}), 'memory')\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.stdout.startswith("DaijiaoError There was not enough memory"), done.stdout + done.stderr


def test_a_file_that_changes_while_it_is_read_ends_the_refresh(tmp_path: Path) -> None:
    """What was hashed is what is parsed."""
    path = tmp_path / "a.csv"
    path.write_text("乡镇,金额\n汤丹镇,100\n", encoding="utf-8")
    with pytest.raises(DaijiaoError, match="changed while it was read"):
        parse_file(path, "0" * 64, load_layouts().of("allocations"), tmp_path / "rows.parquet")


def rewritten(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """A package with another text in one of its parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.namelist():
            text = before.read(part)
            assert part != name or old in text
            after.writestr(part, text.replace(old, new) if part == name else text)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def cell_far_behind_the_stated_size() -> bytes:
    """A sheet that states two rows and has a cell in its last row and column."""
    far = xlsx(TABLE, stray=(1_048_576, 16_384))
    return rewritten(far, SHEET, b'<dimension ref="A1:XFD1048576"', b'<dimension ref="A1:B2"')


def many_merged_cells_in_a_comment() -> bytes:
    """What a search for merged ranges would read again and again."""
    return rewritten(xlsx(TABLE), SHEET, b"</sheetData>", b"</sheetData><!--" + b"<mergeCell " * 400_000 + b"-->")


def part_of_three_gigabytes() -> bytes:
    """A package that says of a part that it unpacks to more than is read."""
    content = bytearray(xlsx(TABLE))
    entry = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, entry + 24, 3 << 30)
    return bytes(content)


def sectors_in_a_circle() -> bytes:
    """An .xls whose directory goes on in itself."""
    content = bytearray(xls(TABLE))
    fat = (struct.unpack_from("<I", content, 76)[0] + 1) * 512
    directory = struct.unpack_from("<I", content, 48)[0]
    struct.pack_into("<I", content, fat + 4 * directory, directory)
    return bytes(content)


def same_part_twice() -> bytes:
    """Two parts of one name: each reader may take another one."""
    stream = io.BytesIO(xlsx(TABLE))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(SHEET, "<worksheet/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (cell_far_behind_the_stated_size, "cells_far_away"),
        (part_of_three_gigabytes, "too_large"),
        (sectors_in_a_circle, "damaged_workbook"),
        (same_part_twice, "damaged_workbook"),
        (many_merged_cells_in_a_comment, None),
    ],
)
def test_a_harmful_workbook_is_refused_by_name(make: object, code: str | None, tmp_path: Path) -> None:
    """Or read, where the harm can be passed over; the good file beside it is read."""
    assert callable(make)
    landing = land(tmp_path, {"allocations/a.xlsx": make(), "allocations/b.xlsx": xlsx([*TABLE, ["阿旺镇", "1"]])})
    harmful, good = landing.files.to_dicts()
    assert good["status"] == "read"
    assert (None if harmful["status"] == "read" else str(harmful["reason"]).split(":")[0]) == code


def test_a_disk_that_is_full_keeps_no_verdict(tmp_path: Path) -> None:
    """The cache holds nothing of the file, so that the next refresh tries again."""
    cache = ParseCache(tmp_path / "cache")
    with pytest.raises(DaijiaoError):
        cache.entry("", "allocations", "", lambda _: parsed_file(tmp_path, "disk"))
    assert list((tmp_path / "cache").iterdir()) == []
