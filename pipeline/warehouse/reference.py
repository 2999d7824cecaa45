"""What a policy says, as small tables beside the warehouse's: the schema ``policy`` of a session.

Only spelling out belongs here (aliases of townships and villages, words of mismatch kinds); judging rows by these tables is
the business of the SQL in ``assets``.
"""

import re
from datetime import date

import polars as pl

from pipeline.contracts.tables import ASSETS_FOLDER
from pipeline.policy import Policy
from pipeline.warehouse.run import Run, code_version
from pipeline.yaml_file import read_yaml

# Names are compared character by character up to this length.
LONGEST_NAME = 200

_STREET_ENDINGS = ("街道", "街道办事处", "办事处", "办", "")
_TOWN_SUFFIXES = ("", "人民政府", "政府")
_VILLAGE_ENDINGS = ("", "村", "村委会", "村民委员会", "社区", "社区居委会", "社区居民委员会", "居委会", "居民委员会")
_VILLAGE_ENDING = re.compile(r"(社区居民委员会|社区居委会|居民委员会|村民委员会|居委会|村委会|社区|村)$")


def reference_tables(run: Run) -> dict[str, pl.DataFrame]:
    """The tables of the schema ``policy``, by name, for one run."""
    policy = run.policy
    return {
        "year": pl.DataFrame(
            {
                "district_code": [policy.district_code],
                "district_name": [policy.district_name],
                "premium_yuan": pl.Series([policy.premium_yuan], dtype=pl.Decimal(18, 2)),
                "age_from": [policy.age_from],
                "age_below": [policy.age_below],
                "window_first_date": [policy.payment_window.first_date],
                "window_last_date": [policy.payment_window.last_date],
                "year_first_date": [date(run.year, 1, 1)],
                "year_last_date": [date(run.year, 12, 31)],
                "as_of": pl.Series([run.as_of], dtype=pl.Date),
                "secret": [run.key],
            }
        ),
        # Apart from the year: what reads this is made anew with every change of code.
        "version": pl.DataFrame({"policy_sha256": [run.policy_sha256], "code_version": [code_version()]}),
        "fund_level": pl.DataFrame(
            {
                "fund_level": [level.name for level in policy.fund_levels],
                "word": [level.word for level in policy.fund_levels],
                "share": pl.Series([level.share for level in policy.fund_levels], dtype=pl.Decimal(18, 10)),
                "position": range(1, len(policy.fund_levels) + 1),
            }
        ),
        "township": pl.DataFrame(
            {
                "township_code": [township.code for township in policy.townships],
                "township_name": [township.name for township in policy.townships],
            }
        ),
        "township_alias": _alias_frame(township_aliases(policy)),
        "village": pl.DataFrame(
            {
                "village_code": [village.code for village in policy.villages],
                "village_name": [village.name for village in policy.villages],
            },
            schema={"village_code": pl.String, "village_name": pl.String},
        ),
        "village_alias": _village_aliases(policy),
        "category": pl.DataFrame(
            {
                "category": [category.name for category in policy.categories],
                "is_paid": [category.paid_by_this_fund for category in policy.categories],
                "position": range(1, len(policy.categories) + 1),
            }
        ),
        "exclusion_reason": pl.DataFrame({"reason": policy.exclusion_reasons}, schema={"reason": pl.String}),
        "place": pl.DataFrame({"position": range(1, LONGEST_NAME + 1)}),
        "mismatch_kind": _mismatch_kinds(),
        "reason": _reasons(),
    }


def township_aliases(policy: Policy) -> dict[str, str]:
    """Every spelling of a township that files may use, with its code; spellings of two townships are left out."""
    found: dict[str, set[str]] = {}
    named = {township.name: township.code for township in policy.townships}
    spelt = [
        *named.items(),
        *((alias, named[name]) for alias, name in policy.township_aliases.items() if name in named),
    ]
    prefixes = ("", policy.city_name, policy.district_name, policy.city_name + policy.district_name)
    for name, code in spelt:
        for spelling in _township_spellings(name):
            for prefix in prefixes:
                found.setdefault(prefix + spelling, set()).add(code)
    return {alias: next(iter(codes)) for alias, codes in found.items() if len(codes) == 1}


def mismatch_kinds() -> dict[str, dict[str, str]]:
    """The mismatch kinds with their severity, rule in English, name and action in Chinese."""
    kinds: dict[str, dict[str, str]] = read_yaml(ASSETS_FOLDER / "mismatch_kinds.yaml")
    return kinds


def reasons() -> dict[str, dict[str, str]]:
    """Why a person is excluded or unconfirmed (``state_reason``), or uncovered (``uncovered_reason``), in Chinese."""
    words: dict[str, dict[str, str]] = read_yaml(ASSETS_FOLDER / "reasons.yaml")
    return words


def _township_spellings(name: str) -> set[str]:
    if name.endswith("街道"):
        base = name.removesuffix("街道")
        return {base + ending for ending in _STREET_ENDINGS}
    if name[-1] in "镇乡":
        return {name + suffix for suffix in _TOWN_SUFFIXES} | {name[:-1]}
    return {name}


def _alias_frame(aliases: dict[str, str]) -> pl.DataFrame:
    ordered = sorted(aliases.items())
    return pl.DataFrame(
        {"alias": [alias for alias, _ in ordered], "township_code": [code for _, code in ordered]},
        schema={"alias": pl.String, "township_code": pl.String},
    )


def _village_aliases(policy: Policy) -> pl.DataFrame:
    found: dict[tuple[str, str], set[str]] = {}
    for village in policy.villages:
        base = _VILLAGE_ENDING.sub("", village.name) or village.name
        for spelling in {village.name, *(base + ending for ending in _VILLAGE_ENDINGS)}:
            found.setdefault((village.parent_code, spelling), set()).add(village.code)
    rows = sorted((*place, next(iter(codes))) for place, codes in found.items() if len(codes) == 1)
    return pl.DataFrame(rows, schema=["township_code", "alias", "village_code"], orient="row")


def _reasons() -> pl.DataFrame:
    words = {reason: text for texts in reasons().values() for reason, text in texts.items()}
    return pl.DataFrame({"reason": list(words), "chinese": list(words.values())})


def _mismatch_kinds() -> pl.DataFrame:
    kinds = mismatch_kinds()
    return pl.DataFrame(
        {
            "kind": list(kinds),
            "severity": [kind["severity"] for kind in kinds.values()],
            "chinese": [kind["zh"] for kind in kinds.values()],
            "action": [kind["action"] for kind in kinds.values()],
        }
    )
