"""Whom Splink names for damaged rows: the rows and the roll of suggestions.py, linked by probabilities that it learns itself.

Prints precision, recall, and the seconds and CPU seconds of linking. Usage: python splink_suggestions.py FOLDER, where
suggestions.py --write put roll.parquet and rows.parquet.
"""

import sys
import time
from pathlib import Path

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

LEAST_PROBABILITY = 0.95
SETTINGS = SettingsCreator(
    link_type="link_only",
    probability_two_random_records_match=1 / 65_000,
    unique_id_column_name="unique_id",
    comparisons=[
        cl.DamerauLevenshteinAtThresholds("id_text", [1, 2, 4]),
        cl.DamerauLevenshteinAtThresholds("name_key", [1]),
        cl.ExactMatch("township_code"),
    ],
    blocking_rules_to_generate_predictions=[
        block_on("name_key"),
        block_on("substr(id_text, 1, 14)"),
        block_on("substr(id_text, 7, 12)"),
    ],
)


def main(folder: Path) -> None:
    """Link, take for each row the one who is most probable, print."""
    roll, rows = (pd.read_parquet(folder / f"{name}.parquet") for name in ("roll", "rows"))
    started, cpu_started = time.perf_counter(), time.process_time()
    named = named_by_splink(roll, rows.drop(columns="meant_no"))
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    judged = rows.merge(named, how="left", left_on="unique_id", right_on="row_id")
    is_named, is_planted = judged["person_id"].notna(), judged["meant_no"].notna()
    is_right = is_named & (judged["person_id"] == judged["meant_no"])
    print(
        f"precision {is_right.sum() / max(is_named.sum(), 1):.4f}, recall {is_right.sum() / is_planted.sum():.4f}, ",
        end="",
    )
    print(f"seconds {seconds:.1f}, CPU seconds {cpu_seconds:.1f}")


def named_by_splink(roll: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The row's number and the person's for each row with one best candidate that is probable enough."""
    engine = DuckDBAPI()
    sides = [engine.register(frame, dataset_display_name=name) for name, frame in (("a_row", rows), ("b_person", roll))]
    linker = Linker(sides, SETTINGS)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name_key"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("substr(id_text, 7, 12)"))
    pairs = linker.inference.predict(threshold_match_probability=LEAST_PROBABILITY).as_pandas_dataframe()
    pairs = pairs.rename(columns={"unique_id_l": "row_id", "unique_id_r": "person_id"})
    best = pairs.groupby("row_id")["match_weight"].transform("max")
    alone = pairs[pairs["match_weight"] == best].drop_duplicates("row_id", keep=False)
    return alone[["row_id", "person_id"]]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
