"""Files of strangers: each polluted file says what the clean one says, or is refused by name; never a wrong row.

How many files a kind are tried says DAIJIAO_WORLDS, from which seed on DAIJIAO_SEED; both are printed.
"""

import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from pipeline.landing import Landing, land_year, load_layouts
from tests.landing import pollution
from tests.landing.files import YEAR, typed_rows

FILES_A_KIND = max(int(os.environ.get("DAIJIAO_WORLDS", "100")) // 33, 3)
SEED = int(os.environ.get("DAIJIAO_SEED", "20190612"))
# The free text of the last column is changed by some kinds; where a row stands, and how it was spelt, by all.
OF_FORM = {"row_number", "id_original", "quarantine_reason", "quarantine_text", "file_name"}
FREE_TEXTS = {"class_reason", "outcome_text", "document_no", "repeat_key", "content_upper", "content_lower"}
FREE_TEXTS |= {"schooling", "schooling_says", "unknown_schooling", "is_evidence_unreadable"}
# What nobody can read whole, so that it must be refused.
UNREADABLE = {"strange_delimiter", "quote_left_open", "two_encodings", "header_missing"}
REFUSALS = {"no_matching_layout", "damaged_text", "undecodable", "truncated", "control_total_differs"}
LEAST_READ = 0.95
LAYOUTS = load_layouts()

Said = Counter[tuple[object, ...]]


def said(landing: Landing, source: str) -> tuple[Said, int]:
    """What the accepted rows say, and how many others there are."""
    rows = typed_rows(landing, source)
    is_accepted = rows["quarantine_field"].is_null() & rows["dropped_reason"].is_null()
    accepted = rows.filter(is_accepted).select(name for name in rows.columns if name not in OF_FORM | FREE_TEXTS)
    return Counter(accepted.iter_rows()), int((~is_accepted).sum())


def land(folder: Path, contents: dict[str, bytes]) -> dict[str, Landing]:
    """Land files under one name each, every one in a folder of its own."""
    landings = {}
    for label, content in contents.items():
        raw = folder / label.replace("/", "_") / "raw"
        path = raw / str(YEAR) / label.split("#")[0]
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        landings[label] = land_year(raw, YEAR, LAYOUTS, folder / "cache")
    return landings


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    """What the clean files say."""
    contents = {name: pollution.dumped(table).encode() for name, table in pollution.clean_tables().items()}
    landings = land(tmp_path_factory.mktemp("clean"), contents)
    found = {name: said(landing, name.split("/")[0]) for name, landing in landings.items()}
    assert all(sum(rows.values()) == 5 and others == 0 for rows, others in found.values())
    return {name: rows for name, (rows, _) in found.items()}


@pytest.mark.parametrize("kind", pollution.KINDS, ids=lambda kind: kind.__name__)
def test_a_polluted_file_says_the_same_or_is_refused(
    kind: pollution.Kind, clean: dict[str, Said], tmp_path: Path
) -> None:
    """A row that can't be trusted is quarantined, and every row is counted."""
    print(f"DAIJIAO_SEED={SEED}, files: {FILES_A_KIND}")
    random = Random(f"{SEED} {kind.__name__}")
    names = sorted(clean)
    read_count = 0
    for number in range(FILES_A_KIND):
        name = names[(number + random.randrange(len(names))) % len(names)]
        content = kind(pollution.clean_tables()[name], random)
        landing = land(tmp_path, {f"{name}#{number}": content})[f"{name}#{number}"]
        file = landing.files.row(0, named=True)
        if file["status"] == "refused":
            assert str(file["reason"]).split(":")[0] in REFUSALS, file["reason"]
            continue
        read_count += 1
        rows, others = said(landing, name.split("/")[0])
        assert not rows - clean[name], f"a wrong row in {name}, file {number}"
        assert sum(rows.values()) + others == sum(clean[name].values()), f"rows lost or added in {name}, file {number}"
    assert (read_count == 0) if kind.__name__ in UNREADABLE else True


def test_nearly_all_files_that_can_be_read_are_read(clean: dict[str, Said], tmp_path: Path) -> None:
    """Of the kinds that leave a whole file."""
    random = Random(SEED)
    kinds = [kind for kind in pollution.KINDS if kind.__name__ not in UNREADABLE | {"cut_off"}]
    contents = {
        f"{name}#{kind.__name__}": kind(pollution.clean_tables()[name], random)
        for kind in kinds
        for name in random.sample(sorted(clean), 2)
    }
    statuses = [landing.files["status"][0] for landing in land(tmp_path, contents).values()]
    assert statuses.count("read") >= LEAST_READ * len(statuses)
