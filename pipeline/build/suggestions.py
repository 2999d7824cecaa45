"""Who is most probably meant by a line or row that matches nobody, and why.

The pairs to compare come from ``core.suggestion_candidate``. Here each pair is judged by what speaks for it: how near the
IDs and the names are, and whether the places agree. What is enough to name a person stands in `ENOUGH`; a person is named
only where nobody else is as good. Repairing an ID or applying a suggestion does not belong here: replies do that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

# Names this similar, of 1, may be one name although more than one character differs: long names, spelt in other characters.
LEAST_NAME_SIMILARITY = 0.75
# About 600 bytes each, while they are compared.
PAIRS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Evidence:
    """What may speak for a pair: its weight beside the other evidence, its reason in Chinese, and when it is there."""

    name: str
    points: int
    reason: str
    condition: pl.Expr


_READING, _ID = pl.col("id_reading"), pl.col("other_id_text")
_LENGTH, _ID_LENGTH = _READING.str.len_chars(), _ID.str.len_chars()
_DISTANCE, _SAME_LENGTH = pl.col("id_distance"), _LENGTH == _ID_LENGTH
_STARTS_ALIKE = _ID.str.starts_with(_READING) | _READING.str.starts_with(_ID)
_SHORTER = pl.min_horizontal(_LENGTH, _ID_LENGTH)
_SORTED_ALIKE = (_READING.str.split("").list.sort() == _ID.str.split("").list.sort()) & _SAME_LENGTH

# The first that is there counts.
ID_EVIDENCE = (
    Evidence("same", 40, "证件号相同", (_READING == _ID) & pl.col("has_valid_id")),
    # Somebody with a valid ID that is near comes before somebody with the same bad one.
    Evidence("same", 39, "证件号相同", (_READING == _ID) & (_READING != "")),
    Evidence(
        "near",
        40,
        "旧号升位后与十八位号相同",
        (pl.col("id_text").str.len_chars() == 15) & (_LENGTH == 17) & _ID.str.starts_with(_READING),
    ),
    Evidence(
        "cut",
        30,
        "证件号末几位丢失,其余相同",
        (pl.col("is_precision_lost") & (_READING.str.head(15) == _ID.str.head(15)) & (_SHORTER >= 15))
        | (_STARTS_ALIKE & _SHORTER.is_between(14, 16)),
    ),
    Evidence(
        "near", 40, "证件号仅校验码不同", (_DISTANCE == 1) & _SAME_LENGTH & (_READING.str.head(17) == _ID.str.head(17))
    ),
    Evidence("near", 40, "证件号有一位不同", (_DISTANCE == 1) & _SAME_LENGTH & (pl.col("id_edits") == 1)),
    Evidence("near", 40, "证件号相邻两位对调", (_DISTANCE == 1) & _SAME_LENGTH),
    Evidence("near", 40, "证件号比名单缺一位", (_DISTANCE == 1) & (_LENGTH < _ID_LENGTH)),
    Evidence("near", 40, "证件号比名单多一位", _DISTANCE == 1),
    Evidence("close", 26, "证件号有两位对调", (_DISTANCE == 2) & _SORTED_ALIKE),
    Evidence("close", 25, "证件号有两处不同", _DISTANCE == 2),
    Evidence("household", 30, "证件号属于同户另一人", pl.col("is_same_household")),
    Evidence("birth", 20, "出生日期相同", (_SHORTER >= 14) & (_READING.str.slice(6, 8) == _ID.str.slice(6, 8))),
    Evidence("tail", 15, "证件号后四位相同", (_SHORTER >= 14) & (_READING.str.tail(4) == _ID.str.tail(4))),
    Evidence("none", 5, "证件号为空或不完整", _SHORTER < 14),
)

NAME_EVIDENCE = (
    Evidence("same", 30, "姓名相同", pl.col("name_key") == pl.col("other_name_key")),
    Evidence("absent", 0, "未报姓名", pl.col("name_key").is_null()),
    Evidence("unreadable", 25, "姓名除不能识别的字外相同", pl.col("is_unreadable")),
    Evidence("homophone", 20, "姓名同音", pl.col("is_homophone")),
    Evidence("similar", 12, "姓名相似", pl.col("is_similar") & (pl.col("name_length") > 2)),
    Evidence("half", 5, "姓名有一字相同", pl.col("name_distance") == 1),
)

PLACE_EVIDENCE = (
    Evidence("village", 2, "同村", pl.col("is_same_village") & pl.col("is_same_township")),
    Evidence("township", 1, "同乡镇", pl.col("is_same_township")),
    Evidence("elsewhere", 0, "", pl.lit(value=True)),
)

# What of the ID, the name and the place together is enough to name a person; the place that is needed at least.
ENOUGH = pl.DataFrame(
    [
        ("same", "same", 0),
        ("same", "homophone", 0),
        ("same", "similar", 0),
        ("same", "half", 0),
        ("same", "absent", 0),
        ("same", "unreadable", 0),
        ("near", "same", 0),
        ("near", "absent", 0),
        ("near", "unreadable", 0),
        ("near", "homophone", 0),
        ("near", "similar", 0),
        ("near", "half", 0),
        ("cut", "same", 0),
        ("cut", "unreadable", 0),
        ("cut", "homophone", 0),
        ("cut", "similar", 0),
        ("cut", "half", 1),
        ("close", "same", 0),
        ("close", "unreadable", 1),
        ("close", "homophone", 1),
        ("household", "same", 0),
        ("birth", "same", 0),
        ("birth", "unreadable", 1),
        ("birth", "homophone", 1),
        ("birth", "similar", 2),
        ("tail", "same", 1),
        ("none", "same", 1),
    ],
    schema=["id_evidence", "name_evidence", "least_place_points"],
    orient="row",
)


def suggestions(session: Session, run: Run) -> pl.DataFrame:
    """The rows of ``core.suggestion``: mismatch, number of the roll person and reason."""
    return suggested(session.find)


def suggested(find: Callable[[str], pl.DataFrame]) -> pl.DataFrame:
    """The suggestions of all mismatches, in their order: of some at a time, as each has up to hundreds of candidates.

    Args:
        find: runs a select statement over ``core.suggestion_candidate``.
    """
    counted = find(
        "SELECT mismatch_id, count(*) AS pair_count FROM core.suggestion_candidate GROUP BY mismatch_id ORDER BY mismatch_id"
    )
    parts = counted.group_by(pl.col("pair_count").cum_sum() // PAIRS_AT_ONCE, maintain_order=True).agg(
        pl.first("mismatch_id").alias("first"), pl.last("mismatch_id").alias("last")
    )
    pairs = "SELECT * FROM core.suggestion_candidate WHERE mismatch_id"
    found = [
        most_probable(find(f"{pairs} BETWEEN '{first}' AND '{last}'"))
        for first, last in parts.select("first", "last").iter_rows()
    ]
    return pl.concat(found) if found else most_probable(find(f"{pairs} IS NULL"))


def most_probable(pairs: pl.DataFrame) -> pl.DataFrame:
    """Of the candidates of each mismatch the one who is meant most probably, where nobody else is as good.

    Args:
        pairs: the columns of ``core.suggestion_candidate`` but the policy year, in any order of rows.

    Returns:
        mismatch_id, person_no and reason, in the order of mismatch_id; the reason holds no personal value.
    """
    near = (
        _with_id_distances(pairs).with_columns(_judged("id", ID_EVIDENCE)).filter(pl.col("id_evidence").is_not_null())
    )
    judged = (
        _with_name_distances(near)
        .with_columns(*_judged("name", NAME_EVIDENCE), *_judged("place", PLACE_EVIDENCE))
        .join(ENOUGH, on=["id_evidence", "name_evidence"])
        .filter(pl.col("place_points") >= pl.col("least_place_points"))
        .with_columns(points=pl.col("id_points") + pl.col("name_points") + pl.col("place_points"))
        # One person by two readings of the ID is one candidate, by the better of them.
        .sort("mismatch_id", "person_no", "points", "id_reason", descending=[False, False, True, False])
        .unique(["mismatch_id", "person_no"], keep="first", maintain_order=True)
    )
    best = pl.col("points") == pl.col("points").max().over("mismatch_id")
    to_correct = pl.when(~pl.col("has_valid_id")).then(pl.lit("名单证件号待更正"))
    reasons = pl.concat_str(
        "id_reason",
        "name_reason",
        pl.col("place_reason").replace("", None),
        to_correct,
        separator=",",
        ignore_nulls=True,
    )
    return (
        judged.filter(best)
        .filter(pl.len().over("mismatch_id") == 1)
        .select("mismatch_id", "person_no", reason=reasons)
        .sort("mismatch_id")
    )


def _with_id_distances(pairs: pl.DataFrame) -> pl.DataFrame:
    """With the edits between the IDs, a swap of neighbours being one (`id_distance`) or two (`id_edits`)."""
    readings, ids = pairs["id_reading"], pairs["other_id_text"]
    return pairs.with_columns(
        id_distance=_distances(readings, ids, OSA.distance), id_edits=_distances(readings, ids, Levenshtein.distance)
    )


def _with_name_distances(pairs: pl.DataFrame) -> pl.DataFrame:
    """With how the names differ: each distinct pair of names is compared once."""
    names = pairs.select("name_key", "other_name_key").unique().drop_nulls()
    unreadable = pl.sum_horizontal(pl.col("name_key", "other_name_key").str.count_matches("?", literal=True))
    one_is_unreadable = (
        pl.col("name_key").str.contains("?", literal=True).xor(pl.col("other_name_key").str.contains("?", literal=True))
    )
    longest = pl.max_horizontal(pl.col("name_key", "other_name_key").str.len_chars())
    distance = pl.col("name_distance")
    compared = names.with_columns(
        name_distance=_distances(names["name_key"], names["other_name_key"], OSA.distance), name_length=longest
    ).with_columns(
        is_unreadable=one_is_unreadable & (distance == unreadable) & _same_length_of_names(),
        is_similar=(distance == 1) | (1 - distance / longest >= LEAST_NAME_SIMILARITY),
    )
    return pairs.join(_with_homophones(compared), on=["name_key", "other_name_key"], how="left")


def _with_homophones(names: pl.DataFrame) -> pl.DataFrame:
    """With whether the names sound alike, tones apart; names are read aloud that are as long and share a character."""
    readable = names.filter(_same_length_of_names() & (pl.col("name_distance") < pl.col("name_length")))
    sounds = _sounds(pl.concat([readable["name_key"], readable["other_name_key"]]).unique().sort())
    return (
        names.join(sounds, on="name_key", how="left")
        .join(sounds, left_on="other_name_key", right_on="name_key", how="left", suffix="_of_other")
        .with_columns(is_homophone=pl.col("sound") == pl.col("sound_of_other"))
        .drop("sound", "sound_of_other")
    )


def _sounds(names: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {"name_key": names, "sound": [_sound(name) for name in names]},
        schema={"name_key": pl.String, "sound": pl.String},
    )


def _sound(name: str) -> str:
    # Its dictionary takes longer to load than most years need: only when there is a name to compare.
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(name))


def _same_length_of_names() -> pl.Expr:
    return pl.col("name_key").str.len_chars() == pl.col("other_name_key").str.len_chars()


def _distances(one: pl.Series, other: pl.Series, scorer: Callable[..., int]) -> pl.Series:
    return pl.Series(process.cpdist(one.to_list(), other.to_list(), scorer=scorer).ravel(), dtype=pl.Int32)


def _judged(subject: str, kinds: Sequence[Evidence]) -> list[pl.Expr]:
    """The first evidence that is there, as the columns ``<subject>_evidence``, ``_points`` and ``_reason``."""

    def first(value: Callable[[Evidence], str | int]) -> pl.Expr:
        return reduce(
            lambda otherwise, kind: pl.when(kind.condition).then(pl.lit(value(kind))).otherwise(otherwise),
            reversed(kinds),
            pl.lit(None),
        )

    return [
        first(lambda kind: kind.name).alias(f"{subject}_evidence"),
        first(lambda kind: kind.points).alias(f"{subject}_points"),
        first(lambda kind: kind.reason).alias(f"{subject}_reason"),
    ]
