"""What the rows of each source hold, as data: a file a source in ``assets/sources``, read into plain objects.

A source's fields stand there in order, with their types, which of them are needed and where their words are listed. They are the
same for every sender; how one sender's file maps to them is told by its layout (``pipeline/landing/layouts``).
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

import assets
from pipeline.contracts.codes import load_codes
from pipeline.yaml_file import read_yaml

SOURCES_FOLDER = Path(assets.__file__).parent / "sources"

FieldType = Literal["text", "number", "name", "id", "account", "amount", "date", "count", "word"]
Text = Annotated[str, pydantic.Field(min_length=1)]


class SourceModel(BaseModel):
    """A part of a source: unknown keys are refused, so a misspelt one is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Field(SourceModel):
    """A field of a row. A row is quarantined when a needed cell is empty, or a date, an amount, a count or a word can't be read.

    Attributes:
        type: `number` is a text of digits, such as a batch's, which a numeric cell can lose.
        is_needed: whether a row can't be used without it.
        is_needed_when_paid: the same, in a success or reversal alone.
        is_needed_with_column: the same, where the table has a column of it.
        without_column: what every row says where the table has no column of it.
        is_signed: whether a negative amount or count is right.
        vocabulary: what the words of the field are listed in (``assets/codes``).
        keeps_text: whether the text stays under the field's name, and what it means gets a column of its own.
        quarantines: whether a row is quarantined where the cell can't be read.
        quarantining_signs: where there are any, only an unknown word that contains one of them quarantines its row.
        empty_says: what an empty cell means.
        is_empty_unknown: whether an empty cell is a word that nobody knows.
        is_evidence: whether an unknown word makes the row's evidence unreadable; the quarantining ones alone, where there are
            quarantining signs.
        is_content: whether what the field says is a part of what the row says; its township is compared by code, in SQL.
        is_personal: whether the cell may say something of a person, so that it is shown masked.
    """

    name: Text
    type: FieldType
    is_needed: bool = False
    is_needed_when_paid: bool = False
    is_needed_with_column: bool = False
    without_column: str | None = None
    is_signed: bool = False
    vocabulary: str | None = None
    keeps_text: bool = False
    quarantines: bool = True
    quarantining_signs: tuple[str, ...] = ()
    empty_says: str | None = None
    is_empty_unknown: bool = False
    is_evidence: bool = False
    is_content: bool = True
    is_personal: bool = False

    @model_validator(mode="after")
    def has_known_words(self) -> "Field":
        """Refuse a word without a list, or a list that isn't there."""
        if (self.type == "word") != (self.vocabulary is not None):
            raise ValueError(f"{self.name}: a word, and nothing else, names its vocabulary")
        if self.vocabulary is not None and self.vocabulary not in load_codes():
            raise ValueError(f"{self.name}: there is no vocabulary {self.vocabulary}")
        return self

    @property
    def meaning_column(self) -> str:
        """The column of what a word means."""
        return f"{self.name}_says" if self.keeps_text else self.name


class Repeat(SourceModel):
    """By what a row is the same payment or document as one of another file, so that it counts once.

    Attributes:
        known_by: the fields that must all be there; of several ways the first that is known counts.
        says: further fields that must agree, null being a value; the township by its code.
    """

    known_by: tuple[str, ...]
    says: tuple[str, ...]


class Source(SourceModel):
    """A folder of data/raw/<year> and the fields that its rows hold.

    Attributes:
        position: its place in the order in which a file of an unknown source is tried.
        dated_by: the field whose date is the row's own.
        repeats: how a row that another file brings again is known.
        has_outcome: whether a row tells what became of a payment.
        needs_paid_date: whether a file is refused in which a success or reversal has no date.
        has_snapshot_date: whether a file is refused that has no date of its snapshot.
        keeps_cells: whether the cells of further columns are kept with a row.
        is_placed: whether a table without a township column or head takes the township of its title, sheet or folder.
    """

    name: Text
    english: Text
    chinese: Text
    position: int
    fields: tuple[Field, ...]
    dated_by: str | None = None
    repeats: tuple[Repeat, ...] = ()
    has_outcome: bool = False
    needs_paid_date: bool = False
    has_snapshot_date: bool = False
    keeps_cells: bool = False
    is_placed: bool = False

    @model_validator(mode="after")
    def names_own_fields(self) -> "Source":
        """Refuse a date or a repeat that names no field."""
        own = {field.name for field in self.fields} | ({"outcome"} if self.has_outcome else set())
        named = {self.dated_by} - {None} | {name for each in self.repeats for name in (*each.known_by, *each.says)}
        if unknown := named - own:
            raise ValueError(f"{self.name}: dated_by or repeats name no field: {', '.join(sorted(map(str, unknown)))}")
        return self

    @property
    def is_evidence(self) -> bool:
        """Whether its rows say what can speak against a person."""
        return any(field.is_evidence for field in self.fields)


def _source(path: Path) -> Source:
    try:
        content: dict[str, Any] = read_yaml(path)
        fields = [{"name": name, **facts} for name, facts in content.pop("fields").items()]
        return Source.model_validate({**content, "name": path.stem, "fields": fields})
    except ValidationError as error:
        raise ValueError(f"assets/sources/{path.name}: {error}") from None


def _sources() -> dict[str, Source]:
    found = [_source(path) for path in SOURCES_FOLDER.glob("*.yaml")]
    return {source.name: source for source in sorted(found, key=lambda source: source.position)}


SOURCES = _sources()
