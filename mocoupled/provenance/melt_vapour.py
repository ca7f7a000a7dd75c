"""What a result says of the vapour of its melt: composition, model of activities, oxides left out."""

from __future__ import annotations

from ..chemistry.volatile_chemistry import Chemistry
from ..closures.registry import find
from ..melt.associated_solution import KIND

OXIDES_LEFT_OUT = "oxides_left_out"


def vapour_attributes(chemistry: Chemistry) -> dict[str, str]:
    """The attributes of a result whose melt evaporates; none for another."""
    rock = chemistry.rock
    if rock is None:
        return {}
    law = find(KIND, rock.activities)
    about = {
        "melt_composition": rock.composition.label,
        "activity_model": law.name,
        "activity_model_spread": law.note,
    }
    if rock.left_out:
        about[OXIDES_LEFT_OUT] = left_out_sentence(dict(rock.left_out), law.name)
    return about


def left_out_sentence(left_out: dict[str, float], law: str) -> str:
    """Oxides that evaporate from no melt, as the law has no activity for them. left_out: oxide -> wt%."""
    listed = ", ".join(f"{oxide} {percent:.3g} wt%" for oxide, percent in left_out.items())
    return f"{listed}: {law} has no activity for them"
