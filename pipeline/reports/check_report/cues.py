"""The words by which a report says what a figure is, as data: a measure, the words that mean it, and whether they settle it.

Where the words have to stand is told by ``claims``.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

OTHER = "other"
PERSONS, MONEY, PER_PERSON, RATE, SCORE, ANSWERS = "persons", "money", "per_person", "rate", "score", "answers"


@dataclass(frozen=True)
class Cue:
    """A word that stands in a text: the measure that it means, and whether it settles it."""

    measure: str
    is_strong: bool
    start: int
    end: int


# By how much two figures differ: 较预算少, 超出拨付.
_DIFFERENCE = (
    r"(?:较|比)[^，,；;。\d]{1,8}(?:多|少|高|低)"
    r"|(?:超出|超过|多于|少于|低于)了?(?:拨付|预算|计划|目标|下达|安排|支出|使用)(?!的)"
)
# For each kind of figure: measure, words that settle it, words that only hint at it. Of words that overlap the longest stays.
_WORDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    PERSONS: (
        (
            "roll",
            r"在册|在名单|名单内|名单共|名单上|建档立卡(?:贫困)?(?:人员|人口|人数)(?:共|共有|总数|合计)|名单人数",
            r"名单|建档立卡",
        ),
        ("planned", r"计划|原定|预计|预算(?:人数)?|目标|任务数?|下达|拟代缴|应代缴|测算", r"补助人数"),
        ("excluded", r"不符合(?:参保)?(?:代缴)?(?:条件)?|剔除|排除|不予代缴", r""),
        ("unconfirmed", r"未确认|待确认|待核实|未核实|资格未定", r""),
        ("uncovered", r"(?:尚|仍)?未(?:覆盖|参保|代缴|缴费|完成|落实)|尚未|遗漏", r""),
        (
            "covered",
            r"实际完成|完成了?|办理|已?覆盖|核销|享受|惠及|受益|已代缴|已缴费|缴清|参加了?城乡居民|实际代缴|实际补助|落实了?",
            r"参保|缴费|补助",
        ),
        ("refunded", r"", r"原渠道返还|返还|退还"),
        ("paid_on_behalf", r"", r"代缴|征收|税务"),
        ("eligible", r"应参保|应保(?:人数|人员)|应覆盖", r"符合(?:参保)?(?:代缴)?(?:的)?条件|符合条件|符合政策"),
        (OTHER, r"经办人员|工作人员|培训|干部|访谈|走访|专人|兼职|抽查|抽样|出生|死亡", r""),
        (OTHER, r"上年|去年|同比|增加|减少|(?<![不至])少(?!于)|相差|多出|超出|缺口|差距", r""),
        (OTHER, _DIFFERENCE, r""),
    ),
    MONEY: (
        (
            "budget",
            r"预算(?:资金|收入|数|总额|安排)?|收入|下达|安排|筹集|到位|来源|投入|配套|总盘子",
            r"补助资金|补助|出了|出资|专项资金",
        ),
        (
            "allocated",
            r"预算支出|拨付(?:到|至|给)?|下拨|拨往|拨到|拨入乡镇|划拨|拨给|转拨|拨出|拨款|拨至|划转|(?:转|付)?给各?乡镇|到各?乡镇",
            r"",
        ),
        ("paid_out", r"已付(?:资金|出)?|付出|实际支付|支付|发放", r""),
        ("used", r"使用|核销|支出|执行数?|用于|花费|花在|花了|花掉|用掉|用去|用了|列支|开支", r"共用"),
        (
            "balance",
            r"结余|结转|剩余|余额|节余|结存|尚余|留在|留存|滞留|闲置|沉淀|没用|未(?:使)?用|未支出|(?:没有|尚未|未)拨(?:出|付)",
            r"剩",
        ),
        ("cash_balance", r"账面结余|现金结余|账户余额", r"账上"),
        ("disputed", r"存疑|争议|待核(?:实)?资金|未核销", r""),
        (OTHER, r"工作经费|培训费|办公|宣传费|印刷|上年|去年|同比|增加|减少|相差|多出|超出|缺口|差距", r""),
        (OTHER, _DIFFERENCE, r""),
    ),
    RATE: (
        ("participation", r"参保率|覆盖率|(?<!待遇)参加|应保尽保|参保", r""),
        (
            "target_completion",
            r"目标完成率|任务完成率|计划完成率|完成率|完成计划|完成目标|占计划|目标人数完成",
            r"完成",
        ),
        ("utilisation", r"资金使用率|使用率|利用率|占拨付", r"使用"),
        ("execution", r"预算执行率|执行率|执行进度|支出进度|占预算", r"预算"),
        ("benefit", r"待遇发放率|发放率|足额发放|按时足额|待遇发放|待遇支付", r"待遇"),
        ("satisfaction", r"满意率|满意度|满意", r""),
        ("interval", r"置信区间|区间|上限|下限", r""),
        ("share", r"承担|分担|负担|出资", r"比例|占比"),
        (OTHER, r"同比|增长|下降|提高|降低|置信水平|置信度|存疑|结余率|差错率|占比重|占(?:全区|全县|总人?数)", r""),
    ),
    SCORE: (
        ("reported", r"自评分|自评|自报|评价组(?:评定|判断)|评定|评价得分", r"得分|评分|总分|打分|打了"),
        ("computed", r"公式|计算得分|系统计算|测算得分", r""),
        (OTHER, r"满分|分值|权重|扣分|扣|可评|目标值|指标值|未能按公式评分", r""),
    ),
    ANSWERS: (("answers", r"问卷|调查表|有效答卷|样本", r"调查"), (OTHER, r"文件|合同|材料|档案", r"")),
    PER_PERSON: (),
}

# A part of the excluded, unconfirmed or uncovered: 因死亡不符合的5人.
FOR_REASON = re.compile(r"(?:因|由于)(?P<reason>[^，,；;。]{1,16}?)(?:而|被|尚|仍)?(?:不符合|不予|剔除|排除|未)")
PLAN = re.compile(r"目标(?!任?务?的?(?:完成|实现|达成|执行))|计划|任务(?!完成)")
FOR_THEM = re.compile(r"[为给替]|帮助")
GOAL = re.compile(
    r"目标(?!任?务?的?(?:完成|实现|达成|执行))|目的|确保|保证|保障|要求|力争|应达|须达|不低于|要达到|任务(?!完成)|指标值|《[^》]*$"
)
PER_PERSON_BEFORE = re.compile(r"每[^，。]{0,4}人|人均|平均|标准|档次|每档|人[×xX*乘以]+\s*$")
PER_PERSON_AFTER = re.compile(r"\s*[/每]\s*人|\s*/\s*年")
TOWNSHIPS = re.compile(r"乡\s*[(（]?镇|各乡|乡级|镇级|街道")
BUREAU = re.compile(r"居保局|居保中心|养老保险局|局本级|本级|我局|本局|我单位|局账")
WHOLE = re.compile(r"合计|共计|总计|总额|总共|全区|全县|共|总")
LEVELS = (
    ("municipal", re.compile(r"市级|市财政|市本级|市承担|市里")),
    ("district", re.compile(r"区级|县级|区\(?县\)?级|区财政|县财政|区本级|区承担|区里|县里")),
    ("provincial", re.compile(r"省级|省财政")),
    ("central", re.compile(r"中央")),
)
OPERATOR_BEFORE = re.compile(r"[÷/×+]\s*$")
SPENT = re.compile(r"支出|使用")
AT_LEAST = re.compile(r"\s*(?:及)?以上|\s*\+")
AT_LEAST_BEFORE = re.compile(r"(?:不低于|不少于|超过|高于|达到?|≥)\s*$")
CONFIDENCE = re.compile(r"\s*(?:的)?\s*(?:置信|区间|可信)")

_COMPILED = {
    kind: [
        (measure, is_strong, re.compile(words))
        for measure, strong, weak in measures
        for is_strong, words in ((True, strong), (False, weak))
        if words
    ]
    for kind, measures in _WORDS.items()
}


def find_cues(kind: str, text: str, reasons: Collection[str] = ()) -> list[Cue]:
    """The cues for a kind of figure in a text, by their end; of words that overlap the longest stays.

    The words of reasons settle that the persons of that reason are counted; their measure is the word itself.
    """
    found = [
        Cue(measure, is_strong, match.start(), match.end())
        for measure, is_strong, pattern in _COMPILED[kind]
        for match in pattern.finditer(text)
    ]
    if kind == PERSONS:
        found += [
            Cue(reason, True, match.start(), match.end())
            for reason in reasons
            for match in re.finditer(re.escape(reason), text)
        ]
    kept = [cue for cue in found if not any(_hides(other, cue) for other in found)]
    return sorted(kept, key=lambda cue: (cue.end, cue.start))


def _hides(longer: Cue, shorter: Cue) -> bool:
    overlap = longer.start < shorter.end and shorter.start < longer.end
    return overlap and longer.end - longer.start > shorter.end - shorter.start
