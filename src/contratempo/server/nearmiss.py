"""Near misses: for a path or method that nobody has, the operation that was probably meant, and what differs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

from contratempo.contract.document import Operation
from contratempo.server.spelling import misspelt

# What each difference counts: the less, the more easily it happens to somebody who means the operation.
_SLASH, _CASE, _SPELLING, _EMPTY, _LAST, _METHOD, _BASE, _SEGMENT = 0.3, 0.3, 0.6, 0.5, 0.9, 1.0, 1.0, 1.5
LIMIT: Final = 2.0
"""Any one difference, or two of the usual ones; with more, most paths would be near some operation or other."""
MAX_SEGMENTS: Final = 64
"""No document has paths as long; what has more is not looked at."""
_AT_THE_END, _TOO_MANY = "a slash at the end", "a slash too many"
_READS: Final = ("get", "head", "options", "trace")


@dataclass(frozen=True)
class NearMiss:
    """The operation that was probably meant: `method` in capitals, `path` its template with the base, what `differs`.

    Of what was sent `differs` repeats only the method and words that nearly are words of the template.
    """

    provider: str
    operation: str
    method: str
    path: str
    differs: str

    def describe(self) -> dict[str, str]:
        """Return it as JSON."""
        return asdict(self)


class _Guess(NamedTuple):
    """How a part of what was sent can be read: what that counts, what differs, and words of the template it has."""

    cost: float = 0.0
    differs: tuple[str, ...] = ()
    words: int = 0

    def plus(self, other: "_Guess") -> "_Guess":
        return _Guess(self.cost + other.cost, self.differs + other.differs, self.words + other.words)


class _Sent(NamedTuple):
    """A path that was sent: its segments, and what is to be said of its slashes, "" when there is one before each."""

    words: list[str]
    slashes: str


def near_miss(operations: Iterable[tuple[str, Operation]], method: str, path: str) -> NearMiss | None:
    """Return the operation (given with its provider's name) closest to a method and a percent-encoded path.

    Paths are compared segment by segment: the base path, slashes, a segment too many or missing, case and spelling.
    None when the differences of each count more than LIMIT together, or when it shares no word with the path. Takes
    some 10 µs for each operation, whatever was sent.
    """
    if path.count("/") > MAX_SEGMENTS:
        return None
    templates: dict[str, list[tuple[str, Operation]]] = {}
    for provider, operation in operations:
        templates.setdefault(operation.base + operation.path, []).append((provider, operation))
    sent = _read(path)
    near = [group for group in templates.values() if _comparable(group[0][1], sent)]
    found = [each for group in near for each in _guesses(group, method, sent)]
    # What fits and yet led nowhere is a template beside a path written out, which has other methods.
    missed = [each for each in found if each[0].differs]
    if not missed:
        return None
    guess, provider, operation = min(missed, key=lambda each: (each[0].cost, -each[0].words))
    template = operation.base + operation.path
    return NearMiss(provider, operation.id, operation.method.upper(), template, ", and ".join(guess.differs))


def _comparable(operation: Operation, sent: _Sent) -> bool:
    """Whether what was sent is about as long as a template and has a word like its own: this rules most out cheaply."""
    base, own = _words(operation.base), _words(operation.path)
    if not -1 <= len(sent.words) - len(own) <= 2 * len(base) + 1:
        return False
    literals = [segment for segment in own if "{" not in segment]
    return not literals or any(_word(found, wanted) is not None for found in sent.words for wanted in literals)


def _guesses(
    group: Sequence[tuple[str, Operation]], method: str, sent: _Sent
) -> Iterator[tuple[_Guess, str, Operation]]:
    """Each way to read what was sent as the path that these operations share, with the operation that it reads as."""
    provider, operation = _by_method(group, method)
    methods = [each.method.upper() for _, each in group]
    known = method in methods or (method == "HEAD" and "GET" in methods)
    wrong = f"the method is {method[:20]}; it has {_listed(sorted(methods))}"
    asked = _Guess() if known else _Guess(_METHOD, (wrong,))
    for guess in _readings(operation, sent):
        shares = guess.words > 0 or guess.cost <= _SLASH  # a template without words is near by its shape alone
        if shares and guess.cost + asked.cost <= LIMIT:
            yield guess.plus(asked), provider, operation


def _by_method(group: Sequence[tuple[str, Operation]], method: str) -> tuple[str, Operation]:
    """The operation of that method, else one that reads if the method does, or changes something if it does."""
    wanted = "get" if method == "HEAD" else method.lower()
    return min(group, key=lambda each: (each[1].method != wanted, (each[1].method in _READS) != (wanted in _READS)))


def _readings(operation: Operation, sent: _Sent) -> Iterator[_Guess]:
    base, own = _words(operation.base), _words(operation.path)
    slash = _slash(bool(base or own) and (operation.base + operation.path).endswith("/"), sent)
    empty = sent.slashes == _AT_THE_END and own and "{" in own[-1]
    for before, rest in _bases(sent.words, base):
        if empty and (inner := _pairs(rest, own[:-1])) is not None:
            yield before.plus(inner).plus(_Guess(_EMPTY, (f"{own[-1]} is empty",)))
        if abs(len(rest) - len(own)) <= 1:
            for inner in _alignments(rest, own, base):
                yield before.plus(inner).plus(slash)


def _slash(wanted: bool, sent: _Sent) -> _Guess:
    """What differs in slashes from a template that ends in one, or does not."""
    if wanted and sent.slashes != _TOO_MANY:
        return _Guess() if sent.slashes else _Guess(_SLASH, ("the slash at the end is missing",))
    return _Guess(_SLASH, (sent.slashes,)) if sent.slashes else _Guess()


def _bases(sent: Sequence[str], base: Sequence[str]) -> Iterator[tuple[_Guess, Sequence[str]]]:
    """The ways to find the base path at the start, or something in its place, and what remains of what was sent."""
    size, name = len(base), "/" + "/".join(base)
    if sent[:size] == base:
        yield _Guess(), sent[size:]
        if base and sent[size : 2 * size] == base:
            yield _Guess(_BASE, (f"the base path {name} is there twice",)), sent[2 * size :]
        return
    yield _Guess(_BASE, (f"the path lacks the base path {name}",)), sent
    if [word.lower() for word in sent[:size] if len(word) < 100] == [word.lower() for word in base]:
        yield _Guess(_CASE, (f"the base path is {name}: case counts",)), sent[size:]
    yield _Guess(_BASE, (f"the base path should be {name}",)), sent[size:]
    if sent[1 : size + 1] == base:
        yield _Guess(_BASE, (f"something stands before the base path {name}",)), sent[size + 1 :]


def _alignments(sent: Sequence[str], own: Sequence[str], base: Sequence[str]) -> Iterator[_Guess]:
    """The ways to lay segments on those of a template, with at most one too many or missing."""
    if len(sent) == len(own):
        if (guess := _pairs(sent, own)) is not None:
            yield guess
        return
    long = len(sent) > len(own)
    for place in reversed(range(max(len(sent), len(own)))):
        shorter = [word for index, word in enumerate(sent if long else own) if index != place]
        if (guess := _pairs(shorter, own) if long else _pairs(sent, shorter)) is not None:
            after = f"after /{'/'.join([*base, *own[:place]])}" if base or place else "at the start"
            what = "one segment too many" if long else f"the path lacks {_named(own[place])}"
            last = not long and place == len(own) - 1 and "{" in own[place]
            yield guess.plus(_Guess(_LAST if last else _SEGMENT, (f"{what} {after}",)))


def _pairs(sent: Sequence[str], own: Sequence[str]) -> _Guess | None:
    """Segments against as many of a template; None when one resembles its counterpart in nothing."""
    if len(sent) != len(own):
        return None
    guess = _Guess()
    for found, wanted in zip(sent, own, strict=True):
        if "{" in wanted:
            continue
        word = _word(found, wanted)
        if word is None:
            return None
        guess = guess.plus(word)
    return guess


def _word(found: str, wanted: str) -> _Guess | None:
    if found == wanted:
        return _Guess(words=1)
    if abs(len(found) - len(wanted)) > 2:  # which keeps long ones from being looked into
        return None
    if found.lower() == wanted.lower():
        return _Guess(_CASE, (f"{found!r} should be {wanted!r}: case counts",), 1)
    if misspelt(found.lower(), wanted.lower()):
        return _Guess(_SPELLING, (f"{found!r} should be {wanted!r}",), 1)
    return None


def _named(segment: str) -> str:
    return segment if "{" in segment else repr(segment)


def _read(path: str) -> _Sent:
    words = _words(path)
    plain = "/" + "/".join(words)
    return _Sent(words, "" if path == plain else _AT_THE_END if path == plain + "/" else _TOO_MANY)


def _words(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
