"""What the terminal says of a backup: what it holds, what it couldn't take, and how the landed files differ from it."""

from pathlib import Path

from pipeline.commands.archive import Manifest
from pipeline.commands.backup import NO_FILE, NOT_READABLE, RAW
from pipeline.commands.language import SAY
from pipeline.commands.restore import Comparison

_MOST_NAMES = 20
# Why something is left out, as the manifest says it.
_REASONS = {NOT_READABLE: "当前用户无权读取", NO_FILE: "既不是文件也不是文件夹"}


def written(file: Path, manifest: Manifest, *, has_key: bool) -> str:
    """That a backup was written, and what must be kept how."""
    if has_key:
        holds = SAY("其中有完整证件号和密钥,", "It holds full IDs and the key")
    else:
        holds = SAY(
            "其中有完整证件号,没有密钥;密钥请另行保存,备份",
            "It holds full IDs, and not the key: keep that elsewhere, and it",
        )
    told = SAY(
        f"备份:{file},{_count(manifest)}。{holds}请保存在加密介质上。",
        f"Backup: {file}, {_count(manifest)}. {holds}: keep it on an encrypted medium.",
    )
    return f"{told}\n{left_out(manifest)}".rstrip()


def compared(file: Path, comparison: Comparison) -> str:
    """That a backup is whole, and how the landed files differ from it by now."""
    key = SAY("含密钥", "with the key") if comparison.has_key else SAY("不含密钥", "without the key")
    count = _count(comparison.manifest)
    lines = [
        SAY(
            f"{file} 完整({key}):{count}已恢复到临时文件夹,与清单逐字节相同。",
            f"{file} is whole, {key}: {count} were restored into a scratch folder and are byte for byte what the manifest says.",
        )
    ]
    differing = (
        (SAY("改动的", "changed"), comparison.changed),
        (SAY("新增的", "new"), comparison.new),
        (SAY("移走的", "gone"), comparison.gone),
    )
    lines += [
        SAY(f"备份以后{word}报送文件:{_names(names)}。", f"Landed files {word} since then: {_names(names)}.")
        for word, names in differing
        if names
    ]
    if not any(names for _, names in differing):
        lines.append(SAY("报送文件与备份时相同。", "The landed files are the same now."))
    return "\n".join([*lines, left_out(comparison.manifest)]).rstrip()


def left_out(manifest: Manifest) -> str:
    """What a backup couldn't take, a line each."""
    return "".join(
        SAY(f"没有备份:{path}({_REASONS.get(reason, reason)})。", f"Left out: {path}: {reason}.") + "\n"
        for path, reason in sorted(manifest.left_out.items())
    )


def _count(manifest: Manifest) -> str:
    landed = sum(path.startswith(f"{RAW}/") for path in manifest.files)
    return SAY(f"{landed:,} 个报送文件", f"{landed:,} landed file{'s' if landed != 1 else ''}")


def _names(names: list[str]) -> str:
    left = len(names) - _MOST_NAMES
    more = SAY(f" 等,另有 {left:,} 个", f" and {left:,} more") if left > 0 else ""
    return ", ".join(names[:_MOST_NAMES]) + more
