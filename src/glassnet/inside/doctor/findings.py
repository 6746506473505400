"""The result of the doctor: a list of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from glassnet.inside.frames import to_frame
from glassnet.text import Block, Heading, Paragraph, Printable

SEVERITIES = ("serious", "warning", "note")


@dataclass(frozen=True, repr=False)
class Finding(Printable):
    """A problem.

    Attributes:
        severity: ``"serious"``, ``"warning"`` or ``"note"``.
        title: the problem in one sentence.
        evidence: the figures that show it.
        remedy: what to do about it.
        change: the settings that the remedy changes, each with its whole new value: ``train`` takes them in place of
            the model's own. Empty where no setting is a remedy.
        about: the names of the columns or layers concerned, or the numbers of the rows, from 0.
        name: the name of the check that found it.
    """

    severity: str
    title: str
    evidence: str
    remedy: str
    about: tuple[str, ...] = ()
    change: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    def blocks(self) -> list[Block]:
        """The title, the evidence and the remedy."""
        return [
            Heading(f"{self.severity}: {self.title}", 3),
            Paragraph(self.evidence, 2),
            Paragraph(f"→ {self.remedy}", 2),
        ]


@dataclass(frozen=True, repr=False)
class Suggestion(Printable):
    """What to try next.

    Attributes:
        reason: what the curves show.
        advice: what to do.
        change: the settings to change, as those of a :class:`Finding`; empty where none is likely to help.
    """

    reason: str
    advice: str
    change: Mapping[str, Any] = field(default_factory=dict)

    def blocks(self) -> list[Block]:
        """The reason and the advice."""
        return [Paragraph(f"To improve: {self.reason} {self.advice}")]


@dataclass(frozen=True, repr=False)
class Diagnosis(Printable, Sequence[Finding]):
    """All findings, the most serious first.

    ``checked`` has the names of the checks that were made; ``skipped`` has why each other check was not;
    ``suggestion`` is what to try next to get a better model.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    skipped: dict[str, str] = field(default_factory=dict)
    suggestion: Suggestion | None = None

    def __getitem__(self, index: int) -> Finding:  # type: ignore[override]  # no slices
        return self.findings[index]

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def healthy(self) -> bool:
        """Whether there is nothing worse than a note."""
        return all(finding.severity == "note" for finding in self.findings)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the checks that found something, one for each finding."""
        return tuple(finding.name for finding in self.findings)

    def to_frame(self) -> Any:
        """A DataFrame with a row for each finding."""
        columns = ("name", "severity", "title", "evidence", "remedy")
        return to_frame({name: [getattr(finding, name) for finding in self.findings] for name in columns})

    def to_dict(self) -> dict[str, Any]:
        """The findings, whether there is nothing worse than a note, and the checks."""
        return {"healthy": self.healthy, **super().to_dict()}

    def blocks(self) -> list[Block]:
        """Every finding with its evidence and remedy; which checks were made, and which were not and why."""
        blocks = [block for finding in self.findings for block in finding.blocks()]
        reasons: dict[str, list[str]] = {}
        for name, reason in self.skipped.items():
            reasons.setdefault(reason, []).append(name.replace("_", " "))
        return [
            *(blocks or [Paragraph("No problems found.")]),
            *(self.suggestion.blocks() if self.suggestion else ()),
            Paragraph(f"Checked: {', '.join(name.replace('_', ' ') for name in self.checked)}."),
            *(Paragraph(f"Not checked: {', '.join(names)} ({reason}).") for reason, names in reasons.items()),
        ]


def listed(names: Sequence[object], most: int = 5) -> str:
    """``a, b, c and 4 more``."""
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def rows_that(count: int, number: int, have: str, has: str) -> str:
    """``3 of 1,000 rows have``, ``1 of 1,000 rows has``."""
    return f"{count:,} of {number:,} rows {has if count == 1 else have}"
