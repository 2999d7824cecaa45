"""Layouts as data: how each sender's file maps to the fields of its source.

A layout is a YAML file, checked here. What the fields of a source are is told in ``sources``; looking for a header in a
file is done in ``header``.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticKnownError

from pipeline.bureau_file import BureauFile
from pipeline.contracts.codes import load_codes, vocabulary
from pipeline.contracts.sources import SOURCES
from pipeline.landing.labels import clean_label

PACKAGE_FOLDER = Path(__file__).parent / "layouts"
_COMMON_FILE = "common.yaml"
MOST_BYTES_IN_LINE = 10_000


def _stated_reason(reason: str) -> str:
    """Refuse what no word can say: what isn't listed, and what a failure that says nothing has."""
    stated = [code for code in vocabulary("failure_reason").code_names if code != "other"]
    if reason not in stated:
        raise PydanticKnownError("literal_error", {"expected": ", ".join(stated)})
    return reason


FailureWord = Annotated[str, AfterValidator(_stated_reason)]
AmountUnit = Literal["元", "分", "万元"]
Words = tuple[Annotated[str, Field(min_length=1)], ...]
# What may stand in the first or the last line of a text without a header.
LineWord = Literal[
    "batch_no",
    "paid_date",
    "made_at",
    "township",
    "total_word",
    "total_count",
    "total_amount",
    "success_count",
    "success_amount",
    "failure_count",
    "failure_amount",
]
# The first and the last byte of a field in its line, counted from 1.
Positions = tuple[
    Annotated[int, Field(ge=1, le=MOST_BYTES_IN_LINE)], Annotated[int, Field(ge=1, le=MOST_BYTES_IN_LINE)]
]


class LayoutModel(BaseModel):
    """A part of a layout: unknown keys are refused, so a misspelt setting is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OutcomeWords(LayoutModel):
    """Words and codes of one sender; they stand before the bureau's own words and the listed ones."""

    success: Words
    reversed: Words = ()
    unknown: Words = ()
    failed: Words = ()


class FailureReason(LayoutModel):
    """A reason of failure with the codes and words that mean it."""

    reason: FailureWord
    codes: Words = ()
    words: Words = ()


class LevyItems(LayoutModel):
    """Further levy items of one sender whose rows are used: a name, or a text that begins with one of the beginnings."""

    beginnings: Words = ()
    names: Words = ()


class Common(LayoutModel):
    """What all layouts share: aliases of each field in order of precedence, and words of rows that are no data."""

    aliases: dict[str, Words]
    near_words: dict[str, Words]
    total_words: Words
    subtotal_words: Words
    signature_words: Words


class LayoutFile(LayoutModel):
    """How one sender's file maps to fields.

    A ``table`` is found by its header, in any file kind; ``lines`` are text lines without a header, whose columns stand
    in a fixed order, or at fixed byte positions, and whose first line states the batch.
    """

    name: Annotated[str, Field(min_length=1)]
    source: str
    form: Literal["table", "lines"]
    fields: tuple[str, ...] = ()
    required: tuple[str | tuple[str, ...], ...] = ()
    aliases: dict[str, Words] = {}
    near_words: dict[str, Words] = {}
    head_fields: tuple[str, ...] = ()
    delimiter: Annotated[str, Field(min_length=1)] | None = None
    columns: tuple[str, ...] = ()
    first_line: tuple[LineWord, ...] = ()
    positions: dict[str, Positions] = {}
    first_line_positions: dict[LineWord, Positions] = {}
    last_line: tuple[LineWord, ...] = ()
    empty_word: str | None = None
    amount_unit: AmountUnit = "元"
    date_formats: Words = ()
    is_total_required: bool = False
    outcome_words: OutcomeWords | None = None
    failure_reasons: tuple[FailureReason, ...] = ()
    levy_items: LevyItems | None = None
    person_roles: dict[str, Literal["maker", "checker"]] = {}
    total_words: Words = ()
    subtotal_words: Words = ()
    signature_words: Words = ()

    @model_validator(mode="after")
    def is_complete(self) -> Self:
        """Refuse a layout that could never be matched or read."""
        if self.source not in SOURCES:
            raise ValueError(f"source: {self.source} is not one of {', '.join(SOURCES)}")
        if self.form == "table" and not (self.fields and self.required):
            raise ValueError("fields, required: a table needs both")
        missing = {field for group in self.required_groups for field in group} - set(self.fields)
        if missing:
            raise ValueError(f"required: {', '.join(sorted(missing))} is not among the fields")
        has_positions = bool(self.positions or self.first_line_positions)
        if has_positions and (self.form == "table" or self.delimiter or self.columns or self.first_line):
            raise ValueError(
                "positions: they stand for delimiter, columns and first_line, in a layout of the form lines"
            )
        if has_positions and not (self.positions and self.first_line_positions):
            raise ValueError("positions, first_line_positions: a fixed width needs both")
        if self.form == "lines" and not has_positions and not (self.delimiter and self.columns and self.first_line):
            raise ValueError(
                "delimiter, columns, first_line: lines need all three, or positions and first_line_positions"
            )
        for key, (first, last) in [*self.positions.items(), *self.first_line_positions.items()]:
            if last < first:
                raise ValueError(f"positions: {key} ends at byte {last}, before its first byte {first}")
        return self

    @cached_property
    def fields_by_alias(self) -> dict[str, dict[str, int]]:
        """The fields for which each word stands, with the word's place in the field's order of precedence."""
        found: dict[str, dict[str, int]] = {}
        for field, words in self.aliases.items():
            for place, word in enumerate(words):
                found.setdefault(word, {})[field] = place
        return found

    @cached_property
    def line_columns(self) -> tuple[str, ...]:
        """The fields of a line in order, of a layout without a header."""
        return self.columns or tuple(self.positions)

    @cached_property
    def first_line_words(self) -> tuple[str, ...]:
        """What stands in the first line in order, of a layout without a header."""
        return self.first_line or tuple(self.first_line_positions)

    @cached_property
    def required_groups(self) -> list[tuple[str, ...]]:
        """The required fields; of a group of several, any one suffices."""
        return [(group,) if isinstance(group, str) else group for group in self.required]


class Layout(LayoutFile):
    """A layout as it holds for one landing: with what the bureau says of words, and with the year.

    Attributes:
        known_words: the aliases of all fields, of those too that the layout doesn't look for.
        own_words: by field, the code that each of a bureau's own words means.
        policy_year: the year whose files are read; null where a file is looked at by itself.
    """

    known_words: Words = ()
    own_words: dict[str, dict[str, str]] = {}
    policy_year: int | None = None


@dataclass(frozen=True)
class Layouts:
    """All layouts; `of(source)` gives those of a folder in the order in which they are tried."""

    by_source: dict[str, tuple[Layout, ...]]

    def of(self, source: str) -> tuple[Layout, ...]:
        """The layouts of a source, in the order in which they are tried."""
        return self.by_source.get(source, ())

    def digest(self, source: str) -> str:
        """The hash of everything that the layouts of a source say, of its fields, and of the listed words."""
        content = [layout.model_dump_json() for layout in self.of(source)]
        content += [SOURCES[source].model_dump_json(), *(words.model_dump_json() for words in load_codes().values())]
        return hashlib.sha256("\n".join(content).encode()).hexdigest()


def load_layouts(
    extra: Path | None = None, own_words: dict[str, dict[str, str]] | None = None, policy_year: int | None = None
) -> Layouts:
    """Read the package's layouts and those of a further folder.

    Args:
        extra: folder with a person's own layouts. They are tried before the package's; one of the same source and name
            takes its place. A missing folder holds none.
        own_words: a bureau's own words, as `words.load_own_words` gives them.
        policy_year: the year whose files are read.

    Raises:
        UsageError: a layout can't be used; the message names file and key.
    """
    common = _file(PACKAGE_FOLDER / _COMMON_FILE).checked(Common)
    own: list[Layout] = []
    if extra is not None and extra.is_dir():
        own = [_layout(path, common) for path in _yaml_files(extra)]
    names = {(layout.source, layout.name) for layout in own}
    shipped = [_layout(path, common) for path in _yaml_files(PACKAGE_FOLDER) if path.name != _COMMON_FILE]
    kept = own + [layout for layout in shipped if (layout.source, layout.name) not in names]
    beside = {"own_words": own_words or {}, "policy_year": policy_year}
    kept = [layout.model_copy(update=beside) for layout in kept]
    return Layouts({name: tuple(layout for layout in kept if layout.source == name) for name in SOURCES})


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and not path.name.startswith(".")
    )


def _layout(path: Path, common: Common) -> Layout:
    layout = _file(path).checked(LayoutFile)
    fields = tuple(dict.fromkeys((*layout.fields, *layout.line_columns, *layout.head_fields)))
    for key in ("fields", "columns", "positions", "head_fields"):
        _refuse_others(path, key, getattr(layout, key), common.aliases)
    for key in ("aliases", "near_words"):
        _refuse_others(path, key, getattr(layout, key), fields)
    aliases = {
        name: tuple(dict.fromkeys(clean_label(word) for word in (*layout.aliases.get(name, ()), *common.aliases[name])))
        for name in fields
    }
    near_words = {
        name: tuple(dict.fromkeys((*layout.near_words.get(name, ()), *common.near_words.get(name, ()))))
        for name in fields
    }
    return Layout.model_validate(
        {
            **layout.model_dump(),
            "aliases": aliases,
            "known_words": tuple(
                dict.fromkeys(clean_label(word) for words in common.aliases.values() for word in words)
            ),
            "near_words": {name: words for name, words in near_words.items() if words},
            "total_words": layout.total_words or common.total_words,
            "subtotal_words": layout.subtotal_words or common.subtotal_words,
            "signature_words": layout.signature_words or common.signature_words,
        }
    )


def _refuse_others(path: Path, key: str, names: Iterable[str], allowed: Iterable[str]) -> None:
    """Refuse a name in a layout that can't stand there.

    Raises:
        UsageError: there is one; the message says which may stand there.
    """
    other = next((name for name in names if name not in set(allowed)), None)
    if other is not None:
        raise _file(path).unusable(
            key,
            f"{other} is not a known field here; there may stand: {', '.join(allowed)}",
            f"{other} 不是这里可用的字段,可用的有:{'、'.join(allowed)}",
        )


def _file(path: Path) -> BureauFile:
    return BureauFile(path, "layout", "版式文件")
