"""The district whose published tables, before and after one more bank file, are the measure of disturbed refreshes."""

from dataclasses import dataclass

from pipeline.settings import Settings
from tests.operations.commands import Place, start_refresh
from tests.operations.published import Tables, tables_of


@dataclass(frozen=True)
class District:
    """An installation that has published its first files; the next bank file lies there, not yet read.

    `before` are its published tables, `after` those of an undisturbed refresh with the next bank file.
    """

    place: Place
    before: Tables
    after: Tables

    @property
    def settings(self) -> Settings:
        """The installation's folders."""
        return Settings(raw=self.place.raw, warehouse=self.place.warehouse, key_file=self.place.folder / "key")

    @property
    def key(self) -> dict[str, str]:
        """The installation's key as a variable of the environment."""
        return {"DAIJIAO_KEY": self.settings.key_file.read_text(encoding="ascii").strip()}

    def is_whole(self) -> bool:
        """Whether the published file is one of the two versions, with every row and column."""
        return tables_of(self.place.published) in (self.before, self.after)

    def refresh_gives_the_tables_of_an_undisturbed_one(self) -> bool:
        """Refresh once more, undisturbed, and compare."""
        command = start_refresh(self.place)
        assert command.status() == 0, command.stderr
        return tables_of(self.place.published) == self.after
