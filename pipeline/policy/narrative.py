"""What a bureau itself says in the evaluation report: the parts that no table holds, a file beside the policy of the year.

Figures may stand in its sentences as names in braces; filling them in is the report's business. A part that isn't there is marked
in the report with who is to write it.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator

from pipeline.bureau_file import BureauFile
from pipeline.policy.load import PACKAGE_FOLDER
from pipeline.policy.model import Policy, PolicyModel, Text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Paragraphs = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]


class BasisDocument(PolicyModel):
    """A document on which the project rests: its title, its number and who issued it."""

    title: Text
    number: Text | None = None
    issuer: Text | None = None


class Narrative(PolicyModel):
    """The bureau's own words, part by part in the order of the report; each part is a text or a list of paragraphs."""

    documents: tuple[BasisDocument, ...] = ()
    background: Paragraphs = ()
    purpose: Paragraphs = ()
    organisation: Paragraphs = ()
    process: Paragraphs = ()
    fund_flow: Paragraphs = ()
    overall_goal: Paragraphs = ()
    annual_goal: Paragraphs = ()
    evaluation_purpose: Paragraphs = ()
    evaluation_plan: Paragraphs = ()
    evaluation_principles: Paragraphs = ()
    evaluation_methods: Paragraphs = ()
    evaluation_process: Paragraphs = ()
    limitations: Paragraphs = ()
    main_results: Paragraphs = ()
    management: Paragraphs = ()
    experience: Paragraphs = ()
    problems: Paragraphs = ()
    suggestions: Paragraphs = ()
    notice_period: Text | None = None
    notice_objections: Text | None = None
    signed_by: Text | None = None
    signed_on: Text | None = None


# What a part is called, and who writes it where it is missing.
PARTS = {
    "documents": "立项文件的名称和文号",
    "background": "立项背景",
    "purpose": "立项目的",
    "organisation": "项目组织情况",
    "process": "项目实施流程",
    "fund_flow": "资金拨付流程",
    "overall_goal": "项目总目标",
    "annual_goal": "项目年度目标",
    "evaluation_purpose": "评价目的",
    "evaluation_plan": "评价方案的制定过程",
    "evaluation_principles": "评价原则",
    "evaluation_methods": "评价方法",
    "evaluation_process": "评价实施过程",
    "limitations": "评价的局限性",
    "main_results": "主要绩效",
    "management": "项目和资金管理情况",
    "experience": "主要经验及做法",
    "problems": "存在的问题",
    "suggestions": "建议和改进措施",
    "signed_by": "落款单位",
    "signed_on": "落款日期",
}
WRITERS = {
    "documents": "业务科室",
    "background": "业务科室",
    "purpose": "业务科室",
    "organisation": "业务科室",
    "process": "业务科室",
    "fund_flow": "财务科室",
    "overall_goal": "业务科室",
    "annual_goal": "业务科室",
    "evaluation_purpose": "评价小组",
    "evaluation_plan": "评价小组",
    "evaluation_principles": "评价小组",
    "evaluation_methods": "评价小组",
    "evaluation_process": "评价小组",
    "limitations": "评价小组",
    "main_results": "业务科室",
    "management": "财务科室",
    "experience": "业务科室",
    "problems": "业务科室",
    "suggestions": "业务科室",
    "signed_by": "本单位",
    "signed_on": "本单位",
}


def narrative_of(policy: Policy, folder: Path | None) -> Narrative:
    """What the bureau says of a policy's year; nothing where the policy names no file."""
    return load_narrative(None if policy.narrative_file is None else (folder or PACKAGE_FOLDER) / policy.narrative_file)


def load_narrative(path: Path | None) -> Narrative:
    """The narrative of a file; an empty one where the policy names none.

    Raises:
        UsageError: the file can't be read, or a key of it can't be used.
    """
    if path is None:
        return Narrative()
    # One of comments alone says nothing yet.
    return BureauFile(path, "narrative", "报告文字").checked(Narrative, lambda content: content or {})
