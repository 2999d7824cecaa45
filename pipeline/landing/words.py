"""What a sender's word means: a bureau's own words first, then the rules of the vocabulary.

The vocabularies are data (``assets/codes``); which fields have one is told by ``sources``. What the words of a payment's line
say together is decided in ``outcomes``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.bureau_file import BureauFile
from pipeline.contracts.codes import Vocabulary, WordRule, vocabulary
from pipeline.landing.labels import clean_label

# What a rule gives for a text that is known and means no code of the vocabulary.
NOTHING = "nothing"
# What an empty cell may hold, of every field but a name.
EMPTY_WORDS = ("/", "\\", "-", "—", "——", "无", "空", "NULL", "N/A", "#N/A")
# The fields whose words a bureau may add to, and the vocabulary of each. The codes of banks mean an outcome.
VOCABULARIES = {
    "schooling": "schooling",
    "category": "category",
    "class": "class",
    "insured_status": "insured_status",
    "exclusion": "exclusion",
    "benefit_status": "benefit_status",
    "outcome": "outcome",
    "outcome_code": "outcome",
    "levy_item": "levy_item",
    "payer_kind": "payer_kind",
}
# What a line can be that its sender's word calls by name; nobody's word says that nobody knows it.
_STATED_OUTCOMES = ("success", "failed", "reversed", "unknown")
_BLANKS = r"[\s\p{Cf}\p{Cc}]"


def compact(text: pl.Expr) -> pl.Expr:
    """A cleaned text without blanks, as words are compared."""
    return text.str.replace_all(_BLANKS, "")


def meaning(text: pl.Expr, words: Vocabulary, own: Mapping[str, str]) -> pl.Expr:
    """What each text means: a code of the vocabulary, `nothing`, or null where no rule fits and where there is no text.

    Args:
        text: cleaned texts.
        own: the code that a bureau's word means, by the word.
    """
    word = compact(text)
    rules: list[pl.Expr] = [pl.when(_fits(word, rule)).then(pl.lit(rule.says)) for rule in words.words]
    if own:
        rules.insert(0, word.replace_strict(dict(own), default=None, return_dtype=pl.String))
    return pl.coalesce(rules)


def own_word(text: pl.Expr, own: Mapping[str, str]) -> pl.Expr:
    """A text of a field whose listed words the policy states, with a bureau's own word as the listed one that it means."""
    return compact(text).replace_strict(dict(own), default=text, return_dtype=pl.String) if own else text


def load_own_words(
    path: Path, further: Mapping[str, tuple[str, ...] | None] | None = None
) -> dict[str, dict[str, str]]:
    """A bureau's own words: by field, the code that each of its words means. A missing file holds none.

    Of a field whose words the policy states, a word means a listed word.

    Args:
        further: the listed words of fields whose words the policy states; null where no policy is known.

    Raises:
        UsageError: the file can't be used; the message names file and key.
    """
    if not path.is_file():
        return {}
    listed = dict(further or {})
    known = [*VOCABULARIES, *listed]
    own: dict[str, dict[str, str]] = {}
    file = BureauFile(path, "words", "用语文件")
    for field, words in _mapping(file, file.content(as_text=True), "").items():
        if field not in known:
            raise file.unusable(
                field,
                f"there is no such field; use one of {', '.join(known)}",
                f"没有这样的项目,可用的有:{'、'.join(known)}",
            )
        for word, target in _mapping(file, words, field).items():
            code = _code(field, clean_label(target), listed) if isinstance(target, str) else None
            if code is None or not clean_label(word):
                targets = _targets(field, listed)
                raise file.unusable(
                    f"{field}.{word}",
                    f"a word means one of {', '.join(targets)}",
                    f"一个用语的含义只能是:{'、'.join(targets)}",
                )
            if own.setdefault(field, {}).setdefault(clean_label(word), code) != code:
                raise file.unusable(f"{field}.{word}", "it stands there with two meanings", "写了两种含义")
    return own


def _fits(word: pl.Expr, rule: WordRule) -> pl.Expr:
    conditions = []
    if rule.whole:
        conditions.append(word.is_in(list(rule.whole)))
    if rule.contains:
        conditions.append(word.str.contains_any(list(rule.contains)))
    if rule.pattern:
        conditions.append(word.str.contains(f"^(?:{rule.pattern})$"))
    conditions += [word.str.starts_with(beginning) for beginning in rule.begins]
    conditions += [word.str.ends_with(end) for end in rule.ends]
    fits = pl.any_horizontal(conditions)
    return fits & ~word.str.contains_any(list(rule.without)) if rule.without else fits


def _targets(field: str, listed: Mapping[str, tuple[str, ...] | None]) -> tuple[str, ...]:
    """What a bureau's word of a field can mean, as the bureau writes it."""
    if field in listed:
        return listed[field] or ()
    if VOCABULARIES[field] == "outcome":
        return _STATED_OUTCOMES
    return tuple(code.chinese for code in vocabulary(VOCABULARIES[field]).codes)


def _code(field: str, target: str, listed: Mapping[str, tuple[str, ...] | None]) -> str | None:
    """The code that a target names: by itself, by its Chinese, or by a word that is listed for it."""
    if field in listed:
        targets = listed[field]
        return target if targets is None or target in targets else None
    if VOCABULARIES[field] == "outcome":
        return target if target in _STATED_OUTCOMES else None
    words = vocabulary(VOCABULARIES[field])
    names = {clean_label(name): code.code for code in words.codes for name in (code.chinese, code.code)}
    if target in names:
        return names[target]
    found: str | None = pl.select(meaning(pl.lit(target), words, {})).item()
    return None if found == NOTHING else found


def _mapping(file: BureauFile, content: Any, key: str) -> dict[str, Any]:
    if content in (None, ""):
        return {}
    if not isinstance(content, dict):
        raise file.unusable(key, "there must be words with what each of them means", "应逐行写“用语: 含义”")
    return content
