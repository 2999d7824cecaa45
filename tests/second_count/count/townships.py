"""Townships by the names that files give them."""

from ..world import UNKNOWN_TOWNSHIP, Policy

PREFIXES = ("", "东川区", "昆明市", "昆明市东川区", "昆明市/东川区")
STREET_FORMS = ("街道", "街道办事处", "办事处", "办", "")
TOWN_ENDINGS = ("", "人民政府", "政府")


def township_code(name: str, policy: Policy) -> str:
    """The code of a township by its name or an alias of it; 000000000 where no such township is known."""
    for official, code in policy.townships.items():
        if name in aliases(official):
            return code
    for former, official in policy.former_townships.items():
        if name in aliases(former):
            return policy.townships[official]
    return UNKNOWN_TOWNSHIP


def aliases(official: str) -> set[str]:
    """All names under which files may know a township."""
    if official.endswith("街道"):
        names = [official.removesuffix("街道") + form for form in STREET_FORMS]
    else:
        names = [official + ending for ending in TOWN_ENDINGS] + [official[:-1]]
    return {prefix + name for prefix in PREFIXES for name in names}


def township_name(code: str, policy: Policy) -> str:
    """The official name of a township; 未知 for the unknown one."""
    names = {code: name for name, code in policy.townships.items()}
    return names.get(code, "未知")
