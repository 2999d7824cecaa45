"""The tables that translate codes and keys, and the one that says of what a refresh was made."""

import hashlib

from pipeline.checks.second_count.counted import Table, Totals, table_of_rows
from pipeline.contracts.codes import load_codes

OWN_CATEGORY = "建档立卡贫困人口"


def reference_tables(totals: Totals) -> list[Table]:
    """Codes, townships, villages and the refresh itself."""
    policy = totals.run.policy
    townships = [(code, totals.township_name(code)) for code in totals.funds.townships]
    villages = [(village.code, village.name, village.parent_code) for village in policy.villages]
    return [
        _codes(totals),
        table_of_rows("mart.township", ("township_code", "township_name"), ("township_code",), townships),
        table_of_rows("mart.village", ("village_code", "village_name", "township_code"), ("village_code",), villages),
        _refresh(totals),
    ]


def _codes(totals: Totals) -> Table:
    """The codes of every published vocabulary in their order, and the policy's own behind them."""
    policy, vocabularies = totals.run.policy, load_codes()
    rows: list[tuple[object, ...]] = [
        (name, code.code, position, code.attributes.get("severity"), code.chinese, code.english)
        for name, vocabulary in vocabularies.items()
        if vocabulary.is_published
        for position, code in enumerate(vocabulary.codes, start=1)
    ]
    listed_reasons = len(vocabularies["state_reason"].codes)
    for position, reason in enumerate(policy.exclusion_reasons, start=1):
        english = f"The township says ineligible, for a reason of the policy: {reason}."
        rows.append(
            ("state_reason", f"township:{reason}", listed_reasons + position, None, f"乡镇核定:{reason}", english)
        )
    for position, level in enumerate(policy.fund_levels, start=1):
        rows.append(("fund_level", level.name, position, None, level.word, f"Funding level {level.name}."))
    for position, category in enumerate(policy.categories, start=1):
        if category.name not in vocabularies["category"].by_code:
            rows.append(("category", category.name, position, None, OWN_CATEGORY, "Registered poor."))
    columns = ("vocabulary", "code", "position", "severity", "chinese", "english")
    return table_of_rows("mart.code", columns, ("vocabulary", "code"), rows)


def _refresh(totals: Totals) -> Table:
    """The hash of the landed files, whatever their order; and the versions of policy and code, where they are known."""
    facts = [each.file.facts for each in totals.files.values()]
    landed = sorted((each.source, each.file_name, each.sha256 or "") for each in facts)
    content = "|".join("|".join(each) for each in landed)
    versions = totals.run.versions
    row = (hashlib.sha256(content.encode()).hexdigest(), totals.run.as_of, *versions.values())
    return table_of_rows("mart.refresh", ("input_sha256", "as_of", *versions), (), [row])
