"""Documents and workbooks as archives that are the same for the same content: nothing in them tells when they were made.

What they say of their own date is that of the data, which `data_date` finds.
"""

import io
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pipeline.paper import put_in_place
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

# The first date that an archive can hold, for what no data stand behind.
NO_DATE = date(1980, 1, 1)
_ENTRY_TIME = (1980, 1, 1, 0, 0, 0)


def data_date(session: Session, run: Run) -> date:
    """The date of a report: the day looked back from, else the latest date of the files that were read."""
    if run.as_of is not None:
        return run.as_of
    found: date | None = session.find("SELECT max(file_date) AS day FROM mart.source_file WHERE status = 'read'").item()
    return found or date(run.year, 12, 31)


def as_time(day: date) -> datetime:
    """The date as archives write it."""
    return datetime.combine(day, time())


def save_docx(document: Any, path: Path, made_on: date) -> None:
    """Write a document of python-docx or docxtpl whole, with its date.

    Raises:
        DaijiaoError: the folder can't be written.
    """
    properties = getattr(document, "docx", document).core_properties
    properties.created = properties.modified = as_time(made_on)
    properties.last_modified_by = ""
    properties.revision = 1
    content = io.BytesIO()
    document.save(content)
    with put_in_place(path) as temporary:
        temporary.write_bytes(_without_times(content.getvalue()))


def _without_times(content: bytes) -> bytes:
    """The archive with the same entries in the same order, none of which says when it was written."""
    result = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(result, "w", ZIP_DEFLATED) as target:
        for entry in source.infolist():
            plain = ZipInfo(entry.filename, _ENTRY_TIME)
            plain.compress_type = ZIP_DEFLATED
            target.writestr(plain, source.read(entry))
    return result.getvalue()
