"""Whether a publication is what its landed files give and what was signed, seen without the warehouse.

Looked at are the landed files, the published file and the key. Nothing is written, and nothing that the warehouse keeps is
believed.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass

import duckdb

from pipeline.build.publish import compare_again
from pipeline.checks.counted_again import SHOWN_DIFFERENCES, chinese_sentence
from pipeline.errors import DaijiaoError, UsageError
from pipeline.landing.files import landed_files
from pipeline.restricted import scratch_folder
from pipeline.settings import Settings
from pipeline.warehouse.folder import PUBLISHED_FILE
from pipeline.warehouse.outbound import is_mask_of
from pipeline.warehouse.proof import Proof, problems, published_years, read_proof, signed_tables
from pipeline.warehouse.reading import reading
from pipeline.warehouse.run import Run, code_version, make_run


@dataclass(frozen=True)
class Verification:
    """What came of verifying a year.

    `differences` are sentences in Chinese, none where everything agrees; `newer_files` are landed files that came after the
    publication, which is no difference; `notes` say what else is another than it was then, in Chinese.
    """

    policy_year: int
    proof: str | None
    table_count: int
    file_count: int
    figures_compared: int
    differences: tuple[str, ...]
    newer_files: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether everything agrees."""
        return not self.differences


def verify(settings: Settings, year: int | None = None) -> list[Verification]:
    """Verify one published year, or all of them.

    Raises:
        UsageError: there is nothing to verify.
        DaijiaoError: the published file can't be opened, or the key isn't there.
    """
    published = settings.warehouse / PUBLISHED_FILE
    if not published.exists():
        raise UsageError(
            f"There is nothing to verify: no {PUBLISHED_FILE} in {settings.warehouse}. Refresh a year first.",
            f"没有可核对的内容:{settings.warehouse} 中没有 {PUBLISHED_FILE}。请先刷新一个年度。",
        )
    with reading(published) as connection:
        years = published_years(connection)
        asked = years if year is None else [each for each in years if each == year]
        if not asked:
            raise UsageError(
                f"There is nothing to verify: {published} holds {'no year' if year is None else f'no tables of {year}'}. "
                "Refresh the year first.",
                f"没有可核对的内容:{published} 中没有{'任何年度' if year is None else f' {year} 年的数据表'}。请先刷新。",
            )
        return [_verify_year(connection, make_run(settings, each)) for each in asked]


def as_text(verifications: list[Verification]) -> str:
    """What came of it, in Chinese."""
    return "\n".join(line for each in verifications for line in _lines(each))


def as_json(verifications: list[Verification]) -> str:
    """The same for a program: a list with an entry a year."""
    return json.dumps(
        [asdict(each) | {"is_proven": each.is_proven} for each in verifications], ensure_ascii=False, indent=2
    )


def _verify_year(connection: duckdb.DuckDBPyConnection, run: Run) -> Verification:
    proof = read_proof(connection, run.year)
    found = problems(connection, run.year, run.key)
    files, newer = _compare_files(connection, run)
    figures_compared, counted = _second_count(connection, run, newer)
    return Verification(
        policy_year=run.year,
        proof=None if proof is None else proof.short_hash,
        table_count=len(signed_tables(connection)),
        file_count=len(_published_files(connection, run.year)),
        figures_compared=figures_compared,
        differences=(*files, *found, *counted),
        newer_files=tuple(newer),
        notes=() if proof is None else tuple(_notes(proof, run)),
    )


def _notes(proof: Proof, run: Run) -> Iterator[str]:
    if proof.policy_sha256 != run.policy_sha256:
        yield "政策文件在发布后有改动,二次核算按现行政策进行"
    if proof.code_version != code_version():
        yield f"发布时的程序版本是 {proof.code_version},二次核算用的是现行版本"


def _compare_files(connection: duckdb.DuckDBPyConnection, run: Run) -> tuple[list[str], list[str]]:
    """Differences between the landed files and those that were published, and files that came later."""
    landed = {file.file_name: file.sha256 for file in landed_files(run.raw, run.year)}
    published = _published_files(connection, run.year)
    found = _landed_names(published, landed, run.key)
    differences = [
        *(f"报送文件在发布后被改动:{name}" for name, own in found.items() if landed[own] != published[name]),
        *(f"报送文件已不在原处:{name}" for name in published if name not in found),
    ]
    known = set(found.values())
    return differences, [name for name in landed if name not in known]


def _landed_names(published: Collection[str], landed: Collection[str], key: str) -> dict[str, str]:
    """The landed file of each published name, which may be masked in part; of those that are gone there is none."""
    found = {name: name for name in published if name in landed}
    unnamed = [name for name in landed if name not in found]
    for masked in published:
        if masked not in found and (own := [name for name in unnamed if is_mask_of(masked, name, key)]):
            found[masked] = own[0]
            unnamed.remove(own[0])
    return found


def _published_files(connection: duckdb.DuckDBPyConnection, year: int) -> dict[str, str]:
    return dict(
        connection.execute(
            "SELECT file_name, sha256 FROM mart.source_file WHERE policy_year = ? ORDER BY file_name", [year]
        ).fetchall()
    )


def _second_count(connection: duckdb.DuckDBPyConnection, run: Run, newer_files: Sequence[str]) -> tuple[int, list[str]]:
    """How many values a second count of the landed bytes compared, and what it found; files that came later are left out."""
    with scratch_folder("verify") as folder:
        try:
            comparison = compare_again(run, connection, folder, newer_files)
        except DaijiaoError as error:
            return 0, [error.chinese]
    found = [chinese_sentence(each) for each in comparison.differences[:SHOWN_DIFFERENCES]]
    if len(comparison.differences) > len(found):
        found.append(f"二次核算共有 {len(comparison.differences):,} 处不同,以上为前 {len(found)} 处")
    return comparison.compared_count, found


def _lines(verification: Verification) -> Iterator[str]:
    year = verification.policy_year
    if verification.is_proven:
        said = "二次核算一致" if verification.figures_compared else "与发布时一致(未作二次核算)"
    else:
        said = f"有 {len(verification.differences)} 处不一致"
    yield f"{year} 年:{said}"
    yield (
        f"  证明 {verification.proof or '无'};数据表 {verification.table_count} 张,报送文件 {verification.file_count} 个,"
        f"二次核算 {verification.figures_compared:,} 项"
    )
    yield from (f"  不一致:{difference}" for difference in verification.differences)
    yield from (f"  说明:{note}" for note in verification.notes)
    yield from (f"  发布后新到、尚未计入:{name}" for name in verification.newer_files)
