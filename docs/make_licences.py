"""Writes `licences.md`: under which licence everything stands that is shipped, or needed to run, to look at or to develop it.

Packages are those of the environment (`make setup`), with what they say of themselves; where a package says it in words of its
own, or not at all, the licence of its text is given here. A package without a known licence stops the writing.
"""

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TABLE = Path(__file__).with_name("licences.md")
PROJECT = "daijiao"
# What makes an environment is no part of it.
INSTALLERS = ("pip", "setuptools", "uv", "wheel")
PARTS = (("run", ""), ("alert", "alert"), ("deploy", "deploy"), ("notebook", "notebook"), ("spark", "spark"))
DEVELOPMENT = "development"

# The words of packages for licences, by the identifiers of SPDX.
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License Version 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "http://www.apache.org/licenses/LICENSE-2.0": "Apache-2.0",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
# What some packages say in other words, by their texts.
BY_TEXT = {
    "docutils": "BSD-2-Clause AND PSF-2.0",  # public domain for the most part; its GPL file is a mode of Emacs
    "psycopg2-binary": "LGPL-3.0-or-later",  # with leave to link OpenSSL
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "python-stdnum": "LGPL-2.1-or-later",
    "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
}
# Licences under which this project may use a package; a package under another one needs a decision.
ALLOWED = frozenset(
    {
        *("0BSD", "Apache-2.0", "Artistic-1.0-Perl", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python"),
        *("HPND", "ISC", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "LLVM-exception"),
        *("MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0", "Python-2.0.1", "Unlicense"),
        *("Zlib", "ZPL-2.1", "blessing"),
    }
)
SHIPPED = (
    ("daijiao itself", "Apache-2.0", "`LICENSE`"),
    ("Compose Specification, its schema", "Apache-2.0", "`tests/deploy/compose-spec.json`"),
    ("Dictionary of traditional characters of OpenCC", "Apache-2.0", "`assets/traditional_characters.csv`"),
    ("Noto Sans CJK SC, the characters of GB2312", "OFL-1.1", "`pipeline/reports/fonts`, with its licence `OFL.txt`"),
)


def table() -> str:
    """The document."""
    rows = "\n".join(f"| {name} | {version} | {licence} | {part} |" for name, version, licence, part in packages())
    shipped = "\n".join(f"| {what} | {licence} | {where} |" for what, licence, where in SHIPPED)
    return (
        "# Licences\n\nWritten by `make licences`; a test compares it with the environment. "
        "Licences by the identifiers of SPDX.\n\n"
        f"## Shipped in this repository\n\n| what | licence | where |\n|---|---|---|\n{shipped}\n\n"
        "## Needed packages\n\n`run`: to run it; `alert`, `deploy`, `notebook` and `spark`: the extras of that name; "
        "`development`: tests and checks.\n\n"
        f"| package | version | licence | for |\n|---|---|---|---|\n{rows}\n"
    )


def packages() -> list[tuple[str, str, str, str]]:
    """Name, version, licence and purpose of every package of the environment, by name."""
    parts = dict(_parts())
    found = {canonicalize_name(each.name): each for each in metadata.distributions()}
    wanted = sorted(name for name in found if name not in (PROJECT, *INSTALLERS))
    return [
        (found[name].name, found[name].version, licence_of(found[name].metadata), parts.get(name, DEVELOPMENT))
        for name in wanted
    ]


def licence_of(said: "metadata.PackageMetadata") -> str:
    """The licence of a package by what it says; of a choice of licences one must be allowed.

    Raises:
        SystemExit: it says nothing that is known and allowed.
    """
    classifiers = [
        each.split("::")[-1].strip() for each in said.get_all("Classifier") or [] if each.startswith("License ::")
    ]
    words = said.get("License-Expression") or (said.get("License") or "").strip()
    if not words or "\n" in words or len(words) > 60:
        words = " AND ".join(sorted({SPDX.get(each, each) for each in classifiers if each != "OSI Approved"}))
    words = BY_TEXT.get(canonicalize_name(said["Name"]), SPDX.get(words, words))
    if not _is_allowed(words):
        sys.exit(
            f"The licence of {said['Name']} isn't known ({words!r}): decide, and name it in {Path(__file__).name}."
        )
    return words


def _is_allowed(words: str) -> bool:
    """Whether each part of an expression is allowed, of a choice one of them."""
    parts = words.replace("(", "").replace(")", "").replace(" WITH ", " AND ").split(" AND ")
    return all(any(choice.strip() in ALLOWED for choice in part.split(" OR ")) for part in parts)


def _parts() -> Iterator[tuple[str, str]]:
    """What each package is needed for: the last that is given counts, so the most needed comes last."""
    for part, extra in reversed(PARTS):
        yield from ((name, part) for name in _closure(PROJECT, {extra}, set()))


def _closure(name: str, extras: set[str], seen: set[str]) -> set[str]:
    """A package and all that it needs here."""
    key = canonicalize_name(name)
    if f"{key}{sorted(extras)}" in seen:
        return set()
    seen.add(f"{key}{sorted(extras)}")
    try:
        required = [Requirement(text) for text in metadata.requires(name) or []]
    except metadata.PackageNotFoundError:
        return set()
    needed = {key}
    for each in required:
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            needed |= _closure(each.name, each.extras, seen)
    return needed


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
    print(f"{TABLE}: {len(packages())} packages")
