"""Vocabularies as data: what stands in ``assets/codes``, a file a vocabulary, read into plain objects.

A code's order, words and whatever a rule or a reader needs of it stand in its file and nowhere else; from here come the schema
``code`` that SQL joins, CHECKs, the value lists of the data dictionary and every translation. What a sender's cell says goes
through the `words` of a vocabulary, an ordered list of rules of which the first that fits counts. Judging a row does not
belong here.
"""

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import assets
from pipeline.yaml_file import read_yaml

CODES_FOLDER = Path(assets.__file__).parent / "codes"

Text = Annotated[str, Field(min_length=1)]
Attribute = str | int | bool | None


class CodesModel(BaseModel):
    """A part of a vocabulary: unknown keys are refused, so a misspelt one is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Code(CodesModel):
    """One code of a vocabulary; its place in the file is its position, from 1.

    `attributes` are the further facts of the vocabulary's codes; each code of a vocabulary has all of them.
    """

    code: Text
    english: Text
    chinese: Text
    attributes: Mapping[str, Attribute] = {}


class WordRule(CodesModel):
    """What a sender's text says when it fits: a code of the vocabulary, or `nothing` or `unknown`.

    Texts are compared after NFKC without blanks. A rule fits where the whole text is one of `whole`, or begins, ends with or
    contains one of the others, or matches `pattern` as a whole; and where it contains none of `without`.
    """

    says: Text
    whole: tuple[Text, ...] = ()
    begins: tuple[Text, ...] = ()
    ends: tuple[Text, ...] = ()
    contains: tuple[Text, ...] = ()
    pattern: Text | None = None
    without: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def has_a_word(self) -> "WordRule":
        """Refuse a rule that nothing can fit."""
        if not (self.whole or self.begins or self.ends or self.contains or self.pattern):
            raise ValueError(f"the rule for {self.says} names no word")
        return self


class Vocabulary(CodesModel):
    """A vocabulary: its codes in their order, and the rules by which a sender's words are read."""

    name: Text
    english: Text
    chinese: Text
    is_published: bool = True
    codes: tuple[Code, ...]
    words: tuple[WordRule, ...] = ()

    @model_validator(mode="after")
    def is_whole(self) -> "Vocabulary":
        """Refuse a code that stands there twice, and codes of which one lacks an attribute that another has."""
        names = [code.code for code in self.codes]
        if len(names) != len(set(names)):
            raise ValueError("a code stands there twice")
        if len({tuple(sorted(code.attributes)) for code in self.codes}) > 1:
            raise ValueError("all codes of a vocabulary have the same attributes")
        return self

    @cached_property
    def by_code(self) -> dict[str, Code]:
        """The codes by their name, in order."""
        return {code.code: code for code in self.codes}

    @property
    def code_names(self) -> tuple[str, ...]:
        """The names of the codes, in order."""
        return tuple(self.by_code)


class _VocabularyFile(CodesModel):
    """What a file of ``assets/codes`` holds; the further keys of a code are its attributes."""

    english: Text
    chinese: Text
    is_published: bool = True
    codes: dict[str, dict[str, Attribute]]
    words: tuple[WordRule, ...] = ()


@cache
def load_codes() -> dict[str, Vocabulary]:
    """Every vocabulary by name, which is that of its file.

    Raises:
        ValueError: a file can't be used; the message names it.
    """
    return {path.stem: _vocabulary(path) for path in sorted(CODES_FOLDER.glob("*.yaml"))}


def vocabulary(name: str) -> Vocabulary:
    """One vocabulary.

    Raises:
        KeyError: there is none of that name.
    """
    return load_codes()[name]


def chinese_words(name: str) -> dict[str, str]:
    """What each code of a vocabulary is called in Chinese.

    Raises:
        KeyError: there is no vocabulary of that name.
    """
    return {code.code: code.chinese for code in vocabulary(name).codes}


_WORDS_OF_A_CODE: tuple[Literal["english"], Literal["chinese"]] = ("english", "chinese")


def _vocabulary(path: Path) -> Vocabulary:
    try:
        content = _VocabularyFile.model_validate(read_yaml(path))
        codes = [
            {
                "code": name,
                **{key: facts.get(key) for key in _WORDS_OF_A_CODE},
                "attributes": {key: value for key, value in facts.items() if key not in _WORDS_OF_A_CODE},
            }
            for name, facts in content.codes.items()
        ]
        return Vocabulary.model_validate({**content.model_dump(), "name": path.stem, "codes": codes})
    except ValidationError as error:
        raise ValueError(f"assets/codes/{path.name}: {error}") from None
