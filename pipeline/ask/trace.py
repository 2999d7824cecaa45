"""One person's line of time: every row that a year's files hold of him, and what the rules made of it.

Reads the restricted warehouse and says full names and IDs: for the bureau's own screen, never for a published file. Which
rows are a person's is stated in ``trace.sql``; changing anything does not belong here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipeline.ask.accesses import key_of_id
from pipeline.ask.conclusion import conclusion
from pipeline.contracts.codes import chinese_words
from pipeline.errors import UsageError
from pipeline.landing import fields
from pipeline.reports.workbooks.words import (
    ANSWERS,
    CHANNELS,
    STATES,
    UNCOVERED_REASONS,
    in_chinese,
    state_reason_in_chinese,
)

EVENTS = {
    "roll": "名单",
    "category": "类别名单",
    "classification": "乡镇分类",
    "register": "参保登记",
    "benefit": "待遇发放",
    "line": "返盘",
    "posting": "记账",
    "mismatch": "差异",
    "reply": "答复",
}
"""The kinds of event, in the order in which those of one day are told."""

DISPOSITIONS = chinese_words("disposition")
STATUSES = {**chinese_words("mismatch_status"), **chinese_words("reply_status")}
FAILURES = chinese_words("failure_reason")
LEVELS = {"central": "中央资金", "provincial": "省级资金", "municipal": "市级资金", "district": "区（县）级资金"}

_EVENTS_SQL = Path(__file__).with_suffix(".sql")
_KEY = re.compile(r"[0-9a-f]{32}")
_PERSONS_SQL = """
select
    person.name, coalesce(person.person_id, person.id_text, '') as id_text, person.person_key, township.township_name,
    person.village, person.birth_date, person_state.state, person_state.state_reason, person_state.class,
    write_off.channel, write_off.paid_date, write_off.amount_yuan as written_off_yuan, uncovered_reason.uncovered_reason
from core.person
inner join core.person_state using (policy_year, person_no)
left join core.write_off using (policy_year, person_no)
left join core.uncovered_reason using (policy_year, person_no)
left join mart.township_participation as township
    on person.policy_year = township.policy_year and person.township_code = township.township_code
where
    person.policy_year = $year
    and (
        $id_text in (person.person_id, person.id_text)
        or person.person_key = $person_key
        -- Whom a reply gave his right ID may be asked for by the one that the roll has.
        or person.person_no in (
            select applied_reply.settled_person_no
            from core.applied_reply
            inner join stated.person as stated using (policy_year, person_no)
            where applied_reply.policy_year = $year and ($id_text = stated.id_text or stated.person_key = $person_key)
        )
    )
order by person.person_no
"""


@dataclass(frozen=True)
class Trace:
    """What a year knows of one person.

    `persons` has a row for each person of the roll who answers to the ID: none where he is on no snapshot of the year,
    several only where an unusable ID is shared. `events` has a row an event, in order of time: event, event_date, subject,
    statement, judgement, note (terms of the tables), file_name, sheet, row_number; undated events come last. `townships` are
    the names of the year's townships by code.
    """

    year: int
    persons: pl.DataFrame
    events: pl.DataFrame
    townships: Mapping[str, str]


def trace(connection: duckdb.DuckDBPyConnection, year: int, given: str) -> Trace:
    """Follow one person through a year.

    Args:
        connection: the restricted warehouse, opened by `pipeline.warehouse.reading.reading`.
        year: policy year.
        given: an ID as files write it (18, 15 or 20 characters, x in either case, with blanks), or a person_key.

    Raises:
        UsageError: the year was never refreshed, or no person has the key.
    """
    parameters = {"year": year, **_asked(given)}
    refreshed = connection.execute("select 1 from mart.refresh where policy_year = ?", [year]).fetchall()
    if not refreshed:
        raise UsageError(
            f"The warehouse holds no tables of {year}. Run `daijiao refresh --year {year}` first.",
            f"数据仓库中没有 {year} 年的数据表。请先运行 `daijiao refresh --year {year}`。",
        )
    persons: pl.DataFrame = connection.sql(_PERSONS_SQL, params=parameters).pl()
    found: pl.DataFrame = connection.sql(_EVENTS_SQL.read_text(encoding="utf-8"), params=parameters).pl()
    if parameters["person_key"] and persons.is_empty() and found.is_empty():
        raise UsageError(
            f"Nobody in the tables of {year} has this person_key. Copy it whole from the published tables.",
            f"{year} 年的数据表中没有这个人员代号。请从已发布的数据表中完整复制。",
        )
    order = pl.col("event").cast(pl.Enum(list(EVENTS)))
    events = found.sort("event_date", order, "file_name", "sheet", "row_number", "subject", "note", nulls_last=True)
    townships = connection.execute(
        "select township_code, township_name from mart.township where policy_year = ?", [year]
    ).fetchall()
    return Trace(year=year, persons=persons, events=events, townships=dict(townships))


def describe(traced: Trace) -> str:
    """The line of time as a Chinese text: who he is, how he stands, a line an event with its file, sheet and row, what to do."""
    lines = [_person_line(row) for row in _translated_persons(traced.persons).iter_rows(named=True)]
    if not lines:
        lines = [f"{traced.year} 年各期名单均无此人。"]
    if traced.events.is_empty():
        lines.append(f"{traced.year} 年的文件中没有此人的记录。")
    persons = list(traced.persons.iter_rows(named=True))
    open_kinds = traced.events.filter(event="mismatch", judgement="open")["subject"].to_list()
    ends = [conclusion(person, open_kinds) for person in persons] or [conclusion(None, open_kinds)]
    return "\n".join([*lines, *_translated_events(traced).to_series().to_list(), *ends])


def is_person_key(given: str) -> bool:
    """Whether a text is a person_key, and so says nothing about who it is."""
    return bool(_KEY.fullmatch(given.strip().lower()))


def keys_of(traced: Trace, given: str, secret: str) -> list[str]:
    """The keys of whoever is told of: those of the roll persons, else that which was asked for."""
    keys: list[str] = traced.persons["person_key"].to_list()
    asked = _asked(given)
    return keys or [asked["person_key"] or key_of_id(secret, asked["id_text"] or "")]


def _asked(given: str) -> dict[str, str | None]:
    """The ID or the key that was given, in the form of the tables."""
    if is_person_key(given):
        return {"id_text": None, "person_key": given.strip().lower()}
    cleaned = fields.clean_columns(pl.DataFrame({"given": [given]}), {"text": "given"})
    return {"id_text": fields.read_ids(cleaned, "text", pl.lit(value=False))["id_text"].item(), "person_key": None}


def _translated_persons(persons: pl.DataFrame) -> pl.DataFrame:
    return persons.with_columns(
        in_chinese("state", STATES),
        state_reason_in_chinese("state_reason"),
        in_chinese("channel", CHANNELS),
        in_chinese("uncovered_reason", UNCOVERED_REASONS),
    )


def _person_line(row: dict[str, object]) -> str:
    place = " ".join(str(part) for part in (row["township_name"] or "未知乡镇", row["village"]) if part)
    told = [
        f"{row['name']} {row['id_text']}",
        place,
        f"{row['state']}({row['state_reason']})" if row["state_reason"] else row["state"],
    ]
    if row["class"]:
        told.append(f"乡镇分类 {row['class']}")
    if row["written_off_yuan"] is not None:
        told.append(f"{row['paid_date']} {row['channel']} {row['written_off_yuan']} 元,已核销")
    if row["uncovered_reason"]:
        told.append(f"未覆盖:{row['uncovered_reason']}")
    return ";".join(str(part) for part in told)


def _translated_events(traced: Trace) -> pl.DataFrame:
    """One column: each event as a line of text."""
    kinds = chinese_words("mismatch_kind")
    townships = [(f"township:{code}", name) for code, name in traced.townships.items()]
    accounts = [*townships, ("township:", "乡镇 "), ("person:", "个人·"), ("tax:", "税务·")]
    subject = pl.col("subject").replace({**CHANNELS, **kinds, **ANSWERS})
    for prefix, text in accounts:
        subject = subject.str.replace_all(prefix, text, literal=True)
    for code, text in DISPOSITIONS.items():
        subject = (
            pl.when(pl.col("event") == "posting")
            .then(subject.str.replace(rf"·{code}\b", f"·{text}"))
            .otherwise(subject)
        )
    judgement = pl.col("judgement").replace({**DISPOSITIONS, **STATUSES})
    note = pl.col("note").replace({**kinds, **FAILURES, **LEVELS})
    place = pl.concat_str(
        pl.col("file_name"),
        "[" + pl.col("sheet") + "]",
        pl.format("第{}行", "row_number"),
        separator=" ",
        ignore_nulls=True,
    )
    return traced.events.select(
        pl.concat_str(
            pl.col("event_date").cast(pl.String).fill_null("(无日期)  "),
            pl.col("event").replace(EVENTS),
            pl.concat_str(subject, "statement", judgement, note, separator=";", ignore_nulls=True),
            "(" + place + ")",
            separator="  ",
            ignore_nulls=True,
        )
    )
