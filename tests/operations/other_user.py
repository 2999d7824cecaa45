"""Commands that an ordinary user gives in folders of which one is another user's; see `tests/operations/test_other_user.py`."""

import sys
from pathlib import Path

# What the commands import when they are asked for something; the user may not be able to read the libraries' folders.
import pipeline.ask.accesses
import pipeline.ask.verify
import pipeline.commands.backup_text
import pipeline.commands.policy_check
import pipeline.landing.inspection
import pipeline.policy.new
import pipeline.reports.check_report.check
import pipeline.reports.workbooks.templates
import pipeline.sample.write  # noqa: F401
from pipeline.commands import cli
from tests.operations.commands import Place

END = "ended with"
# Each command, in folders of which `closed` is another user's, and its status.
COMMANDS: list[tuple[int, list[str]]] = [
    (0, ["backup", "{own}/first.tar.gz"]),
    (0, ["backup", "--verify", "{own}/first.tar.gz"]),
    (1, ["backup", "{closed}/second.tar.gz"]),
    (1, ["backup", "{own}/third.tar.gz", "--raw", "{closed}/raw"]),
    (2, ["backup", "--verify", "{secret}"]),
    (2, ["restore", "{secret}"]),
    (1, ["restore", "{own}/first.tar.gz", "--raw", "{closed}/below/raw"]),
    (2, ["inspect", "{secret}"]),
    (1, ["inspect", "{closed}/any.csv"]),
    (1, ["refresh", "--year", "2019", "--policy", "{closed}/policies"]),
    (1, ["refresh", "--year", "2019", "--raw", "{closed}/raw"]),
    (1, ["verify", "--warehouse", "{closed}/warehouse"]),
    (1, ["intake", "--year", "2019", "--warehouse", "{closed}/warehouse"]),
    (1, ["accesses", "--warehouse", "{closed}/warehouse"]),
    (2, ["check-report", "{secret}", "--year", "2019"]),
    (1, ["template", "--all", "--out", "{closed}/templates"]),
    (1, ["sample", "--persons", "300", "--raw", "{closed}/raw"]),
    (2, ["policy", "check", "{closed}"]),
]


def run_all(place: Place) -> None:
    """Run every command, one after the other, and write its status behind what it wrote to stderr."""
    for _, words in COMMANDS:
        try:
            cli.main([word.format(**_names(place.folder)) for word in words])
        except SystemExit as ended:
            print(f"{END} {ended.code or 0}", file=sys.stderr, flush=True)


def _names(folder: Path) -> dict[str, str]:
    own = folder / "own"
    return {"own": str(own), "closed": str(folder / "closed"), "secret": str(own / "raw" / "2019" / "secret.csv")}
