"""What the dashboard makes of rows before it shows them."""

from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import polars as pl
import pytest

from pipeline.settings import PROJECT_FOLDER


@pytest.fixture(scope="module")
def views() -> ModuleType:
    """The dashboard's own module, which marimo finds beside it."""
    pytest.importorskip("marimo")
    spec = spec_from_file_location("views", PROJECT_FOLDER / "notebooks" / "views.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_changes_are_told_without_digests(views: ModuleType) -> None:
    """A file that is gone, a figure that fell, a policy that was changed."""
    changes = pl.DataFrame(
        {
            "subject": ["covered_count", "file:bank_returns/a.txt", "policy"],
            "before": ["100", "13f716", "760666"],
            "after": ["60", None, "ad97c5"],
        }
    )
    told = views.changes_in_words(changes)
    assert told.rows() == [("已覆盖人数:100 → 60",), ("bank_returns/a.txt:已撤走",), ("政策已修改",)]
    assert views.changes_in_words(pl.DataFrame()).is_empty()


def test_a_date_and_a_status_stand_in_one_line(views: ModuleType) -> None:
    """Longer texts are folded, and have the room that they need."""
    frame = pl.DataFrame(
        {"paid_date": ["2019-03-04"], "file_name": ["tax_returns/红土地镇/模拟数据_税务征收返盘_上半年.csv"]}
    )
    html = views.shown(frame, "返盘记录").text
    assert '<td class="short" data-label="付款日期">' in html
    assert '<td class="long"' in html
