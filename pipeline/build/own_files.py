"""What a bureau adds beside its policies: layouts of its senders' files, and words."""

from pathlib import Path

from pipeline.contracts.codes import vocabulary
from pipeline.landing import Layouts, load_layouts, load_own_words
from pipeline.policy import PACKAGE_FOLDER, Policy

# A folder beside the policies, for the layouts that a person adds.
OWN_LAYOUTS = "layouts"
# A file beside the policies, for the words that a bureau adds.
OWN_WORDS = "words.yaml"


def own_layouts(policy_folder: Path | None) -> Path:
    """The folder of the layouts that a person adds: it lies beside the policies."""
    return (policy_folder or PACKAGE_FOLDER) / OWN_LAYOUTS


def known_layouts(policy_folder: Path | None, policy: Policy | None = None) -> Layouts:
    """The layouts with what a person adds beside the policies, as they hold for a year's files.

    Args:
        policy: that of the year; null where a file is looked at by itself.

    Raises:
        UsageError: an own layout or the file of own words can't be used.
    """
    own = own_words(policy_folder or PACKAGE_FOLDER, policy)
    return load_layouts(own_layouts(policy_folder), own, policy.policy_year if policy else None)


def own_words(policy_folder: Path, policy: Policy | None) -> dict[str, dict[str, str]]:
    """The words that a bureau adds beside its policies: by field, what each of them means.

    Args:
        policy: that of the year, whose words of funding levels are listed; null where no year is known.

    Raises:
        UsageError: the file can't be used.
    """
    levels = tuple(level.word for level in policy.fund_levels) if policy else None
    answers = tuple(code.chinese for code in vocabulary("answer").codes)
    return load_own_words(policy_folder / OWN_WORDS, {"fund_level": levels, "answer_code": answers})
