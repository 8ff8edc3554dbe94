"""What there is to tell about rules, each thing with its place in the configuration."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Remark:
    """A mistake, or a note on what is meant. ``path``: the clause or action, as "rules[1].if[0].any[2]"."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(slots=True)
class Places:
    """All remarks of one compilation, mistakes and notes apart."""

    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)

    def problem(self, path: str, message: str) -> None:
        """Remember a mistake."""
        self.problems.append(Remark(path, message))

    def note(self, path: str, message: str) -> None:
        """Remember what an operator should know although nothing is wrong."""
        self.notes.append(Remark(path, message))
