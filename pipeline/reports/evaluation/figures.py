"""The figures of the evaluation report: what the tables hold, as the template's names write it on paper.

What the report says about them is the template's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.build.indicators.rows import district_figures
from pipeline.build.indicators.score import evaluate
from pipeline.build.indicators.template import load_template
from pipeline.contracts.codes import chinese_words
from pipeline.paper import NO_SOURCE, OVER_ZERO, half_up, on_paper, percent, rate_of, wan_yuan
from pipeline.policy import narrative_of
from pipeline.policy.model import UNKNOWN_TOWNSHIP
from pipeline.reports.evaluation.narrative import narrative_texts
from pipeline.warehouse.outbound import known_texts, masked_texts
from pipeline.warehouse.proof import read_proof
from pipeline.warehouse.reading import reading
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

_STEPS = {1: "名单", 2: "不符合", 3: "未确认", 4: "符合条件", 5: "未覆盖", 6: "已覆盖"}
_TOWNSHIP_REASON = "township:"


@dataclass(frozen=True)
class ReportFigures:
    """The names of the template with their texts, and the numbers that the charts draw."""

    texts: Mapping[str, Any]
    ladder: list[dict[str, Any]]
    townships: list[dict[str, Any]]
    bureau_balance_yuan: Decimal


def report_figures(session: Session, run: Run) -> ReportFigures:
    """Read everything that the report says of a year."""
    district = district_figures(session)
    levels = _levels(session)
    ladder = _ladder(session)
    townships = _townships(session)
    texts = {
        "year": run.year,
        "district": run.policy.district_name,
        "bureau": run.policy.bureau_name,
        "bureau_short": run.policy.bureau,
        "project": load_template(run).project_name,
        "premium": f"{run.policy.premium_yuan.normalize():f}",
        **_district_texts(session, district),
        **narrative_texts(narrative_of(run.policy, run.policy_folder), district),
        **_level_texts(levels),
        **_mismatch_texts(session),
        **_file_texts(session),
        **_proof_texts(run),
        **_score_texts(run, district),
        "grants": _grant_rows(session, run),
        "ladder": [_ladder_row(row) for row in ladder],
        "townships": _township_rows(townships, district),
        **_extremes(townships),
        "over_allocated": "、".join(
            f"{row['township_name']}（资金使用率{percent(row['utilisation_rate'])}）"
            for row in townships
            if row["used_yuan"] > row["allocated_yuan"] and row["township_code"] != UNKNOWN_TOWNSHIP
        ),
        "is_over_allocated": (district["utilisation_rate"] or 0) > 1,
        "is_over_budget": (district["execution_rate"] or 0) > 1,
    }
    return ReportFigures(texts, ladder, townships, Decimal(district["bureau_balance_yuan"] or 0))


def _district_texts(session: Session, district: Mapping[str, Any]) -> dict[str, Any]:
    """Counts, amounts and rates under their names without the unit, and whether those without certain source are there."""
    texts: dict[str, Any] = {}
    for name, value in district.items():
        short, _, unit = name.rpartition("_")
        if unit in ("count", "yuan", "answers"):
            texts[short if unit != "answers" else "answers"] = on_paper(name, value)
        elif unit in ("rate", "low", "high"):
            texts[short if unit == "rate" else unit] = percent(value)
    sources = set(session.find("SELECT DISTINCT source FROM mart.source_file WHERE status = 'read'")["source"])
    has_benefit, has_satisfaction = "benefit_payments" in sources, "satisfaction_survey" in sources
    if not has_benefit:
        texts["benefit_disbursement"] = NO_SOURCE
    if not has_satisfaction:
        texts["satisfaction"] = NO_SOURCE
    if district["planned_count"] is None:
        texts["target_completion"] = NO_SOURCE
    cost = rate_of(district["used_yuan"], district["covered_count"])
    return {
        **texts,
        "benefit": texts["benefit_disbursement"],
        "has_benefit": has_benefit,
        "has_satisfaction": has_satisfaction and district["satisfaction_rate"] is not None,
        "has_planned": district["planned_count"] is not None,
        "uncovered_number": district["uncovered_count"],
        "disputed_number": district["disputed_yuan"],
        "cost_per_person": OVER_ZERO if cost is None else f"{half_up(cost, 2).normalize():f}元",
    }


def _levels(session: Session) -> list[dict[str, Any]]:
    return session.find(
        "SELECT fund_level.word, fund_level.share, fund.granted_yuan, fund.used_yuan, fund.balance_yuan "
        "FROM mart.fund_level AS fund INNER JOIN policy.fund_level ON fund.fund_level = fund_level.fund_level "
        "WHERE fund.township_code IS NULL ORDER BY fund_level.position"
    ).rows(named=True)


def _level_texts(levels: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("granted_yuan", "used_yuan", "balance_yuan")
    totals = {name: sum((level[name] for level in levels), Decimal(0)) for name in names}
    rows: list[dict[str, Any]] = [*levels, {"word": "合计", **totals}]
    written = wan_yuan(*(row[name] for row in rows for name in names))
    return {
        "level_words": "、".join(level["word"] for level in levels),
        "granted_by_level": "、".join(f"{level['word']}{wan_yuan(level['granted_yuan'])[0]}万元" for level in levels),
        "shares_by_level": "、".join(f"{level['word']}承担{percent(level['share'])}" for level in levels),
        "levels": [
            {
                "word": row["word"],
                "granted": written[3 * number],
                "used": written[3 * number + 1],
                "balance": written[3 * number + 2],
                "rate": percent(rate_of(row["used_yuan"], row["granted_yuan"])),
            }
            for number, row in enumerate(rows)
        ],
    }


def _mismatch_texts(session: Session) -> dict[str, Any]:
    rows = session.find(
        "SELECT mismatch_kind.chinese AS kind, mismatch.severity, count(*) AS count FROM mart.roster_mismatch AS mismatch "
        "INNER JOIN code.mismatch_kind ON mismatch.kind = mismatch_kind.code "
        "GROUP BY mismatch_kind.chinese, mismatch.severity ORDER BY mismatch.severity, count DESC, kind"
    ).rows(named=True)
    severities = chinese_words("severity")
    return {
        "mismatch_count": sum(row["count"] for row in rows),
        "error_count": sum(row["count"] for row in rows if row["severity"] == "error"),
        "mismatches": [{**row, "severity": severities[row["severity"]]} for row in rows],
    }


def _file_texts(session: Session) -> dict[str, Any]:
    return session.find(
        "SELECT count(*) AS file_count, count(*) FILTER (WHERE status = 'read') AS read_count, "
        "count(*) FILTER (WHERE status = 'refused') AS refused_count, "
        "cast(coalesce(sum(rows_read), 0) AS BIGINT) AS row_count, "
        "cast(coalesce(sum(rows_quarantined), 0) AS BIGINT) AS quarantined_count FROM mart.source_file"
    ).row(0, named=True)


def _proof_texts(run: Run) -> dict[str, Any]:
    """What was proven of the tables when they were published; nothing of tables that never were."""
    if not run.published.is_file():
        return {"has_proof": False, "proof": "", "is_counted_twice": False}
    with reading(run.published) as connection:
        proof = read_proof(connection, run.year)
    return {
        "has_proof": proof is not None,
        "proof": "" if proof is None else proof.short_hash,
        "is_counted_twice": proof is not None and proof.is_counted_twice,
    }


def _score_texts(run: Run, district: Mapping[str, Any]) -> dict[str, Any]:
    *indicators, total = evaluate(load_template(run), run.year, district, run.policy.reported_total_score)
    has_all = all(indicator.score is not None for indicator in indicators)
    return {
        "has_score": total.score is not None,
        "score": "" if total.score is None else f"{total.score.normalize():f}",
        "score_basis": "" if has_all else total.actual,
        "has_reported": total.reported_score is not None,
        "reported": "" if total.reported_score is None else f"{total.reported_score.normalize():f}",
        "indicators": [
            {
                "name": each.level3 or each.level2 or each.level1,
                "target": each.target or NO_SOURCE,
                "actual": each.actual_on_paper,
                "weight": f"{each.weight.normalize():f}",
                "score": OVER_ZERO if each.score is None else f"{each.score:.2f}",
            }
            for each in (*indicators, total)
        ],
    }


def _grant_rows(session: Session, run: Run) -> list[dict[str, str]]:
    rows = session.find(
        "SELECT grant_document.document_no, fund_level.word, grant_document.planned_count, grant_document.amount_yuan "
        "FROM core.grant_document INNER JOIN policy.fund_level ON grant_document.fund_level = fund_level.fund_level "
        "ORDER BY fund_level.position, grant_document.document_no NULLS LAST, grant_document.row_key"
    ).rows(named=True)
    amounts = wan_yuan(*(row["amount_yuan"] for row in rows))
    numbers = [row["document_no"] for row in rows if row["document_no"]]
    masked = masked_texts(numbers, known_texts(session.query, run.year, numbers), run.key)
    return [
        {
            "document_no": masked.get(row["document_no"], row["document_no"]) or NO_SOURCE,
            "word": row["word"],
            "planned": on_paper("planned_count", row["planned_count"]),
            "amount": amount,
        }
        for row, amount in zip(rows, amounts, strict=True)
    ]


def _ladder(session: Session) -> list[dict[str, Any]]:
    """The rungs of the district in their order, with the reasons in Chinese, the larger first."""
    rows = session.find(
        "SELECT step, reason, cast(sum(person_count) AS BIGINT) AS count FROM mart.coverage_ladder "
        "GROUP BY step, reason ORDER BY step, count DESC, reason NULLS FIRST"
    ).rows(named=True)
    return [{**row, "words": _reason(row["reason"])} for row in rows]


def _reason(reason: str | None) -> str:
    if reason is None:
        return ""
    known = {**chinese_words("state_reason"), **chinese_words("uncovered_reason")}
    if reason.startswith(_TOWNSHIP_REASON) and reason not in known:
        return f"乡镇核定：{reason.removeprefix(_TOWNSHIP_REASON)}"
    return known.get(reason, reason).replace(":", "：")


def _ladder_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"step": _STEPS[row["step"]], "reason": row["words"], "count": row["count"]}


def _townships(session: Session) -> list[dict[str, Any]]:
    return session.find(
        "SELECT * FROM mart.township_participation "
        "INNER JOIN mart.township_fund USING (policy_year, township_code, township_name) "
        f"ORDER BY township_code = '{UNKNOWN_TOWNSHIP}', township_code"
    ).rows(named=True)


def _extremes(townships: list[dict[str, Any]]) -> dict[str, Any]:
    """The townships with the highest and the lowest utilisation, the first by code of several; null where none has a rate.

    A rate above 1 is a fault to be explained, and nobody's highest.
    """
    rated = [row for row in townships if row["utilisation_rate"] is not None and row["utilisation_rate"] <= 1]
    if not rated:
        return {"highest_utilisation": None, "lowest_utilisation": None}
    highest = max(rated, key=lambda row: row["utilisation_rate"])
    lowest = min(rated, key=lambda row: row["utilisation_rate"])
    return {
        name: {"name": row["township_name"], "rate": percent(row["utilisation_rate"])}
        for name, row in (("highest_utilisation", highest), ("lowest_utilisation", lowest))
    }


def _township_rows(townships: list[dict[str, Any]], district: Mapping[str, Any]) -> list[dict[str, str]]:
    """The townships and their sum; each amount's column has the places that keep the sum."""
    total: dict[str, Any] = {**district, "township_name": "合计", "balance_yuan": district["township_balance_yuan"]}
    rows = [*townships, total]
    amounts = {
        name: wan_yuan(*(row[f"{name}_yuan"] for row in rows)) for name in ("allocated", "used", "disputed", "balance")
    }
    return [
        {
            "name": row["township_name"],
            "roll": str(row["roll_count"]),
            "eligible": str(row["eligible_count"]),
            "covered": str(row["covered_count"]),
            "participation": percent(row["participation_rate"]),
            "utilisation": percent(row["utilisation_rate"]),
            **{name: written[number] for name, written in amounts.items()},
        }
        for number, row in enumerate(rows)
    ]
