"""The options that many commands take, under the same names and with the same help."""

from pathlib import Path
from typing import Annotated

import typer

Year = Annotated[int, typer.Option("--year", help="Policy year.")]
Raw = Annotated[Path | None, typer.Option("--raw", help="Landing folder (default: data/raw).")]
Warehouse = Annotated[Path | None, typer.Option("--warehouse", help="Warehouse folder (default: data/warehouse).")]
PolicyFolder = Annotated[Path | None, typer.Option("--policy", help="Folder of another county's policies.")]


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from pipeline.warehouse.run import code_version

        print(f"daijiao {code_version()}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
]
