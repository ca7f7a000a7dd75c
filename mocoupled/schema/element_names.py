"""The elements of which a case can have an inventory: English name of each, and its symbol."""

from __future__ import annotations

from types import MappingProxyType

# those with a line in every list of the keys of a case
LISTED = MappingProxyType({
    "hydrogen": "H", "helium": "He", "carbon": "C", "nitrogen": "N", "fluorine": "F", "neon": "Ne",
    "phosphorus": "P", "sulfur": "S", "chlorine": "Cl", "argon": "Ar", "bromine": "Br", "krypton": "Kr",
    "iodine": "I", "xenon": "Xe", "silicon": "Si", "magnesium": "Mg", "iron": "Fe", "sodium": "Na",
    "potassium": "K", "aluminium": "Al", "calcium": "Ca", "titanium": "Ti", "chromium": "Cr",
})  # fmt: skip
# the others of the periodic table, but oxygen, whose amount is a key of the oxidation state
UNLISTED = MappingProxyType({
    "lithium": "Li", "beryllium": "Be", "boron": "B", "scandium": "Sc", "vanadium": "V",
    "manganese": "Mn", "cobalt": "Co", "nickel": "Ni", "copper": "Cu", "zinc": "Zn", "gallium": "Ga",
    "germanium": "Ge", "arsenic": "As", "selenium": "Se", "rubidium": "Rb", "strontium": "Sr",
    "yttrium": "Y", "zirconium": "Zr", "niobium": "Nb", "molybdenum": "Mo", "technetium": "Tc",
    "ruthenium": "Ru", "rhodium": "Rh", "palladium": "Pd", "silver": "Ag", "cadmium": "Cd",
    "indium": "In", "tin": "Sn", "antimony": "Sb", "tellurium": "Te", "caesium": "Cs", "barium": "Ba",
    "lanthanum": "La", "cerium": "Ce", "praseodymium": "Pr", "neodymium": "Nd", "promethium": "Pm",
    "samarium": "Sm", "europium": "Eu", "gadolinium": "Gd", "terbium": "Tb", "dysprosium": "Dy",
    "holmium": "Ho", "erbium": "Er", "thulium": "Tm", "ytterbium": "Yb", "lutetium": "Lu",
    "hafnium": "Hf", "tantalum": "Ta", "tungsten": "W", "rhenium": "Re", "osmium": "Os", "iridium": "Ir",
    "platinum": "Pt", "gold": "Au", "mercury": "Hg", "thallium": "Tl", "lead": "Pb", "bismuth": "Bi",
    "polonium": "Po", "astatine": "At", "radon": "Rn", "francium": "Fr", "radium": "Ra",
    "actinium": "Ac", "thorium": "Th", "protactinium": "Pa", "uranium": "U", "neptunium": "Np",
    "plutonium": "Pu", "americium": "Am", "curium": "Cm", "berkelium": "Bk", "californium": "Cf",
    "einsteinium": "Es", "fermium": "Fm", "mendelevium": "Md", "nobelium": "No", "lawrencium": "Lr",
    "rutherfordium": "Rf", "dubnium": "Db", "seaborgium": "Sg", "bohrium": "Bh", "hassium": "Hs",
    "meitnerium": "Mt", "darmstadtium": "Ds", "roentgenium": "Rg", "copernicium": "Cn", "nihonium": "Nh",
    "flerovium": "Fl", "moscovium": "Mc", "livermorium": "Lv", "tennessine": "Ts", "oganesson": "Og",
})  # fmt: skip
ELEMENTS = MappingProxyType({**LISTED, **UNLISTED})
