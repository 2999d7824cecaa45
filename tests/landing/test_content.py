"""A file is read from where it lies: the same rows as from its bytes, and no more memory however long it is."""

import hashlib
import tracemalloc
from pathlib import Path

import polars as pl
import pytest

from pipeline.landing import text_file, worker
from pipeline.landing.content import FileContent
from pipeline.landing.layouts import load_layouts
from pipeline.landing.parse import READ, ParsedFile, cells_path, parse_content
from pipeline.landing.text_file import open_text

HEADER = "乡镇,姓名,身份证号,返还或代缴,不符合原因,日期"
LINE = "汤丹镇,张三,530198199003070135,返还,,2019-04-11"
BLOCK = 1 << 16
LAYOUTS = load_layouts().of("classification")


def text_of(content: bytes | FileContent) -> tuple[str, list[str], bool]:
    """A text, its lines, and whether it holds control characters."""
    file = open_text(content)
    with file.open() as stream, file.open() as lines:
        return stream.read(), list(lines), file.has_controls


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("more", ["", "\x1a", "\x00\x00", "a\x1fb\x85c", '"x\ny",'])
def test_a_file_gives_the_rows_of_its_bytes(tmp_path: Path, encoding: str, ending: str, more: str) -> None:
    """Whatever its encoding, line ends and control characters."""
    path = tmp_path / "分类.csv"
    path.write_bytes(ending.join([HEADER, LINE, LINE.replace("0135", "0143"), more]).encode(encoding))
    with FileContent(path) as content:
        assert content.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()
        assert text_of(content) == text_of(path.read_bytes())
        of_file = parse_content(content, LAYOUTS, tmp_path / "file.parquet")
    of_bytes = parse_content(path.read_bytes(), LAYOUTS, tmp_path / "bytes.parquet")
    assert of_file == of_bytes
    if of_file.status == READ:
        for place in (lambda path: path, cells_path):
            rows = [pl.read_parquet(place(tmp_path / f"{name}.parquet")) for name in ("file", "bytes")]
            assert rows[0].equals(rows[1])


def test_a_long_text_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control characters are left out, of a block or a line at a time, and a block of nothing else isn't its end."""
    monkeypatch.setattr(text_file, "BLOCK_CHARACTERS", BLOCK)
    path = tmp_path / "long.txt"
    path.write_text("\x00" * BLOCK + f"{LINE}\x1a\n" * 100_000, encoding="utf-8")
    with FileContent(path) as content:
        tracemalloc.start()
        file = open_text(content)
        with file.open() as stream:
            block = stream.read(BLOCK)
        with file.open() as stream:
            first = stream.readline()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert file.has_controls
    assert block == (f"{LINE}\n" * (BLOCK // len(LINE) + 1))[:BLOCK]
    assert first == f"{LINE}\n"
    # Buffers and copies of a block; the text is 6 MB long, and twice as much as it was before decoded.
    assert peak < 5_000_000


def test_a_file_that_is_written_to_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are of nobody's file; one put in its place is not the one that is read."""
    path = tmp_path / "分类.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    request = worker.Request(
        path, hashlib.sha256(path.read_bytes()).hexdigest(), LAYOUTS, tmp_path / "rows", 60, 5 << 30
    )
    parsed = ParsedFile(READ, "text")

    def parse_and(happens: bool) -> worker.Answer:
        def parse(content: FileContent, *_: object) -> ParsedFile:
            if happens:
                with path.open("a", encoding="utf-8") as stream:
                    stream.write(LINE)
            return parsed

        monkeypatch.setattr(worker, "parse_content", parse)
        return worker._answer(request)

    monkeypatch.setattr(worker, "_limit", lambda *_: None)
    assert parse_and(happens=False) == worker.Answer(parsed)
    assert parse_and(happens=True) == worker.Answer(failure=worker.CHANGED)
    assert parse_and(happens=False) == worker.Answer(failure=worker.CHANGED)
