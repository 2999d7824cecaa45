"""The options that many commands take, under the same names and with the same help."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.language import SAY

Year = Annotated[int, typer.Option("--year", help=SAY("年度。", "Policy year."))]
Raw = Annotated[
    Path | None, typer.Option("--raw", help=SAY("报送文件夹(默认 data/raw)。", "Landing folder (default: data/raw)."))
]
Warehouse = Annotated[
    Path | None,
    typer.Option(
        "--warehouse", help=SAY("数据仓库文件夹(默认 data/warehouse)。", "Warehouse folder (default: data/warehouse).")
    ),
]
PolicyFolder = Annotated[
    Path | None, typer.Option("--policy", help=SAY("本县的政策文件夹。", "Folder of another county's policies."))
]


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from pipeline.warehouse.run import code_version

        print(f"daijiao {code_version()}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_show_version, is_eager=True, help=SAY("显示版本后退出。", "Show the version and exit.")
    ),
]
