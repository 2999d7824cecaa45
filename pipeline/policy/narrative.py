"""What a bureau itself says in the evaluation report: the parts that no table holds, a file beside the policy of the year.

Figures may stand in its sentences as names in braces; filling them in is the report's business. A part that isn't there is marked
in the report with who is to write it.
"""

from pathlib import Path
from typing import Annotated, NamedTuple

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


class Part(NamedTuple):
    """What a part is called, and who writes it where it is missing."""

    name: str
    writer: str


PARTS = {
    "documents": Part("立项文件的名称和文号", "业务科室"),
    "background": Part("立项背景", "业务科室"),
    "purpose": Part("立项目的", "业务科室"),
    "organisation": Part("项目组织情况", "业务科室"),
    "process": Part("项目实施流程", "业务科室"),
    "fund_flow": Part("资金拨付流程", "财务科室"),
    "overall_goal": Part("项目总目标", "业务科室"),
    "annual_goal": Part("项目年度目标", "业务科室"),
    "evaluation_purpose": Part("评价目的", "评价小组"),
    "evaluation_plan": Part("评价方案的制定过程", "评价小组"),
    "evaluation_principles": Part("评价原则", "评价小组"),
    "evaluation_methods": Part("评价方法", "评价小组"),
    "evaluation_process": Part("评价实施过程", "评价小组"),
    "main_results": Part("主要绩效", "业务科室"),
    "management": Part("项目和资金管理情况", "财务科室"),
    "experience": Part("主要经验及做法", "业务科室"),
    "problems": Part("存在的问题", "业务科室"),
    "suggestions": Part("建议和改进措施", "业务科室"),
    "signed_by": Part("落款单位", "本单位"),
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
