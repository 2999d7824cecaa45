"""The commands ``daijiao policy new`` and ``daijiao policy check``: what they take, ask and print."""

import re
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.language import SAY, Say
from pipeline.commands.options import PolicyFolder, Version
from pipeline.commands.usage import Group, command
from pipeline.errors import UsageError
from pipeline.paper import printable
from pipeline.settings import Settings

policy_app = typer.Typer(
    cls=Group,
    help=SAY(
        "新建、检查另一个县或另一个年度的政策文件夹。",
        "Make and check a folder of policies for another county or year.",
    ),
)

Folder = Annotated[
    Path | None,
    typer.Argument(
        metavar="DIR",
        help=SAY("政策文件夹(默认用 --policy 的)。", "The folder of policies (default: that of --policy)."),
    ),
]


@command(
    policy_app,
    "new",
    "写政策文件夹,每一项都有说明;没有写的由程序询问。",
    "Write a folder of policies with every key explained.",
)
def policy_new(
    folder: Folder = None,
    year: Annotated[int | None, typer.Option("--year", help=SAY("年度。", "Policy year."))] = None,
    city: Annotated[str | None, typer.Option(help=SAY("所属州(市)。", "The prefecture or city."))] = None,
    district_code: Annotated[
        str | None, typer.Option(help=SAY("县(区、市)代码,6 位。", "Code of the county, six digits."))
    ] = None,
    district: Annotated[str | None, typer.Option(help=SAY("县(区、市)名称。", "Name of the county."))] = None,
    bureau: Annotated[str | None, typer.Option(help=SAY("经办单位全称。", "Full name of the bureau."))] = None,
    premium: Annotated[
        str | None, typer.Option(help=SAY("每人每年代缴标准(元)。", "Premium a person and year, in yuan."))
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option(help=SAY("各级分担比例:市级=0.8,区级=0.2。", "Funding levels and shares: 市级=0.8,区级=0.2.")),
    ] = None,
    township: Annotated[
        list[str] | None,
        typer.Option(
            help=SAY(
                "乡镇,如 530129001=仁德街道;每个乡镇写一次。", "A township, 530129001=仁德街道; once for each of them."
            )
        ),
    ] = None,
    policy: PolicyFolder = None,
    version: Version = False,
) -> None:
    """Write a folder of policies with every key explained; what isn't given is asked."""
    from pipeline.policy.new import CountyFacts, levels_of, townships_of, write_policy_folder

    folder = _folder(folder, policy)
    say = Say(Settings().language)
    facts = CountyFacts(
        policy_year=year if year is not None else int(_asked("--year", say("年度", "Policy year"), r"20\d\d")),
        city_name=city or _asked("--city", say("所属州(市)", "Prefecture or city")),
        district_code=district_code
        or _asked("--district-code", say("县(区、市)代码,6 位", "Code of the county, six digits"), r"\d{6}"),
        district_name=district or _asked("--district", say("县(区、市)名称", "Name of the county")),
        bureau_name=bureau or _asked("--bureau", say("经办单位全称", "Full name of the bureau")),
        premium_yuan=_premium(premium or _asked("--premium", say("每人每年代缴标准(元)", "Premium in yuan"))),
        levels=levels_of(
            levels or _asked("--levels", say("分担比例,如 市级=0.8,区级=0.2", "Shares, such as 市级=0.8,区级=0.2"))
        ),
        townships=townships_of(township or _asked_townships(say)),
    )
    written = write_policy_folder(folder, facts)
    print(say(f"已写好政策文件夹 {folder}:", f"Written to {folder}:"))
    for path in written:
        print(f"  {path.relative_to(folder)}")
    print(say(f"改好后请运行:daijiao policy check {folder}", f"Then: daijiao policy check {folder}"))


@command(
    policy_app,
    "check",
    "一次列出政策文件夹的所有问题;有问题的以 1 结束。",
    "Name all faults of a folder of policies at once.",
)
def policy_check(folder: Folder = None, policy: PolicyFolder = None, version: Version = False) -> None:
    """Name all faults of a folder of policies at once, each with file, line and key; ends with 1 when there is one."""
    from pipeline.commands.policy_check import check_policy_folder

    folder = _folder(folder, policy)
    say = Say(Settings().language)
    faults = check_policy_folder(folder, say)
    for fault in faults:
        line = "" if fault.line is None else say(f" 第 {fault.line} 行", f", line {fault.line}")
        key = f" {fault.key}" if fault.key else ""
        print(printable(f"{fault.file_name}{line}{key}:{fault.text}"))
    if faults:
        print(say(f"共 {len(faults)} 处要改", f"{len(faults)} faults"))
        raise typer.Exit(1)
    print(say(f"{folder} 可以使用", f"{folder} can be used"))


def _folder(named: Path | None, policy: Path | None) -> Path:
    folder = named or policy or Settings().policy
    if folder is None:
        raise UsageError(
            "No folder of policies was named. Give it as DIR, or with --policy, and run again.",
            "没有写政策文件夹。请写在命令后面,或用 --policy 指定,再重新运行。",
        )
    return folder


def _asked(option: str, question: str, pattern: str | None = None) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            f"{option} is missing, and there is no terminal to ask on. Give it and run again.",
            f"缺少 {option},这里又没有终端可以询问。请写上后重新运行。",
        )
    while True:
        answer = str(typer.prompt(question)).strip()
        if answer and (pattern is None or re.fullmatch(pattern, answer)):
            return answer


def _asked_townships(say: Say) -> list[str]:
    """The townships as they are typed, until an empty line; none where there is no terminal: they can be added to the table."""
    townships: list[str] = []
    while sys.stdin.isatty():
        question = say("乡镇代码和名称,如 530129001=仁德街道,空行结束", "Code and name of a township, or an empty line")
        answer = str(typer.prompt(question, default="", show_default=False)).strip()
        if not answer:
            break
        townships.append(answer)
    return townships


def _premium(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UsageError(
            "--premium takes an amount in yuan such as 100.00. Correct it and run again.",
            "--premium 应写金额(元),例如 100.00。请改正后重新运行。",
        ) from None
