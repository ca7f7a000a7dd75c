"""The libraries of the extra "inference", which only samplers and functions of jax need."""

from __future__ import annotations

from typing import Any

from ..errors import InputError

CURE = "pip install 'mocoupled[inference]'"


def the_jax() -> Any:
    """jax. InputError where it is not installed."""
    try:
        import jax
    except ImportError:
        raise _missing("jax") from None
    return jax


def the_blackjax() -> Any:
    """blackjax. InputError where it is not installed."""
    try:
        import blackjax
    except ImportError:
        raise _missing("blackjax") from None
    return blackjax


def the_emcee() -> Any:
    """emcee. InputError where it is not installed."""
    try:
        import emcee
    except ImportError:
        raise _missing("emcee") from None
    return emcee


def _missing(library: str) -> InputError:
    return InputError(library, "it is not installed.", cure=CURE)
