"""A small world: the policy's numbers and the landed files as logical rows, before anybody has written them down.

Values are clean here (canonical ID numbers, dates, decimals in yuan, names without blanks); how a cell looks in a file
is decided in `files`, and what the rows add up to in `count`. An empty text is a blank cell.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

UNKNOWN_TOWNSHIP = "000000000"

BadCell = tuple[str, str]
"""The field of a cell that can't be read (or is needed and empty), and the cell's text."""


@dataclass(frozen=True, kw_only=True)
class FundLevel:
    """A funding level: `word` is how the fund documents call it, `share` a fraction of the premium."""

    name: str
    word: str
    share: Decimal


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the rules take from a policy; divisions are those valid in the year."""

    year: int
    premium_yuan: Decimal
    fund_levels: tuple[FundLevel, ...]
    age_from: int
    age_below: int
    first_payment_date: date
    last_payment_date: date
    exclusion_reasons: tuple[str, ...]
    categories: tuple[str, ...]
    townships: dict[str, str]
    former_townships: dict[str, str]
    villages: dict[tuple[str, str], str]


@dataclass(frozen=True, kw_only=True)
class RollRow:
    """One person in one snapshot of the poverty roll."""

    name: str
    township: str = ""
    village: str = ""
    household_no: str = ""
    member_no: str = ""
    id_no: str = ""
    id_is_number: bool = False
    schooling: str = ""
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class CategoryRow:
    """One person in one snapshot of a category roll."""

    name: str
    category: str
    id_no: str = ""
    id_is_number: bool = False
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """A township's verification of one person."""

    township: str
    name: str
    village: str = ""
    id_no: str = ""
    id_is_number: bool = False
    class_: str = ""
    class_reason: str = ""
    verified_date: date | None = None
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class RegisterRow:
    """One person in the pension register."""

    id_no: str
    id_is_number: bool = False
    insured_status: str = ""
    exclusion: str = ""
    benefit_status: str = ""
    self_paid_amount_yuan: Decimal | None = None
    self_paid_date: date | None = None
    event_date: date | None = None
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class BankLine:
    """One refund attempt; `paid_date` is the row's own date, which only the sheet layout can state."""

    line_no: str
    name: str
    amount_yuan: Decimal
    account: str = ""
    id_no: str = ""
    id_is_number: bool = False
    outcome: str = ""
    outcome_code: str = ""
    outcome_text: str = ""
    paid_date: date | None = None
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class TaxLine:
    """One collection's result."""

    line_no: str
    township: str
    name: str
    amount_yuan: Decimal
    id_no: str = ""
    id_is_number: bool = False
    levy_item: str = "城乡居民基本养老保险费"
    period_from: date | None = None
    period_to: date | None = None
    paid_date: date | None = None
    voucher_no: str = ""
    outcome: str = ""
    outcome_text: str = ""
    payer_kind: str = "财政代缴"
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One grant of money to the district."""

    document_no: str
    fund_level: str
    amount_yuan: Decimal
    persons: int | None = None
    document_date: date | None = None
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """One transfer to one township."""

    township: str
    amount_yuan: Decimal
    persons: int | None = None
    document_date: date | None = None
    document_no: str = ""
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class Benefit:
    """One person's benefit for one month."""

    month: str
    due_amount_yuan: Decimal
    amount_yuan: Decimal
    id_no: str = ""
    id_is_number: bool = False
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One questionnaire; its number is no field of the contract."""

    answer: str = ""
    number: str = field(default="", compare=False)
    bad_cell: BadCell | None = None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answered row of a township's workbook; `cells` are all its other cells as exported, header by header."""

    mismatch_id: str
    token: str
    answer_code: str
    answer_value: str = ""
    person: str = ""
    answered_date: date | None = None
    cells: tuple[tuple[str, str], ...] = ()
    bad_cell: BadCell | None = None


Row = RollRow | CategoryRow | ClassRow | RegisterRow | BankLine | TaxLine | Grant | Transfer | Benefit | Answer | Reply


@dataclass(frozen=True, kw_only=True)
class WorldFile:
    """One landed file.

    `file_name` is the path below raw/<year>; its suffix says the kind (.csv, .txt, .xlsx, .xls). `stated_date` is the
    snapshot's date or the bank head's; `layout` is pipe, sheet or padded for a bank file; `role` is maker or checker
    for replies. `made_at` is the 制表时间 of a sheet whose head states another date for the payment. `place` names the
    township where no column does: in the title, the sheet's name or the folder (`place_kind`). `event_header` stands above
    the event dates of a register. `damage` makes a file that must be refused (a key of `files.DAMAGES`). `same_bytes_as`
    names a file whose bytes this one repeats.
    """

    file_name: str
    rows: tuple[Row, ...] = ()
    stated_date: date | None = None
    is_date_in_column: bool = False
    batch_no: str = ""
    township: str = ""
    layout: str = "table"
    made_at: str = ""
    place: str = ""
    place_kind: str = ""
    event_header: str = "情形发生日期"
    role: str = "maker"
    has_total: bool = False
    damage: str | None = None
    same_bytes_as: str | None = None

    @property
    def source(self) -> str:
        """The source folder that the file lies in."""
        return self.file_name.split("/", 1)[0]

    @property
    def suffix(self) -> str:
        """The file's suffix, without the dot."""
        return self.file_name.rsplit(".", 1)[-1]


DATE_FIELDS: dict[type, str] = {
    ClassRow: "verified_date",
    BankLine: "paid_date",
    TaxLine: "paid_date",
    Grant: "document_date",
    Transfer: "document_date",
    Reply: "answered_date",
}


def file_date_of(file: WorldFile) -> date | None:
    """The date that a file's content or name states, else the latest date of its rows that can be read, else None."""
    if file.stated_date:
        return file.stated_date
    found = []
    for row in file.rows:
        name = DATE_FIELDS.get(type(row), "")
        is_bad = row.bad_cell is not None and row.bad_cell[0] == name
        found.append(None if is_bad else getattr(row, name, None))
    return max((day for day in found if day), default=None)


@dataclass(frozen=True, kw_only=True)
class World:
    """A policy, the landed files of its year, the seed of their dirt, and the day as of which they are counted.

    `reply_seed` makes the replies that come back once the mismatches of these files are known; without it none comes.
    """

    policy: Policy
    files: tuple[WorldFile, ...]
    dirt_seed: int | None = None
    as_of: date | None = None
    reply_seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a row stands: sheet (None in a text file) and row or line number from 1 (None: the whole file)."""

    sheet: str | None
    row_number: int | None


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file as it was written: its digest and the place of each of its rows, in the order of `WorldFile.rows`."""

    sha256: str
    places: tuple[Place, ...] = ()
    control_count: int | None = None
    control_yuan: Decimal | None = None


def policy_of_2019() -> Policy:
    """The policy of 东川区 for 2019 with all its townships and the villages that the worlds use."""
    return policy_of(2019)


def policy_of(year: int) -> Policy:
    """The policy of 东川区 for a year; 碧谷街道 was split from 铜都街道 in 2020, before that its name means the latter."""
    is_split = year >= 2020
    return Policy(
        year=year,
        premium_yuan=Decimal("100.00"),
        fund_levels=(
            FundLevel(name="municipal", word="市级", share=Decimal("0.80")),
            FundLevel(name="district", word="区级", share=Decimal("0.20")),
        ),
        age_from=16,
        age_below=60,
        first_payment_date=date(year, 1, 1),
        last_payment_date=date(year, 12, 31),
        exclusion_reasons=EXCLUSION_REASONS,
        categories=("重度残疾", "registered_poor", "特困", "低保"),
        townships={
            "铜都街道": "530113001",
            **({"碧谷街道": "530113002"} if is_split else {}),
            "汤丹镇": "530113102",
            "因民镇": "530113103",
            "阿旺镇": "530113104",
            "乌龙镇": "530113105",
            "红土地镇": "530113106",
            "拖布卡镇": "530113107",
            "舍块乡": "530113201",
        },
        former_townships={} if is_split else {"碧谷街道": "铜都街道"},
        villages={
            ("530113001", "京铜社区居委会"): "530113001001",
            ("530113001", "梨坪村委会"): "530113001207",
            ("530113102", "洒海村委会"): "530113102201",
            ("530113102", "梨坪村委会"): "530113102202",
            ("530113103", "因民社区居委会"): "530113103002",
            ("530113201", "舍块村委会"): "530113201201",
        },
    )


EXCLUSION_REASONS = (
    "在校",
    "现役军人",
    "服刑",
    "死亡",
    "迁出",
    "空挂户",
    "出国(境)",
    "职工养老保险",
    "外地居保",
    "已领待遇",
    "未满16",
    "满60",
    "无参保意愿",
    "外出失联",
    "拒绝参保",
    "重复户口",
    "精神病人走失",
    "数据错误",
    "其他",
)
