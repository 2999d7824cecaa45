"""The bureau's own words as the template's names write them: figures filled in, what is missing marked for whom to write it."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from pipeline.errors import UsageError
from pipeline.paper import on_paper
from pipeline.policy import Narrative
from pipeline.policy.narrative import PARTS

TO_WRITE = "【待填写：{}，由{}撰写】"


def narrative_texts(narrative: Narrative, figures: Mapping[str, Any]) -> dict[str, Any]:
    """The names of the template that the narrative fills: `said` (paragraphs by part), `documents`, signature and date.

    Args:
        narrative: the bureau's words.
        figures: the district's row, whose columns may stand in braces.

    Raises:
        UsageError: a text names no figure.
    """
    parts = {
        name: [filled(text, figures) for text in getattr(narrative, name)] or [TO_WRITE.format(*part)]
        for name, part in PARTS.items()
        if name not in ("documents", "signed_by")
    }
    documents = [
        {"title": each.title, "number": each.number or "—", "issuer": each.issuer or "—"}
        for each in narrative.documents
    ]
    missing = {"title": TO_WRITE.format(*PARTS["documents"]), "number": "", "issuer": ""}
    return {
        "said": parts,
        "narrative_limitations": [filled(text, figures) for text in narrative.limitations],
        "documents": documents or [missing],
        "signed_by": narrative.signed_by or TO_WRITE.format(*PARTS["signed_by"]),
        "signed_on": narrative.signed_on or "年　　月　　日",
    }


def filled(text: str, figures: Mapping[str, Any]) -> str:
    """A text with its figures as they stand on paper: counts as they are, amounts in 万元, rates as percentages.

    Raises:
        UsageError: it names no figure.
    """
    try:
        parts = list(Formatter().parse(text))
        return "".join(before + ("" if name is None else on_paper(name, figures[name])) for before, name, _, _ in parts)
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"The narrative can't be filled: {error} names no figure. Use a column of mart.district_summary in braces.",
            f"报告文字无法填写:没有名为 {error} 的数据。花括号中请使用 mart.district_summary 的列名。",
        ) from None
