"""The verdicts of a refresh as Dagster's asset checks: one a table and kind, with its rules as numbers, for each year.

What is judged is said in ``pipeline.checks``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import dagster as dg

from pipeline.checks.counted_again import count_checks
from pipeline.checks.identities import Check, Verdict, identity_checks
from pipeline.checks.intake import intake_checks
from pipeline.checks.suites import suite_checks
from pipeline.contracts.tables import TableName
from pipeline.dagster.graph import ShownTable, owners_of
from pipeline.dagster.pages import asset_key

IDENTITIES = "identities"

Mask = Callable[[Sequence[str]], Sequence[str]]


@dataclass(frozen=True)
class CheckOfTable:
    """A check as it is shown: its place, and the checks that are judged under it."""

    key: dg.AssetCheckKey
    judged: tuple[Check, ...]

    @property
    def is_blocking(self) -> bool:
        """Whether it stops publishing where it doesn't hold."""
        return any(check.is_blocking for check in self.judged)

    def spec(self, years: dg.PartitionsDefinition) -> dg.AssetCheckSpec:  # type: ignore[type-arg]
        """What Dagster shows of it before it was judged."""
        return dg.AssetCheckSpec(
            self.key.name,
            asset=self.key.asset_key,
            description="\n\n".join(self._rules()),
            blocking=self.is_blocking,
            partitions_def=years,
        )

    def _rules(self) -> Iterator[str]:
        for check in self.judged:
            yield check.sentence if len(self.judged) == 1 else f"`{check.name}`: {check.sentence}"


def checks_of_tables(shown: Sequence[ShownTable]) -> list[CheckOfTable]:
    """Every check, at the table that is shown; the identities that judge one table are one check."""
    owners = owners_of(shown)
    judged: dict[tuple[TableName, str], list[Check]] = {}
    for check in identity_checks():
        judged.setdefault((owners[check.table], IDENTITIES), []).append(check)
    for check in (*suite_checks(), *intake_checks(), *count_checks()):
        judged.setdefault((owners[check.table], check.name), []).append(check)
    return [
        CheckOfTable(dg.AssetCheckKey(asset_key(name), kind), tuple(checks)) for (name, kind), checks in judged.items()
    ]


def result_of(check: CheckOfTable, verdicts: Sequence[Verdict], mask: Mask) -> dg.AssetCheckResult | None:
    """What became of a check; null where it was not judged, because the refresh failed before.

    Args:
        check: as it is shown.
        verdicts: of the refresh.
        mask: masks texts that quote what a sender may have written, such as the name of a file.
    """
    own = [verdict for verdict in verdicts if verdict.check in check.judged]
    if not own:
        return None
    counts = {"found_count": sum(verdict.found_count for verdict in own)}
    for verdict in own:
        counts |= verdict.count_by_rule or ({} if len(own) == 1 else {verdict.check.name: verdict.found_count})
    if any(verdict.compared_count is not None for verdict in own):
        counts["compared_count"] = sum(verdict.compared_count or 0 for verdict in own)
    metadata: dict[str, dg.MetadataValue] = {name: dg.MetadataValue.int(count) for name, count in counts.items()}  # type: ignore[type-arg]
    if notes := [note for verdict in own for note in verdict.notes]:
        metadata["findings"] = dg.MetadataValue.md("\n".join(f"- {note}" for note in mask(notes)))
    return dg.AssetCheckResult(
        check_name=check.key.name,
        asset_key=check.key.asset_key,
        passed=all(verdict.is_passed for verdict in own),
        severity=dg.AssetCheckSeverity.ERROR if check.is_blocking else dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )
