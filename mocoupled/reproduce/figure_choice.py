"""Which figures of a paper were asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import InputError


def figures_asked(figures: Iterable[int], known: Mapping[int, str], why: str) -> tuple[int, ...]:
    """The figures asked for, each once, all for none; InputError, with the known ones and why, for another number."""
    wanted = tuple(dict.fromkeys(figures)) or tuple(known)
    for figure in wanted:
        if figure not in known:
            raise InputError(
                f"figure {figure}",
                why,
                f"known: {'; '.join(f'{number} {text}' for number, text in known.items())}",
            )
    return wanted
