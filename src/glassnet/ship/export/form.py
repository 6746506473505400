"""What every form of export is: how it is written, and how it is run to prove that it answers as the model does."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from glassnet.ship.export.program import Array, ModelProgram
from glassnet.ship.export.rows import RawRows
from glassnet.ship.export.sources import shown

BEGIN, END = "Certificate", "End of the certificate"


class Unavailable(Exception):
    """The message says which program or package is missing, so that an export cannot be run here."""


@dataclass(frozen=True, eq=False)
class Ran:
    """What an export answered.

    Attributes:
        numbers: (N, K), as :attr:`~glassnet.ship.export.program.ModelProgram.names` calls them, in float64; NaN in rows
            that it refused.
        labels: for each target of classes, N labels as text.
        tools: the programs that ran it, with their versions.
        precision: ``"float64"`` or ``"float32"``, in which it computes.
        single: the numbers as functions in float32 compute them, if it has such functions, too.
    """

    numbers: Array
    labels: tuple[Sequence[str], ...]
    tools: str
    precision: str = "float64"
    single: Array | None = None


class Form(ABC):
    """A form of export. The class attributes say its name for ``to``, and the endings of files that choose it."""

    name: ClassVar[str]
    title: ClassVar[str]
    endings: ClassVar[tuple[str, ...]] = ()

    def program(self, program: ModelProgram) -> ModelProgram:
        """The program that this form expresses: ``program`` itself, unless its weights are rounded."""
        return program

    def faults(self, program: ModelProgram) -> list[str]:
        """What this form cannot express of a model, as sentences; empty if it can."""
        return []

    def most_rows(self, program: ModelProgram) -> int:
        """The most rows of a table, and as many adversarial ones, that the proof tries: a row may take long."""
        return sys.maxsize

    @abstractmethod
    def content(self, program: ModelProgram, certificate: Sequence[str]) -> bytes:
        """The file, with the lines of its certificate."""

    @abstractmethod
    def body(self, content: bytes) -> Any:
        """What two files of the same model have in common: all but the certificate."""

    @abstractmethod
    def run(self, path: Path, program: ModelProgram, rows: RawRows) -> Ran:
        """The answers of the file ``path`` for some rows.

        Raises:
            Unavailable: what is needed to run it is not on this machine.
            ExportFailed: it does not run.
        """


class ExportFailed(Exception):
    """The export did not run; the message has what the program said."""


class TextForm(Form):
    """A form that is a text in UTF-8, whose certificate is a comment near its top."""

    comment: ClassVar[str]  # with which each line of a comment starts

    @abstractmethod
    def text(self, program: ModelProgram, head: str) -> str:
        """The file, with the comment ``head``."""

    @abstractmethod
    def usage(self, program: ModelProgram) -> list[str]:
        """How the export is used, in lines for its head."""

    def content(self, program: ModelProgram, certificate: Sequence[str]) -> bytes:
        lines = [
            *self.usage(program),
            "",
            f"Form: {self.name}",
            "",
            BEGIN,
            *(f"  {shown(line)}" for line in certificate),
            END,
        ]
        head = "\n".join(f"{self.comment} {line}".rstrip() for line in lines)
        return self.text(program, head).encode()

    def body(self, content: bytes) -> str:
        text = content.decode("utf-8", "replace").replace("\r\n", "\n")
        mark = re.escape(self.comment)
        return re.sub(
            rf"^{mark} {BEGIN}$.*?^{mark} {END}$", "", text, count=1, flags=re.MULTILINE | re.DOTALL
        )
