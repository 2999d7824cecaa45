"""Changes of a world that must not change what comes out, or only in a known way."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

from .world import (
    BankLine,
    ClassRow,
    Grant,
    RegisterRow,
    RollRow,
    Row,
    TaxLine,
    Transfer,
    World,
    WorldFile,
)
from .worlds.people import id_of

LISTS = ("poverty_roll", "classification", "tax_returns")
WORKBOOKS = ("xlsx", "xls")


def with_shuffled_rows(world: World, seed: int) -> World:
    """The rows of every file in another order."""
    random = Random(seed)
    return _with_files(
        world, [replace(file, rows=tuple(random.sample(file.rows, len(file.rows)))) for file in world.files]
    )


def with_other_names(world: World) -> World:
    """Files under names that sort the other way round; the bank's batches are ordered by path and keep their names."""
    files = []
    for number, file in enumerate(sorted(world.files, key=lambda file: file.file_name, reverse=True)):
        folder, name = file.file_name.rsplit("/", 1)
        is_batch = file.source == "bank_returns"
        files.append(file if is_batch else replace(file, file_name=f"{folder.split('/')[0]}/改名{number:03}/{name}"))
    return _with_files(world, files)


def with_split_lists(world: World) -> World:
    """Rolls, classifications and tax lists in two files each."""
    files = []
    for file in world.files:
        middle = len(file.rows) // 2
        if file.source not in LISTS or not middle:
            files.append(file)
            continue
        stem, suffix = file.file_name.rsplit(".", 1)
        files.append(replace(file, file_name=f"{stem}_甲.{suffix}", rows=file.rows[:middle]))
        files.append(replace(file, file_name=f"{stem}_乙.{suffix}", rows=file.rows[middle:]))
    return _with_files(world, files)


def with_merged_lists(world: World) -> World:
    """Rolls of one date, classifications and tax lists in one file each, text and workbooks apart."""
    alike: dict[Hashable, list[WorldFile]] = defaultdict(list)
    for file in world.files:
        is_list = file.source in LISTS
        where = (file.source, file.stated_date, file.is_date_in_column, file.suffix in WORKBOOKS)
        alike[where if is_list else file.file_name].append(file)
    merged = [replace(files[0], rows=tuple(row for file in files for row in file.rows)) for files in alike.values()]
    return _with_files(world, merged)


def with_strangers(world: World, township: str) -> World:
    """Three more people in a township of their own, one of them collected for, one refunded, one silent."""
    policy = world.policy
    ids = [id_of("530198", date(1977, 7, 7), f"{number:03}") for number in (500, 600, 700)]
    roll = [RollRow(name="欧阳新", township=township, household_no="77", id_no=id_no) for id_no in ids]
    day = date(policy.year, 6, 1)
    classes = [
        ClassRow(name="欧阳新", township=township, id_no=id_no, class_="代缴", verified_date=day) for id_no in ids
    ]
    collected = TaxLine(
        line_no="1",
        township=township,
        name="欧阳新",
        amount_yuan=policy.premium_yuan,
        id_no=ids[0],
        paid_date=day,
        voucher_no="S1",
        outcome="成功",
    )
    refunded = BankLine(
        line_no="1",
        name="欧阳新",
        amount_yuan=policy.premium_yuan,
        id_no=ids[1],
        outcome_code="0000",
        account="6228999",
    )
    transfer = Transfer(township=township, amount_yuan=policy.premium_yuan * 3, persons=3, document_date=day)
    snapshot_date = date(policy.year, 3, 31)
    return _with_files(
        world,
        [
            *world.files,
            WorldFile(
                file_name=f"poverty_roll/{snapshot_date:%Y%m%d}外乡.csv", rows=tuple(roll), stated_date=snapshot_date
            ),
            WorldFile(file_name="classification/外乡.csv", rows=tuple(classes)),
            WorldFile(file_name="tax_returns/外乡.csv", rows=(collected,)),
            WorldFile(file_name="allocations/外乡.csv", rows=(transfer,)),
            WorldFile(
                file_name="bank_returns/外乡.txt",
                rows=(refunded,),
                stated_date=day,
                batch_no="S01",
                township=township,
                layout="pipe",
                has_total=True,
            ),
        ],
    )


def with_doubled_amounts(world: World) -> World:
    """Every amount twice, and the premium too."""
    policy = replace(world.policy, premium_yuan=world.policy.premium_yuan * 2)
    files = [replace(file, rows=tuple(_doubled(row) for row in file.rows)) for file in world.files]
    return replace(_with_files(world, files), policy=policy)


def _doubled(row: Row) -> Row:
    if isinstance(row, RegisterRow) and row.self_paid_amount_yuan is not None:
        return replace(row, self_paid_amount_yuan=row.self_paid_amount_yuan * 2)
    if isinstance(row, BankLine | TaxLine | Grant | Transfer):
        return replace(row, amount_yuan=row.amount_yuan * Decimal(2))
    return row


def _with_files(world: World, files: list[WorldFile]) -> World:
    return replace(world, files=tuple(files))
