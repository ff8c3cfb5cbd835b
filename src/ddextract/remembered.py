"""Results of slow functions that depend on nothing but their arguments, remembered from one run to the next where somebody keeps them."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
SCHEMA = "ddextract.remembered/1"


class Memory:
    """What is remembered: JSON by the digest of function and arguments; what is not asked for any more is forgotten.

    Args:
        rules: Digest of the software; what another one worked out is not used.
        data: As :meth:`data` gave it the last time, if there was one; a damaged one counts for nothing.
    """

    def __init__(self, rules: str, data: bytes | None = None) -> None:
        self.rules = rules
        self.known: Mapping[str, Any] = {}
        self.used: dict[str, Any] = {}
        self.made = 0
        head, _, body = (data or b"").partition(b"\n")
        if body and hashlib.sha256(body).hexdigest().encode() == head:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                record = json.loads(body)
                if record["schema"] == SCHEMA and record["rules"] == rules:
                    self.known = dict(record["results"])

    def data(self) -> bytes:
        """Return what was used, with a checksum in the first line."""
        body = json.dumps({"schema": SCHEMA, "rules": self.rules, "results": self.used}, ensure_ascii=False).encode()
        return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


_MEMORY: ContextVar[Memory | None] = ContextVar("memory", default=None)


@contextlib.contextmanager
def remembering(memory: Memory) -> Iterator[None]:
    """Let the functions below remember."""
    token = _MEMORY.set(memory)
    try:
        yield
    finally:
        _MEMORY.reset(token)


def remembers(plain: Callable[[Any], Any], whole: Callable[[Any], Any]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a function remember its results, as long as somebody lets it (:func:`remembering`).

    Args:
        plain: Turns a result into what JSON holds.
        whole: Turns that back into the same result.
    """

    def decorated(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def asked(*arguments: P.args, **named: P.kwargs) -> T:
            memory = _MEMORY.get()
            if memory is None:
                return function(*arguments, **named)
            digest = hashlib.sha256(f"{function.__module__}.{function.__qualname__}".encode())
            for part in (*arguments, *(x for pair in sorted(named.items()) for x in pair)):
                _take(digest, part)
            key = digest.hexdigest()
            if key not in memory.used:
                if key in memory.known:
                    memory.used[key] = memory.known[key]
                else:
                    memory.made += 1
                    result = function(*arguments, **named)
                    memory.used[key] = plain(result)
                    return result
            found: T = whole(memory.used[key])
            return found

        return asked

    return decorated


def digest_of_value(value: Any) -> str:
    """Return the sha256 of a value: of a table, an array, a record, or what is made of them."""
    digest = hashlib.sha256()
    _take(digest, value)
    return digest.hexdigest()


def _take(digest: Any, value: Any) -> None:
    """Take an argument into a digest: tables, arrays, records, and what is made of them."""
    if isinstance(value, str | int | float | bool | None):
        data = f"{type(value).__name__} {value!r}".encode()
    elif hasattr(value, "to_csv"):
        # Row numbers say where a row stood in a larger table.
        data = value.to_csv(index=str(value.index.dtype) != "int64").encode() + repr([str(t) for t in value.dtypes]).encode()
    elif hasattr(value, "tobytes"):
        data = f"{value.dtype} {value.shape}".encode() + value.tobytes()
    elif dataclasses.is_dataclass(value):
        data = type(value).__name__.encode()
        for field in dataclasses.fields(value):
            _take(digest, getattr(value, field.name))
    elif isinstance(value, Mapping):
        data = f"mapping {len(value)}".encode()
        for pair in value.items():
            _take(digest, pair)
    elif isinstance(value, tuple | list):
        data = f"row {len(value)}".encode()
        if all(type(part) in (str, int, float, bool) for part in value):
            data += repr(value).encode()
        else:
            for part in value:
                _take(digest, part)
    else:
        raise TypeError(f"{type(value).__name__} cannot be remembered by")
    digest.update(len(data).to_bytes(8, "big") + data)
