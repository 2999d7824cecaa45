"""A folder of policies for another county or year, written from the few facts that differ; every key is explained in it.

Asking for the facts is the command's business; whether a folder can be used is told by ``pipeline.commands.policy_check``.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pipeline.errors import DaijiaoError, UsageError
from pipeline.policy.load import PACKAGE_FOLDER
from pipeline.policy.model import DIVISION_COLUMNS

STARTER = PACKAGE_FOLDER / "starter"
# What levels of government are called in tables, by what fund documents call them.
_LEVEL_NAMES = {
    "中央": "central",
    "省级": "provincial",
    "市级": "municipal",
    "州级": "municipal",
    "区级": "district",
    "县级": "district",
    "乡级": "township",
    "镇级": "township",
}
_COST_TARGET = "target: {value: 100, sign: ≤}"
_NAME_IN_BRACES = re.compile(r"{{ (\w+) }}")


@dataclass(frozen=True)
class CountyFacts:
    """What differs from county to county and year to year.

    `levels` are the words of the funding levels with their shares of 1, `townships` names by their codes of nine digits.
    """

    policy_year: int
    city_name: str
    district_code: str
    district_name: str
    bureau_name: str
    premium_yuan: Decimal
    levels: Mapping[str, Decimal]
    townships: Mapping[str, str]
    age_from: int = 16
    age_below: int = 60


def write_policy_folder(folder: Path, facts: CountyFacts) -> list[Path]:
    """Write the folder; a file that stands there already stays as it is.

    Args:
        folder: made when it is missing.
        facts: what stands in the policy of the year.

    Returns:
        The files that were written.

    Raises:
        UsageError: the policy of the year stands there already.
        DaijiaoError: the folder can't be written.
    """
    year_file = folder / f"{facts.policy_year}.yaml"
    if year_file.exists():
        raise UsageError(
            f"{year_file} is there already. Change it, or give another folder or year.",
            f"{year_file} 已经存在。请直接修改它,或换一个文件夹或年度。",
        )
    texts = {
        year_file: _filled("year.yaml", folder, facts),
        folder / "divisions" / f"{facts.district_code}.csv": _divisions(facts),
        folder / "self_evaluation.yaml": _self_evaluation(facts),
        folder / "narrative.yaml": (STARTER / "narrative.yaml").read_text(encoding="utf-8"),
        folder / "words.yaml": (STARTER / "words.yaml").read_text(encoding="utf-8"),
        folder / "README.md": _filled("README.md", folder, facts),
    }
    try:
        (folder / "layouts").mkdir(parents=True, exist_ok=True)
        (folder / "divisions").mkdir(exist_ok=True)
        written = [path for path in texts if not path.exists()]
        for path in written:
            path.write_text(texts[path], encoding="utf-8")
    except OSError as error:
        raise DaijiaoError(
            f"The folder {folder} can't be written ({error.strerror}). Make it writable, or give another one.",
            f"不能写入文件夹 {folder}({error.strerror})。请设为可写,或换一个文件夹。",
        ) from None
    return written


def levels_of(text: str) -> dict[str, Decimal]:
    """The funding levels of a text such as 市级=0.8,区级=0.2.

    Raises:
        UsageError: it isn't of this form.
    """
    levels: dict[str, Decimal] = {}
    for part in re.split("[,,、]", text):
        word, _, share = part.strip().partition("=")
        try:
            levels[word.strip()] = Decimal(share.strip())
        except InvalidOperation:
            raise UsageError(
                "Write the funding levels with their shares of 1, such as 市级=0.8,区级=0.2.",
                "请写明各级资金的分担比例(合计为 1),例如 市级=0.8,区级=0.2。",
            ) from None
    return levels


def townships_of(texts: Sequence[str]) -> dict[str, str]:
    """The townships of texts such as 530129001=仁德街道.

    Raises:
        UsageError: one isn't of this form.
    """
    townships: dict[str, str] = {}
    for text in texts:
        code, _, name = text.partition("=")
        if not (re.fullmatch(r"\d{9}", code.strip()) and name.strip()):
            raise UsageError(
                "Write a township as its code of nine digits and its name, such as 530129001=仁德街道.",
                "请用九位代码和名称写乡镇,例如 530129001=仁德街道。",
            )
        townships[code.strip()] = name.strip()
    return townships


def _filled(name: str, folder: Path, facts: CountyFacts) -> str:
    words = {
        "folder": str(folder),
        "policy_year": str(facts.policy_year),
        "city_name": _scalar(facts.city_name),
        "district_code": facts.district_code,
        "district_name": _scalar(facts.district_name),
        "bureau_name": _scalar(facts.bureau_name),
        "premium_yuan": f"{facts.premium_yuan:.2f}",
        "fund_levels": "\n".join(_level(number, *level) for number, level in enumerate(facts.levels.items(), start=1)),
        "age_from": str(facts.age_from),
        "age_below": str(facts.age_below),
    }
    return _NAME_IN_BRACES.sub(lambda found: words[found[1]], (STARTER / name).read_text(encoding="utf-8"))


def _self_evaluation(facts: CountyFacts) -> str:
    """The shipped form with the premium and the bureau of the county in it."""
    form = (PACKAGE_FOLDER / "self_evaluation.yaml").read_text(encoding="utf-8")
    own = {
        _COST_TARGET: f"target: {{value: {facts.premium_yuan:f}, sign: ≤}}",
        "区级配套项目": "项目",
        "在区居保局": f"在{facts.bureau_name}",
    }
    for shipped, text in own.items():
        form = form.replace(shipped, text)
    return form


def _level(number: int, word: str, share: Decimal) -> str:
    name = _LEVEL_NAMES.get(word, f"level_{'abcdefghij'[number - 1]}")
    return f'  - {{name: {name}, word: {_scalar(word)}, share: "{share}"}}'


def _scalar(text: str) -> str:
    """A text as YAML writes it: in quotes where it isn't a plain word."""
    return text if re.fullmatch(r"\w+", text) and not text[0].isdigit() else '"' + text.replace('"', '\\"') + '"'


def _divisions(facts: CountyFacts) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(DIVISION_COLUMNS)
    for code, name in facts.townships.items():
        writer.writerow(("township", code, name, facts.district_code, "", ""))
    return lines.getvalue()
