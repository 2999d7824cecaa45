"""What is done to a line so that it becomes a mismatch: one function a change, each named in `scenarios.py`."""

from collections.abc import Callable
from decimal import Decimal

import polars as pl

from pipeline.policy import Policy
from pipeline.sample.identity import of_neighbour, with_lost_digits, with_wrong_digit

UNKNOWN_TOWNSHIP_CODE = "000000000"
UNKNOWN_TOWNSHIP = "模拟新田乡"
"""A name that no division table knows."""

OTHER_CHARACTERS = "琼荣顺昌"
UNREADABLE_CHARACTERS = "?□*？"
TRADITIONAL: dict[str, str] = dict(zip("东华刚强丽军张刘陈杨", "東華剛強麗軍張劉陳楊", strict=True))


def apply_changes(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The lines with the change that each row's `change` names; rows without one stay as they are."""
    parts = []
    for (change,), rows in lines.partition_by("change", as_dict=True, maintain_order=True).items():
        parts.append(CHANGES[str(change)](rows, policy) if change else rows)
    return pl.concat(parts)


def _wrong_digit(lines: pl.DataFrame, _: Policy) -> pl.DataFrame:
    return lines.with_columns(id_no=with_wrong_digit(pl.col("id_no")))


def _lost_digits(lines: pl.DataFrame, _: Policy) -> pl.DataFrame:
    return lines.with_columns(id_no=with_lost_digits(pl.col("id_no")))


def _neighbour(lines: pl.DataFrame, _: Policy) -> pl.DataFrame:
    return lines.with_columns(id_no=of_neighbour(pl.col("id_no")))


def _other_name(lines: pl.DataFrame, _: Policy) -> pl.DataFrame:
    return lines.with_columns(name=pl.col("name").str.head(-1) + _in_turn(OTHER_CHARACTERS))


def _unreadable_name(lines: pl.DataFrame, _: Policy) -> pl.DataFrame:
    """The last character lost; every other name that has traditional forms is written in those instead."""
    name = pl.col("name")
    traditional = name.str.replace_many(TRADITIONAL)
    is_traditional = (traditional != name) & (pl.int_range(pl.len()) % 2 == 0)
    return lines.with_columns(
        name=pl.when(is_traditional).then(traditional).otherwise(name.str.head(-1) + _in_turn(UNREADABLE_CHARACTERS)),
        is_name_unreadable=pl.lit(True),
    )


def _amount(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    premium = policy.premium_yuan
    wrong = [premium * 2, premium / 2, premium + Decimal("0.01"), premium - 1]
    amounts = pl.Series([wrong[turn % 4] for turn in range(lines.height)], dtype=pl.Decimal(18, 2))
    return lines.with_columns(amount_yuan=amounts)


def _period(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    return lines.with_columns(period_year=pl.lit(policy.policy_year - 1))


def _paying_township(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    codes = [township.code for township in policy.townships]
    following = dict(zip(codes, codes[1:] + codes[:1], strict=True))
    return lines.with_columns(
        township_code=pl.col("township_code").replace_strict(following), is_township_mismatch=pl.lit(True)
    )


def _shared_account(lines: pl.DataFrame, _: Policy) -> pl.DataFrame:
    size = pl.len().over("scenario").cast(pl.String).str.zfill(3)
    account = pl.lit("99530199") + pl.col("group").cast(pl.String).str.zfill(8) + size
    return lines.with_columns(account=account, is_account_shared=pl.lit(True))


def _unknown_township(lines: pl.DataFrame, _: Policy) -> pl.DataFrame:
    return lines.with_columns(township_code=pl.lit(UNKNOWN_TOWNSHIP_CODE))


def _in_turn(characters: str) -> pl.Expr:
    return pl.lit(characters).str.slice(pl.int_range(pl.len()) % len(characters), 1)


CHANGES: dict[str, Callable[[pl.DataFrame, Policy], pl.DataFrame]] = {
    "wrong_digit": _wrong_digit,
    "lost_digits": _lost_digits,
    "neighbour": _neighbour,
    "other_name": _other_name,
    "unreadable_name": _unreadable_name,
    "amount": _amount,
    "period": _period,
    "paying_township": _paying_township,
    "shared_account": _shared_account,
    "unknown_township": _unknown_township,
}
