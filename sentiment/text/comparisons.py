"""Marks for comparisons that change what a negation does ("never slept better") or turn round by themselves.

Who denies that anything is better says that it is best, so what follows keeps its sign; and what was better in the past
is worse now. The marks say so to models that turn round what follows a negation (`layers.Negation`).
"""

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence

from sentiment.text.offsets import Token
from sentiment.text.word_lists import negations, shipped_lines

KEPT = "<kept>"  # after a negation that turns nothing round
TURNED = "<turned>"  # before a comparative that speaks of the past, or of something better than this
MARKS = (KEPT, TURNED)
CLAUSE_ENDS = frozenset((",", ";", ":", ".", "!", "?", "..", "...", "but", "though", "although", "however", "because"))

_REACH = 8  # tokens between a negation and its comparative


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


_COULD_NOT = _words("couldn't couldnt")
_DENIALS = _words("never nothing nobody nowhere") | _COULD_NOT | {"no one"}
_HABITS = _words("gets get becomes works runs goes does is feels sounds looks")  # "it never gets better"
_CAN_NOT = _words("can't cant cannot")
_DOES_NOT = _words("doesn't doesnt")
_NEGATIONS = _DENIALS | _CAN_NOT | {"not", "no"}
_MAY_KEEP = _NEGATIONS | _DOES_NOT
_FOR_THE_BEST = _words("get be imagine think ask find wish hope name picture remember recall")  # a better one
_ALWAYS_MORE = _words("praise recommend thank commend congratulate appreciate stress rave say")  # it enough
_OF_THIS = _words("this these")
_OF_NEW = _words("new newer newest latest current updated")
_DEGREES = _words("so this")
_STATES = _words("been felt looked seemed sounded tasted smelled was were am feel look")
_OWNERS = _words("the my your our their his her its")
_OLD = _words("old older previous earlier original former")
_PAST_ENDINGS = tuple(
    tuple(ending.split())
    for ending in (
        "before",
        "in the past",
        "in the old days",
        "in the beginning",
        "last year",
        "years ago",
        "back then",
        "originally",
        "previously",
    )
)


@functools.cache
def comparatives() -> frozenset[str]:
    """Returns the words by which two things are compared ("better", "more")."""
    return frozenset(shipped_lines("comparatives.txt"))


@functools.cache
def cues() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Returns pairs of sets of words; a text that lacks, of each pair, the words of one set gets no mark."""
    endings = frozenset(ending[0] for ending in _PAST_ENDINGS)
    than = _NEGATIONS | _OLD | endings | _OF_THIS
    return (comparatives(), than), (_DEGREES | {"such"}, _DENIALS), (frozenset(("enough",)), _ALWAYS_MORE)


def marked(words: list[str]) -> list[str]:
    """Returns the words with the marks among them."""
    places = _marks(words)
    if not places:
        return words
    pairs = ((places[number], word) if number in places else (word,) for number, word in enumerate(words))
    return list(itertools.chain.from_iterable(pairs))


def marked_tokens(tokens: list[Token]) -> list[Token]:
    """Returns the tokens with the marks among them, as `marked` does; a mark stands for the word after it."""
    places = _marks([token.text for token in tokens])
    if not places:
        return tokens
    pairs = (
        (token._replace(text=places[number]), token) if number in places else (token,)
        for number, token in enumerate(tokens)
    )
    return list(itertools.chain.from_iterable(pairs))


def _marks(words: Sequence[str]) -> Mapping[int, str]:
    """Returns number of a word -> the mark that goes before it."""
    if all(any(cue.isdisjoint(words) for cue in pair) for pair in cues()):
        return {}
    places: dict[int, str] = {}
    start, known = 0, comparatives()
    for end in (*(number for number, word in enumerate(words) if word in CLAUSE_ENDS), len(words)):
        clause = words[start:end]
        compared = [number for number, word in enumerate(clause) if word in known]
        places |= dict.fromkeys((start + number for number in _worse_now(clause, compared)), TURNED)
        places |= dict.fromkeys((start + number for number in _denied(clause, compared)), KEPT)
        start = end + 1
    return places


def _denied(clause: Sequence[str], compared: Sequence[int]) -> Iterable[int]:
    """Yields the words after negations that deny anything better, or that more can be said."""
    for number, word in enumerate(clause[:-1], start=1):
        if word not in _MAY_KEEP:
            continue
        following, within = clause[number], clause[number : number + _REACH]
        auxiliary = clause[number - 2] if word == "not" and number > 1 else ""
        could_not = word in _COULD_NOT or auxiliary == "could"
        can_not = word in _CAN_NOT or auxiliary == "can"
        near = any(number <= other < number + _REACH for other in compared)
        if word in _DENIALS or could_not:
            best = (near or _to_a_degree(within)) and not (word == "never" and following in _HABITS)
        elif can_not:
            best = near and following in _FOR_THE_BEST
        elif word in _DOES_NOT:
            best = near and following == "get" and _than(clause, _OF_THIS)
        else:
            best = word == "no" and number in compared and following != "more" and "than" not in within[1:3]
        if best or ((can_not or could_not) and following in _ALWAYS_MORE and "enough" in within):
            yield number


def _to_a_degree(following: Sequence[str]) -> bool:
    """Whether it is said how much ("been so happy", "looked this good", "had such a day")."""
    return "such" in following or any(
        state in _STATES and degree in _DEGREES for state, degree in itertools.pairwise(following)
    )


def _than(clause: Sequence[str], others: frozenset[str]) -> bool:
    """Whether something is compared with one of `others` ("than this", "than my new"), but not with a time."""
    if "than" not in clause:
        return False
    after = clause[clause.index("than") + 1 :]
    named = after[1:] if after and after[0] in _OWNERS else after
    return bool(named) and named[0] in others and "time" not in named[1:2]


def _worse_now(clause: Sequence[str], compared: Sequence[int]) -> Iterable[int]:
    """Yields the comparative that says how things were before, or what is better than this, if there is one."""
    if not compared:
        return
    last = compared[-1]
    before, rest = clause[:last], tuple(clause[last + 1 :])
    old = any(owner in _OWNERS and each in _OLD for owner, each in itertools.pairwise(before))
    if "than" in clause:
        denied = not negations().isdisjoint(before)
        if (old and _than(clause, _OF_NEW)) or (not denied and _OF_THIS.isdisjoint(before) and _than(rest, _OF_THIS)):
            yield last
    elif old or any(rest[-len(ending) :] == ending for ending in _PAST_ENDINGS):
        yield last
