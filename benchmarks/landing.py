"""How long a large workbook takes to parse beside fastexcel alone, and how much memory a very long text file takes.

A roll of 65,000 rows and 27 columns is read five times in turn by fastexcel alone and by the pipeline; the fastest time of
each counts. A pension register of ten million rows, written for the purpose and deleted again, is parsed in a process of its
own, whose greatest memory is asked for. A district's files are parsed in this process and by the pool of children, which must
not take longer. Usage: python landing.py [WORKBOOK_ROWS [TEXT_ROWS [FILES]]]
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import fastexcel
import xlsxwriter
import xlwt

from pipeline.landing import load_layouts
from pipeline.landing.land import FILES_AT_ONCE
from pipeline.landing.parse import READ, parse_content
from pipeline.landing.workers import parse_file

WORKBOOK_ROWS = 65_000
TEXT_ROWS = 10_000_000
FILES = 110
FILE_ROWS = 600
TIMES = 5
MOST_RATIO = 1.8
MOST_POOL_RATIO = 1.1
MOST_GIGABYTES = 2.0
HEADER = [
    "行政县",
    "乡镇",
    "行政村",
    "自然村",
    "户编号",
    "人编号",
    "姓名",
    "证件号码",
    "人数",
    "与户主关系",
    "民族",
    "文化程度",
    "在校生状况",
    "健康状况",
    "劳动技能",
    "务工状况",
    "务工时间",
    "参加大病医疗",
    "脱贫属性",
    "脱贫年度",
    "贫困户属性",
    "主要致贫原因",
    "危房户",
    "饮水安全",
    "饮水困难",
    "人均纯收入",
    "联系电话",
]
BLOCK_ROWS = 100_000
MEASURE = "--memory-of"


def main(workbook_rows: int, text_rows: int, file_count: int) -> int:
    """Measure, print; 1 where a limit is passed."""
    with tempfile.TemporaryDirectory(prefix="daijiao-bench-") as name:
        folder = Path(name)
        kept = [
            compare_workbook(write_xlsx(folder / "20190331.xlsx", workbook_rows), folder) <= MOST_RATIO,
            compare_workbook(write_xls(folder / "20190331.xls", workbook_rows), folder) <= MOST_RATIO,
            measure_text(write_text(folder / "register.csv", text_rows)),
            compare_pool(folder, file_count) <= MOST_POOL_RATIO,
        ]
    return 0 if all(kept) else 1


def roll_row(number: int) -> list[str | int]:
    """A row of a roll, of no real person."""
    household = number // 4
    person: list[str | int] = [
        "东川区",
        "汤丹镇",
        "洒海村委会",
        f"{household % 40}组",
        f"5301{household:08}",
        f"5301{number:09}",
    ]
    person += [
        f"测试{number % 977}",
        f"5301131970{number % 12 + 1:02}{number % 28 + 1:02}{number % 9999:04}",
        4,
        "户主",
    ]
    person += ["汉族", "小学", "非在校生", "健康", "普通劳动力", "乡(镇)外务工", 8, "是", "已脱贫", 2018, "一般贫困户"]
    return [*person, "缺技术", "否", "是", "否", 8123.45, "13800000000"]


def write_xlsx(path: Path, rows: int) -> Path:
    """A roll as a workbook."""
    with xlsxwriter.Workbook(path, {"constant_memory": False, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, HEADER)
        for number in range(1, rows + 1):
            sheet.write_row(number, 0, roll_row(number))
    return path


def write_xls(path: Path, rows: int) -> Path:
    """A roll as a workbook of the old format."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名单")
    for number, row in enumerate([HEADER, *(roll_row(number) for number in range(1, rows + 1))]):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.save(path)
    return path


def write_text(path: Path, rows: int) -> Path:
    """A pension register as text."""
    with path.open("w", encoding="utf-8") as stream:
        stream.write("证件号码,参保状态,排除情形,待遇状态,个人缴费金额,个人缴费日期\n")
        for start in range(0, rows, BLOCK_ROWS):
            stream.write(
                "".join(
                    f"53011319{number % 90 + 10:02}0101{number % 9999:04},正常参保,,未领取,100.00,2019-{number % 12 + 1:02}-15\n"
                    for number in range(start, min(start + BLOCK_ROWS, rows))
                )
            )
    return path


def compare_workbook(path: Path, folder: Path) -> float:
    """Read a workbook by fastexcel alone and by the pipeline; how many times as long the pipeline takes."""
    layouts = load_layouts().of("poverty_roll")

    def alone() -> None:
        fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_polars()

    def whole() -> None:
        parsed = parse_content(path.read_bytes(), layouts, folder / "rows.parquet")
        assert parsed.status == READ, parsed.reason

    seconds: dict[str, list[float]] = {"fastexcel alone": [], "parse": []}
    for _ in range(TIMES):
        seconds["fastexcel alone"].append(timed(alone))
        seconds["parse"].append(timed(whole))
    for command, values in seconds.items():
        print(f"{path.suffix} {command:<24}{min(values):8.2f} s")
    ratio = min(seconds["parse"]) / min(seconds["fastexcel alone"])
    print(f"{path.suffix} parse / fastexcel alone{ratio:10.2f}")
    return ratio


def compare_pool(folder: Path, file_count: int) -> float:
    """Parse many small files one after the other in this process, and by the pool; how many times as long the pool takes."""
    layouts = load_layouts().of("poverty_roll")
    files = [write_xlsx(folder / f"{number}.xlsx", FILE_ROWS) for number in range(file_count)]
    hashes = {path: sha256(path.read_bytes()).hexdigest() for path in files}

    def here() -> None:
        for path in files:
            assert parse_content(path.read_bytes(), layouts, path.with_suffix(".parquet")).status == READ

    def by_pool() -> None:
        def parse(path: Path) -> str:
            return parse_file(path, hashes[path], layouts, path.with_suffix(".parquet")).status

        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            assert set(pool.map(parse, files)) == {READ}

    seconds = {"in this process": timed(here), "by the pool": timed(by_pool)}
    for command, value in seconds.items():
        print(f"{file_count} files {command:<20}{value:10.2f} s")
    ratio = seconds["by the pool"] / seconds["in this process"]
    print(f"pool / in this process{ratio:14.2f} (at most {MOST_POOL_RATIO})")
    return ratio


def timed(run: Callable[[], None]) -> float:
    """The seconds that something takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def measure_text(path: Path) -> bool:
    """Parse a text file in a process of its own and print the most memory that it took."""
    started = time.perf_counter()
    command = [sys.executable, __file__, MEASURE, str(path)]
    gigabytes = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f".csv of {path.stat().st_size / 1e9:.2f} GB parsed{time.perf_counter() - started:16.2f} s")
    print(f".csv most memory{gigabytes:20.2f} GB (below {MOST_GIGABYTES:.0f})")
    return gigabytes < MOST_GIGABYTES


def memory_of(path: Path) -> None:
    """Parse a text file and print the most memory that this process had, in GB."""
    parsed = parse_content(path.read_bytes(), load_layouts().of("pension_register"), path.with_suffix(".parquet"))
    assert parsed.status == READ, parsed.reason
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9)


if __name__ == "__main__":
    if sys.argv[1:2] == [MEASURE]:
        memory_of(Path(sys.argv[2]))
        sys.exit(0)
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*[*numbers, *[WORKBOOK_ROWS, TEXT_ROWS, FILES][len(numbers) :]]))
