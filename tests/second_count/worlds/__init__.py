"""Random small worlds: whole landing folders in which everything that the rules name happens."""

from hypothesis import strategies as st

from ..world import Policy, World, WorldFile, policy_of_2019
from .answers import KEY, Exported, answer_files
from .choices import Choices, DrawnChoices, SeededChoices
from .funds import allocation_files, benefit_files, fund_files, survey_files
from .landing import NOT_NEEDED_SOURCES, fitting, in_world, more_files, possible_days, untied
from .lines import bank_files, make_events, tax_files
from .people import AREAS, make_people
from .rolls import Setting, category_files, classification_files, register_files, snapshot_files

__all__ = ["KEY", "Exported", "SeededChoices", "answer_files", "make_landing", "make_world", "untied_worlds", "worlds"]


@st.composite
def worlds(draw: st.DrawFn, policy: Policy | None = None) -> World:
    """Worlds of 2 to 12 people, half of them written with dirt, some of them as of an earlier day."""
    choices = DrawnChoices(draw)
    return make_world(choices, policy or policy_of_2019(), choices.number(2, 12))


@st.composite
def untied_worlds(draw: st.DrawFn, policy: Policy | None = None) -> World:
    """Neat worlds in which no order of files or rows decides anything: no file comes again, no two lines tie."""
    choices = DrawnChoices(draw)
    policy = policy or policy_of_2019()
    return World(policy=policy, files=tuple(untied(make_files(choices, policy, choices.number(2, 12)))))


def make_world(choices: Choices, policy: Policy, people_count: int) -> World:
    """A world of so many people, by the choices given."""
    files = [fitting(file) for file in make_files(choices, policy, people_count)]
    return _landed(choices, policy, more_files(choices, files))


def make_landing(choices: Choices, policy: Policy, world_count: int) -> World:
    """Small worlds in one landing folder, each in sub-folders and among people of its own."""
    files: list[WorldFile] = []
    for number in range(world_count):
        areas = (f"5301{99 - number}", f"5301{99 - number}", f"5302{number + 1:02}")
        part = more_files(choices, make_files(choices, policy, choices.number(2, 12), areas))
        files += [in_world(file, number) for file in part]
    left_out = [source for source in NOT_NEEDED_SOURCES if choices.chance(25)]
    kept = [file for file in files if file.source not in left_out]
    if choices.chance(15):
        kept = _with_grants_of_one(kept)
    return _landed(choices, policy, kept, reply_percent=40)


def _with_grants_of_one(files: list[WorldFile]) -> list[WorldFile]:
    """Files in which one world alone has grants, so that more was transferred than granted."""
    grants = [file for file in files if file.source == "fund_documents"]
    first = grants[0].file_name.split("/")[:2]
    return [file for file in files if file.source != "fund_documents" or file.file_name.split("/")[:2] == first]


def _landed(choices: Choices, policy: Policy, files: list[WorldFile], reply_percent: int = 15) -> World:
    """The files as they come to lie there: neat or dirty, whole or as of an earlier day, with replies or without."""
    as_of = choices.pick(possible_days(files, policy)) if choices.chance(12) else None
    dirt_seed = choices.number(1, 1_000_000) if choices.chance(50) else None
    reply_seed = choices.number(1, 1_000_000) if choices.chance(reply_percent) else None
    return World(policy=policy, files=tuple(files), dirt_seed=dirt_seed, as_of=as_of, reply_seed=reply_seed)


def make_files(choices: Choices, policy: Policy, people_count: int, areas: tuple[str, ...] = AREAS) -> list[WorldFile]:
    """The files about so many people, each sent once."""
    names = list(policy.townships)
    start = choices.number(0, len(names) - 1)
    townships = tuple((names + names)[start : start + choices.number(1, 3)])
    people = make_people(choices, policy, people_count, townships, areas)
    setting = Setting(choices, policy, people, townships, has_one_account=people_count > 8 and choices.chance(20))
    refunds, collections = make_events(setting)
    return [
        *snapshot_files(setting),
        *classification_files(setting),
        *register_files(setting),
        *category_files(setting),
        *bank_files(setting, refunds),
        *tax_files(setting, collections),
        *fund_files(setting),
        *allocation_files(setting),
        *benefit_files(setting),
        *survey_files(setting),
    ]
