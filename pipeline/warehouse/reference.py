"""What a policy and the vocabularies say, as small tables beside the warehouse's: the schemas ``policy`` and ``code``.

Only spelling out belongs here (aliases of townships and villages, codes with their words); judging rows by these tables is
the business of the SQL in ``assets``.
"""

import re
from datetime import date

import polars as pl

from pipeline.contracts.codes import Attribute, Vocabulary, load_codes
from pipeline.contracts.tables import ASSETS_FOLDER
from pipeline.policy import Policy
from pipeline.warehouse.run import Run, code_version

# What a traditional character is in simplified ones, by the dictionary of OpenCC (Apache-2.0).
TRADITIONAL_CHARACTERS = ASSETS_FOLDER / "traditional_characters.csv"
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
                "township_code": [village.parent_code for village in policy.villages],
            },
            schema={"village_code": pl.String, "village_name": pl.String, "township_code": pl.String},
        ),
        "village_alias": _village_aliases(policy),
        "category": pl.DataFrame(
            {
                "category": [category.name for category in policy.categories],
                "is_paid": [category.paid_by_this_fund for category in policy.categories],
                "position": range(1, len(policy.categories) + 1),
            }
        ),
        "exclusion_reason": pl.DataFrame(
            {"reason": policy.exclusion_reasons, "position": range(1, len(policy.exclusion_reasons) + 1)},
            schema={"reason": pl.String, "position": pl.Int64},
        ),
        "place": pl.DataFrame({"position": range(1, LONGEST_NAME + 1)}),
        "traditional_character": pl.read_csv(TRADITIONAL_CHARACTERS),
    }


def code_tables() -> dict[str, pl.DataFrame]:
    """The tables of the schema ``code``, by name: one a vocabulary, and ``published_code`` with the codes of all that are."""
    vocabularies = load_codes()
    published = [each for each in vocabularies.values() if each.is_published]
    return {**{name: _code_table(each) for name, each in vocabularies.items()}, "published_code": _all_codes(published)}


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


def _code_table(vocabulary: Vocabulary) -> pl.DataFrame:
    """The codes of a vocabulary in their order, with their attributes."""
    attributes = list(vocabulary.codes[0].attributes)
    return pl.DataFrame(
        {
            "code": vocabulary.code_names,
            "position": range(1, len(vocabulary.codes) + 1),
            "english": [code.english for code in vocabulary.codes],
            "chinese": [code.chinese for code in vocabulary.codes],
            **{name: _attribute([code.attributes[name] for code in vocabulary.codes]) for name in attributes},
        }
    )


def _attribute(values: list[Attribute]) -> pl.Series:
    """The values of an attribute; text where none of the codes has one."""
    return pl.Series(values, dtype=pl.String if all(value is None for value in values) else None)


def _all_codes(vocabularies: list[Vocabulary]) -> pl.DataFrame:
    rows = [
        (each.name, code.code, position, code.attributes.get("severity"), code.chinese, code.english)
        for each in vocabularies
        for position, code in enumerate(each.codes, start=1)
    ]
    columns = {"vocabulary": pl.String, "code": pl.String, "position": pl.Int32, "severity": pl.String}
    return pl.DataFrame(rows, schema={**columns, "chinese": pl.String, "english": pl.String}, orient="row")
