"""Keys and choices of a case that earlier versions had, each with the sentence on what replaced it."""

from __future__ import annotations

_ONE_SEPARATION = (
    "melt now separates by one flux for each closure: upwind with mantle.closure = 'consistent', as published "
    "with 'reference'"
)
# section, key -> what replaced it
KEYS: dict[tuple[str, str], str] = {
    ("mantle", "separation"): _ONE_SEPARATION,
    ("mantle", "availability"): _ONE_SEPARATION,
}
# section, key, choice -> what replaced it
CHOICES: dict[tuple[str, str, str], str] = {
    ("mantle", "closure", "smooth"): (
        "mantle.closure = 'consistent' took its place: the flux of 'smooth' had no limit under refinement"
    ),
}
