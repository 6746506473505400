"""Names for C: of fields and functions, from names that can hold anything; and texts as literals."""

from __future__ import annotations

import re
from collections.abc import Iterable

from glassnet.ship.export.program import ModelProgram

# of C and of C++, and macros of common headers and compilers
WORDS = """
    alignas alignof and and_eq asm assert atomic auto bitand bitor bool break case catch char class compl complex
    const constexpr const_cast continue co_await co_return co_yield decltype default delete do double dynamic_cast else
    enum errno EOF explicit export extern false float for friend goto I if i386 imaginary import INFINITY inline int
    linux long module mutable namespace NAN new noexcept noreturn not not_eq NULL nullptr operator or or_eq private
    protected public register reinterpret_cast requires restrict return short signed sizeof static static_assert
    static_cast stderr stdin stdout struct switch template this thread_local throw true try typedef typeid typename
    typeof typeof_unqual union unix unsigned using virtual void volatile wchar_t while xor xor_eq
"""
TAKEN = frozenset(WORDS.split())


def names_for(texts: Iterable[str], fallback: str) -> list[str]:
    """A different identifier for each text, as like it as C allows."""
    found: list[str] = []
    used: set[str] = set()
    for number, text in enumerate(texts, 1):
        name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")[:60]
        if not name or not name[0].isalpha():
            name = f"{fallback}_{name or number}"
        if name in TAKEN:
            name += "_"
        own, count = name, 1
        while own in used:
            count += 1
            own = f"{name}_{count}"
        used.add(own)
        found.append(own)
    return found


def literal(text: str) -> str:
    """A text in UTF-8 as a literal of C; nothing in it is a trigraph or an escape that could go on."""
    shown = []
    for byte in text.encode("utf-8", "surrogatepass"):
        character = chr(byte)
        plain = 32 <= byte < 127 and character not in '"\\?'
        shown.append(character if plain else f"\\{byte:03o}")
    return '"' + "".join(shown) + '"'


def prefix(program: ModelProgram) -> str:
    """With what all names in the header start: the first target."""
    return names_for([program.answers[0].target], "model")[0].lower()


def answer_names(program: ModelProgram) -> list[str]:
    """The fields of an answer, one for each target."""
    return names_for([answer.target for answer in program.answers], "target")
