"""The prose check: every figure of a report, held against the published tables.

A figure is read by the words around it, whatever the sentences are; see ``claims`` and ``verdict``.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipeline.reports.check_report.blocks import Block
from pipeline.reports.check_report.claims import Reading, read_figures
from pipeline.reports.check_report.facts import load_facts
from pipeline.reports.check_report.figures import find_figures
from pipeline.reports.check_report.text import read_blocks
from pipeline.reports.check_report.verdict import CONTRADICTED, NOT_DERIVABLE, PROVEN, Verdict, judge

_LONGEST_HEADING = 40
_WORDS_BEFORE = 14
# What has to be looked at first.
_ORDER = (CONTRADICTED, NOT_DERIVABLE, PROVEN)
_CHINESE = {PROVEN: "相符", CONTRADICTED: "不符", NOT_DERIVABLE: "无法核对"}


@dataclass(frozen=True)
class Finding:
    """A figure of a report and its verdict.

    `table`, `column` and `value` (in the figure's unit) are null where no table holds the figure; of a contradicted one they
    give the right value. `place` is where it stands; `note` says what it is where it could be taken for something else.
    """

    figure: str
    unit: str
    verdict: str
    table: str | None
    column: str | None
    value: str | None
    place: str
    note: str


def check_report(path: Path, published_file: Path, year: int, bureau_names: Sequence[str] = ()) -> list[Finding]:
    """Judge every figure with a unit (人, 元, 万元, %, 分, 份) of a report, in reading order.

    Args:
        path: the report, .docx, .txt, .html or .pdf.
        published_file: the published tables.
        year: policy year that the report is about.
        bureau_names: what the bureau is called, beside the words by which any report speaks of one.

    Raises:
        UsageError: the report can't be read, or the tables don't hold the year.
        DaijiaoError: there are no published tables.
    """
    blocks = read_blocks(path)
    facts = replace(load_facts(published_file, year), bureau_names=tuple(bureau_names))
    findings: list[Finding] = []
    heading = ""
    for block in blocks:
        figures = find_figures(block.text)
        readings = read_figures(block.text, figures, heading, facts)
        findings += [_finding(block, reading, judge(reading, facts)) for reading in readings]
        if not figures and not block.is_cell and len(block.text) <= _LONGEST_HEADING:
            heading = block.text
    return findings


def has_contradiction(findings: list[Finding]) -> bool:
    """Whether a figure of the report is contradicted by the tables."""
    return any(finding.verdict == CONTRADICTED for finding in findings)


def as_json(findings: list[Finding]) -> str:
    """The findings as a JSON list of figure, unit, verdict, table, column, value and place."""
    rows = [{key: value for key, value in asdict(finding).items() if key != "note"} for finding in findings]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_text(findings: list[Finding]) -> str:
    """The findings as lines for a terminal, contradictions first, and how many there are of each verdict."""
    lines = [_line(finding) for verdict in _ORDER for finding in findings if finding.verdict == verdict]
    counts = [f"{_CHINESE[verdict]} {_count(findings, verdict)}" for verdict in (PROVEN, CONTRADICTED, NOT_DERIVABLE)]
    return "\n".join([*lines, f"共 {len(findings)} 个数字:" + ",".join(counts)])


def _finding(block: Block, reading: Reading, verdict: Verdict) -> Finding:
    figure = reading.figure
    fact = verdict.fact
    words = block.text[max(0, figure.start - _WORDS_BEFORE) : figure.end]
    return Finding(
        figure=figure.text,
        unit=figure.unit,
        verdict=verdict.verdict,
        table=None if fact is None else fact.table,
        column=None if fact is None else fact.column,
        value=None if fact is None else figure.in_unit(fact.value),
        place=f"{block.place(figure.start)}:…{words}",
        note=verdict.note,
    )


def _line(finding: Finding) -> str:
    said = f"[{_CHINESE[finding.verdict]}] {finding.figure}{finding.unit}"
    if finding.table is not None:
        right = "" if finding.verdict == PROVEN else f",应为 {finding.value}{finding.unit}"
        said += f"{right} ← {finding.table}.{finding.column}"
    return f"{said}  ({finding.place})" + (f"\n       {finding.note}" if finding.note else "")


def _count(findings: list[Finding], verdict: str) -> int:
    return sum(finding.verdict == verdict for finding in findings)
