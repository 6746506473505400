"""How well a text fits the alphabets of languages, by which encodings of a byte a character are told apart."""

from __future__ import annotations

import re

# The letters beside a to z, those of Unicode's CLDR (exemplar characters) and of frequent foreign names.
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "äöüßé",  # German
        "àâæçéèêëîïôœùûüÿ",  # French
        "áéíóúñü",  # Spanish
        "áâãàçéêíóôõúü",  # Portuguese
        "àèéìíòóù",  # Italian
        "àçèéíïòóúü",  # Catalan
        "åäöéü",  # Swedish, Finnish
        "æøåéöä",  # Danish, Norwegian
        "áéëïóöúüè",  # Dutch
        "áðéíóúýþæö",  # Icelandic
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "čćđšž",  # Croatian, Slovenian, Serbian
        "ăâîșțşţ",  # Romanian
        "çğıöşüâîû̇",  # Turkish; "i̇" is İ in lower case
        "äöõüšž",  # Estonian
        "āčēģīķļņšūž",  # Latvian
        "ąčęėįšųūž",  # Lithuanian
    )
)
_WITHIN = re.compile(r"(?<=[^\W\d_])[^\w\s\x00-\x7f’‘´·–—](?=[^\W\d_])|(?<=[a-z])\xa0(?=[a-z])")
_RAISED = re.compile(r"(?<=[a-zß-öø-ÿ])[^\W\d_A-Za-z](?<=[^a-zß-öø-ÿ])")


def fit(words: str) -> float:
    """Which share of the characters beyond ASCII is right: letters of one language, in lower case amid words.

    Args:
        words: words with such characters, or with punctuation beyond ASCII at their ends, which tells nothing.
    """
    wrong = len(_WITHIN.findall(words)) + sum(mark[0].isupper() for mark in _RAISED.findall(words))
    letters = [letter for letter in words.lower() if letter.isalpha() and not letter.isascii()]
    if not letters:
        return 0.0 if wrong else 1.0
    right = max(sum(letter in alphabet for letter in letters) for alphabet in _ALPHABETS)
    return max(right - wrong, 0) / (len(letters) + wrong)
