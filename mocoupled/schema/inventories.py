"""The keys of a case on how much of each element there is: one for each element of the periodic table."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .quantities import Inventory
from .section import Section, says

AMOUNT = "a mass, ppmw of the mantle, or ratio to another element"
ANY = "; the other elements of the mechanism have such a key too, by English name or symbol"


def _listed(name: str) -> Any:  # as pydantic's Field
    """The field of an element that has its line in every list of keys."""
    more = ANY if name == "hydrogen" else ""
    return says("0 kg", f"{name} in mantle and atmosphere: {AMOUNT}{more}")


NOTHING = Inventory(0.0, "kg", "0 kg")
# of another element; its default is not read again for every case
_UNLISTED: Any = Field(
    default=NOTHING,
    description=f"the element in mantle and atmosphere: {AMOUNT}",
    validate_default=False,
)


class Inventories(Section):
    """How much of each element there is. `ELEMENTS` names the same elements, in the same order."""

    hydrogen: Inventory = _listed("hydrogen")
    helium: Inventory = _listed("helium")
    carbon: Inventory = _listed("carbon")
    nitrogen: Inventory = _listed("nitrogen")
    fluorine: Inventory = _listed("fluorine")
    neon: Inventory = _listed("neon")
    phosphorus: Inventory = _listed("phosphorus")
    sulfur: Inventory = _listed("sulfur")
    chlorine: Inventory = _listed("chlorine")
    argon: Inventory = _listed("argon")
    bromine: Inventory = _listed("bromine")
    krypton: Inventory = _listed("krypton")
    iodine: Inventory = _listed("iodine")
    xenon: Inventory = _listed("xenon")
    silicon: Inventory = _listed("silicon")
    magnesium: Inventory = _listed("magnesium")
    iron: Inventory = _listed("iron")
    sodium: Inventory = _listed("sodium")
    potassium: Inventory = _listed("potassium")
    aluminium: Inventory = _listed("aluminium")
    calcium: Inventory = _listed("calcium")
    titanium: Inventory = _listed("titanium")
    chromium: Inventory = _listed("chromium")
    lithium: Inventory = _UNLISTED
    beryllium: Inventory = _UNLISTED
    boron: Inventory = _UNLISTED
    scandium: Inventory = _UNLISTED
    vanadium: Inventory = _UNLISTED
    manganese: Inventory = _UNLISTED
    cobalt: Inventory = _UNLISTED
    nickel: Inventory = _UNLISTED
    copper: Inventory = _UNLISTED
    zinc: Inventory = _UNLISTED
    gallium: Inventory = _UNLISTED
    germanium: Inventory = _UNLISTED
    arsenic: Inventory = _UNLISTED
    selenium: Inventory = _UNLISTED
    rubidium: Inventory = _UNLISTED
    strontium: Inventory = _UNLISTED
    yttrium: Inventory = _UNLISTED
    zirconium: Inventory = _UNLISTED
    niobium: Inventory = _UNLISTED
    molybdenum: Inventory = _UNLISTED
    technetium: Inventory = _UNLISTED
    ruthenium: Inventory = _UNLISTED
    rhodium: Inventory = _UNLISTED
    palladium: Inventory = _UNLISTED
    silver: Inventory = _UNLISTED
    cadmium: Inventory = _UNLISTED
    indium: Inventory = _UNLISTED
    tin: Inventory = _UNLISTED
    antimony: Inventory = _UNLISTED
    tellurium: Inventory = _UNLISTED
    caesium: Inventory = _UNLISTED
    barium: Inventory = _UNLISTED
    lanthanum: Inventory = _UNLISTED
    cerium: Inventory = _UNLISTED
    praseodymium: Inventory = _UNLISTED
    neodymium: Inventory = _UNLISTED
    promethium: Inventory = _UNLISTED
    samarium: Inventory = _UNLISTED
    europium: Inventory = _UNLISTED
    gadolinium: Inventory = _UNLISTED
    terbium: Inventory = _UNLISTED
    dysprosium: Inventory = _UNLISTED
    holmium: Inventory = _UNLISTED
    erbium: Inventory = _UNLISTED
    thulium: Inventory = _UNLISTED
    ytterbium: Inventory = _UNLISTED
    lutetium: Inventory = _UNLISTED
    hafnium: Inventory = _UNLISTED
    tantalum: Inventory = _UNLISTED
    tungsten: Inventory = _UNLISTED
    rhenium: Inventory = _UNLISTED
    osmium: Inventory = _UNLISTED
    iridium: Inventory = _UNLISTED
    platinum: Inventory = _UNLISTED
    gold: Inventory = _UNLISTED
    mercury: Inventory = _UNLISTED
    thallium: Inventory = _UNLISTED
    lead: Inventory = _UNLISTED
    bismuth: Inventory = _UNLISTED
    polonium: Inventory = _UNLISTED
    astatine: Inventory = _UNLISTED
    radon: Inventory = _UNLISTED
    francium: Inventory = _UNLISTED
    radium: Inventory = _UNLISTED
    actinium: Inventory = _UNLISTED
    thorium: Inventory = _UNLISTED
    protactinium: Inventory = _UNLISTED
    uranium: Inventory = _UNLISTED
    neptunium: Inventory = _UNLISTED
    plutonium: Inventory = _UNLISTED
    americium: Inventory = _UNLISTED
    curium: Inventory = _UNLISTED
    berkelium: Inventory = _UNLISTED
    californium: Inventory = _UNLISTED
    einsteinium: Inventory = _UNLISTED
    fermium: Inventory = _UNLISTED
    mendelevium: Inventory = _UNLISTED
    nobelium: Inventory = _UNLISTED
    lawrencium: Inventory = _UNLISTED
    rutherfordium: Inventory = _UNLISTED
    dubnium: Inventory = _UNLISTED
    seaborgium: Inventory = _UNLISTED
    bohrium: Inventory = _UNLISTED
    hassium: Inventory = _UNLISTED
    meitnerium: Inventory = _UNLISTED
    darmstadtium: Inventory = _UNLISTED
    roentgenium: Inventory = _UNLISTED
    copernicium: Inventory = _UNLISTED
    nihonium: Inventory = _UNLISTED
    flerovium: Inventory = _UNLISTED
    moscovium: Inventory = _UNLISTED
    livermorium: Inventory = _UNLISTED
    tennessine: Inventory = _UNLISTED
    oganesson: Inventory = _UNLISTED
