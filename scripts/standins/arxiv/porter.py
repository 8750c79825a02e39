"""Stem English words as Porter's own program does, from which Lucene's stemmer is made.

The steps are those of the paper, https://tartarus.org/martin/PorterStemmer/def.txt, with the
program's changes: words of two letters stay, any doubled consonant but l, s and z becomes one,
`bli` becomes `ble`, and `logi` becomes `log`.
"""

from functools import lru_cache


def _endings(text: str) -> dict[str, str]:
    """Return endings with what replaces them, the longest first."""
    pairs = (pair.partition(">") for pair in text.split())
    return {ending: replacement for ending, _, replacement in pairs}


_SECOND = _endings(
    "ational>ate ization>ize iveness>ive fulness>ful ousness>ous tional>tion biliti>ble entli>ent "
    "ousli>ous ation>ate alism>al aliti>al iviti>ive enci>ence anci>ance izer>ize alli>al ator>ate "
    "logi>log bli>ble eli>e"
)
_THIRD = _endings("icate>ic ative> alize>al iciti>ic ical>ic ness> ful>")
_FOURTH = _endings(
    "ement> ance> ence> able> ible> ment> ant> ent> ion> ism> ate> iti> ous> ive> ize> al> er> ic> "
    "ou>"
)


def _shape(word: str) -> str:
    """Return `c` for each consonant and `v` for each vowel."""
    shape = ""
    for letter in word:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(word: str) -> int:
    return _shape(word).count("vc")


def _is_short(word: str) -> bool:
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


@lru_cache(maxsize=2**18)
def stem(word: str) -> str:
    """Return the stem of a lower-case word."""
    if len(word) <= 2:  # noqa: PLR2004 - the rule's own number
        return word
    word = _without_inflection(word)
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = f"{word[:-1]}i"
    word = _replaced(_replaced(word, _SECOND, 0), _THIRD, 0)
    if not word.endswith("ion") or word.endswith(("sion", "tion")):
        word = _replaced(word, _FOURTH, 1)
    count = _measure(word)
    if word.endswith("e") and (count > 1 or (count == 1 and not _is_short(word[:-1]))):
        word = word[:-1]
    return word[:-1] if word.endswith("ll") and count > 1 else word


def _without_inflection(word: str) -> str:
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    rest = word.removesuffix("ing" if word.endswith("ing") else "ed")
    if rest == word or "v" not in _shape(rest):
        return word
    if rest.endswith(("at", "bl", "iz")):
        return f"{rest}e"
    if rest[-1:] == rest[-2:-1] and _shape(rest).endswith("c"):
        return rest if rest[-1] in "lsz" else rest[:-1]
    return f"{rest}e" if _measure(rest) == 1 and _is_short(rest) else rest


def _replaced(word: str, endings: dict[str, str], least: int) -> str:
    """Return a word with its longest ending replaced, if enough stands before that."""
    for ending, replacement in endings.items():
        if word.endswith(ending):
            rest = word.removesuffix(ending)
            return rest + replacement if _measure(rest) > least else word
    return word
