"""What the terminal says of a backup: what it holds, what it couldn't take, and how the landed files differ from it."""

from pathlib import Path

from pipeline.commands.archive import Manifest
from pipeline.commands.backup import RAW, Comparison

_MOST_NAMES = 20


def written(file: Path, manifest: Manifest, *, has_key: bool) -> str:
    """That a backup was written, and what must be kept how."""
    holds = (
        "It holds full IDs and the key"
        if has_key
        else "It holds full IDs, and not the key: keep that elsewhere, and it"
    )
    return (
        f"Backup: {file}, {_count(manifest)}. {holds}: keep it on an encrypted medium.\n{left_out(manifest)}".rstrip()
    )


def compared(file: Path, comparison: Comparison) -> str:
    """That a backup is whole, and how the landed files differ from it by now."""
    key = "with the key" if comparison.has_key else "without the key"
    lines = [
        f"{file} is whole, {key}: {_count(comparison.manifest)} were restored into a scratch folder and are byte for byte"
    ]
    lines[0] += " what the manifest says."
    differing = {"changed": comparison.changed, "new": comparison.new, "gone": comparison.gone}
    lines += [f"Landed files {word} since then: {_names(names)}." for word, names in differing.items() if names]
    if not any(differing.values()):
        lines.append("The landed files are the same now.")
    return "\n".join([*lines, left_out(comparison.manifest)]).rstrip()


def left_out(manifest: Manifest) -> str:
    """What a backup couldn't take, a line each."""
    return "".join(f"Left out: {path}: {reason}.\n" for path, reason in sorted(manifest.left_out.items()))


def _count(manifest: Manifest) -> str:
    landed = sum(path.startswith(f"{RAW}/") for path in manifest.files)
    return f"{landed:,} landed file{'s' if landed != 1 else ''}"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
