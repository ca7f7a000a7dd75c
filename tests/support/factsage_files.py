"""Files in the layouts of FactSage's Equilib, and tables of equilibria, for tests of their readers."""

from mocoupled.constants import BAR
from support.places import TESTS

EXAMPLES = TESTS / "factsage"

# a table of one row, in its shortest form
SHORT = (
    "temperature [K],pressure [bar],H2 [bar],H2O [bar],CO [bar],CO2 [bar],CH4 [bar]\n"
    "1388,794,173.67,525.30,36.33,51.80,6.89\n"
)
# a run of Equilib: the pressure {P} with its unit, and two numbers in brackets
BRACKETS = """ T = 1388.00 K
 P = {P}
     2.00000     mol   gas_ideal
         ( {a}     H2O
         + {b}     H2 )
"""

# mol at 1388 K, 794 bar
GASES = {"H2": 0.36548, "H2O": 1.1055, "CO": 0.076448, "CO2": 0.10901, "CH4": 0.014506}
TOTAL = sum(GASES.values())
PRESSURES = {s: n / TOTAL * 794 * BAR for s, n in GASES.items()}


def write(folder, text, name="mine.csv", encoding="utf-8"):
    """Write the text, byte for byte, to a file of the folder, and return its path."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path
