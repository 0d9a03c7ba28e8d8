"""Dutch words for one and for more: who types “speeltoestellen” also means a speeltoestel, alone or inside a longer word.

PostgreSQL's Dutch dictionary knows most forms of whole words, but not that double letters go (“toestell”), and nothing of words inside
words. These are rules of spelling, not a dictionary: a form that is no word finds nothing and does no harm.
"""

import re
from collections.abc import Iterator

# A shorter form stands by chance in too many words.
SHORTEST_FORM = 4
# huizen – huis, brieven – brief.
SOFT_TO_HARD = {"z": "s", "v": "f"}
HARD_TO_SOFT = {hard: soft for soft, hard in SOFT_TO_HARD.items()}
OPEN_SYLLABLE = re.compile(r"(?:^|[^aeiou])[aeou][^aeiou]$")
LONG_SYLLABLE = re.compile(r"(?:^|[^aeiou])(?:aa|ee|oo|uu)[^aeiou]$")
TWO_VOWELS = re.compile(r"[aeiou]{2}[sf]$")
PLURAL_WITH_S = re.compile(r"(?:e[lrnm]|je|ie)s$")


def forms_of(word: str) -> list[str]:
    """The word itself, in small letters, then what it may be called for one or for more."""
    word = word.lower()
    forms = [form for form in (*_singulars(word), *_plurals(word)) if len(form) >= SHORTEST_FORM]
    return list(dict.fromkeys([word, *forms]))


def _singulars(word: str) -> Iterator[str]:
    if PLURAL_WITH_S.search(word):
        yield word[:-1]
    elif word.endswith("en"):
        yield from _without_en(word[:-2])


def _without_en(stem: str) -> Iterator[str]:
    """toestell – toestel, bom – boom, huiz – huis."""
    if len(stem) > 1 and stem[-1] == stem[-2]:
        yield stem[:-1]
        return
    last = SOFT_TO_HARD.get(stem[-1:], stem[-1:])
    yield stem[:-1] + last
    if OPEN_SYLLABLE.search(stem):
        yield stem[:-1] + stem[-2] + last


def _plurals(word: str) -> Iterator[str]:
    """Only those in which the word itself does not stand: bomen, straten, huizen."""
    last = HARD_TO_SOFT.get(word[-1:], word[-1:])
    if LONG_SYLLABLE.search(word):
        yield word[:-2] + last + "en"
    elif TWO_VOWELS.search(word):
        yield word[:-1] + last + "en"
