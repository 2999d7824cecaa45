"""Why a township's written-off money is not its ledger's: the money goes by who paid, the persons by whose roll they are on."""

from dataclasses import dataclass

import polars as pl

from pipeline.warehouse.session import Session

_WRITE_OFFS = """
    select
        write_off.township_code as paying_code,
        coalesce(paying.township_name, '未知乡镇') as paying_township,
        person.township_code as roll_code,
        coalesce(roll.township_name, '未知乡镇') as roll_township,
        person.name,
        coalesce(person.person_id, person.id_text) as id_text,
        write_off.amount_yuan
    from core.write_off
    inner join core.person
        on write_off.person_no = person.person_no
    left join policy.township as paying
        on write_off.township_code = paying.township_code
    left join policy.township as roll
        on person.township_code = roll.township_code
    order by write_off.township_code, person.township_code, person.name, person.person_no
"""


@dataclass(frozen=True)
class Reconciliation:
    """The write-offs of a township, as rows of persons with `amount_yuan`.

    What it paid, less `of_others` (on other townships' rolls), plus `paid_by_others`, is what its ledger shows.
    """

    paid_here: pl.DataFrame
    of_others: pl.DataFrame
    paid_by_others: pl.DataFrame
    in_ledger: pl.DataFrame


def write_offs(session: Session) -> pl.DataFrame:
    """Every write-off of the year with the township that paid, that of the roll, and the person."""
    return session.find(_WRITE_OFFS)


def reconcile(found: pl.DataFrame, township_code: str) -> Reconciliation:
    """The write-offs of one township, from what it paid to its ledger."""
    is_paid_here, is_on_roll = pl.col("paying_code") == township_code, pl.col("roll_code") == township_code
    return Reconciliation(
        paid_here=found.filter(is_paid_here),
        of_others=found.filter(is_paid_here & ~is_on_roll),
        paid_by_others=found.filter(~is_paid_here & is_on_roll),
        in_ledger=found.filter(is_on_roll),
    )
