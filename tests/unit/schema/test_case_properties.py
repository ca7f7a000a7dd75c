"""Random cases: what is written reads back equal; any text and any value is a case or an InputError."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mocoupled.case import Case
from mocoupled.errors import InputError
from mocoupled.schema.element_names import LISTED
from mocoupled.schema.keys import every_key
from mocoupled.schema.quantities import SI

numbers = {}


for section in Case.parse("title = 'x'").__dict__.values():
    for name, spec in getattr(type(section), "model_fields", {}).items():
        for si in spec.metadata:
            if isinstance(si, SI) and not si.whole:
                inside = st.floats(
                    max(si.low, -1e30),
                    min(si.high, 1e30),
                    exclude_min="low" in si.exclusive,
                    exclude_max="high" in si.exclusive,
                )
                numbers[type(section).__name__.lower() + "." + name] = inside


numbers["planet.radius"], numbers["planet.compressibility"] = st.floats(1e5, 2e7), st.floats(0, 1e-7)


numbers["run.initial_surface_temperature"] = st.floats(2000, 6000)


numbers["run.end_surface_temperature"] = st.floats(200, 1999)


printable = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip())


amounts = st.one_of(
    st.floats(0, 1e30),
    st.floats(0, 1e6).map(lambda x: f"{x!r} ppmw"),
    st.floats(0, 1e6).map(lambda x: f"{x!r} kg"),
)


for name in ("mass", "core_mass_fraction"):
    numbers.pop(f"planet.{name}")  # go without gravity and densities only: test_planet_size.py
numbers.pop("mantle.top_cell")  # goes without stretching only
numbers.pop("mantle.bottom_cell")  # the same


for name in ("ferric_share", "total_iron", "ferric_partition", "iron_oxide_activity"):
    numbers.pop(f"redox.{name}")  # go with ferric_iron only: tests/reservoirs/test_ferric_input.py


tables = {
    "title": st.text(st.characters(exclude_categories=["Cs"])),
    "volatiles.solubility": st.dictionaries(printable, printable, max_size=3),
    "volatiles.initial_pressure": st.dictionaries(
        printable, st.floats(0, 1e12, exclude_min=True), max_size=3
    ),
    "redox.buffer_pressure": st.just(
        "none"
    ),  # goes with a buffer that has a pressure term only: tests/unit/closures/test_redox.py
    "volatiles.initial_fugacity": st.dictionaries(
        printable, st.floats(0, 1e12, exclude_min=True), max_size=3
    ),
    "atmosphere.absorption": st.dictionaries(printable, st.floats(0, 1e3), max_size=3),
    "mantle.shells": st.integers(10, 100000),
    **{f"volatiles.{name}": amounts for name in (*LISTED, "zinc", "gold")},
}


@settings(deadline=None, max_examples=60)
@given(st.fixed_dictionaries({}, optional=numbers | tables))
def test_any_case_round_trips(changes):
    if changes.get("run.initial_entropy") not in (None, "none"):  # two starts in one call are refused
        changes.pop("run.initial_surface_temperature", None)
    if "planet.equilibrium_temperature" in changes:  # of a grey law, as a run without an end in time is
        changes["atmosphere.radiation"] = "blackbody"
    case = Case.parse("title = 'x'").replace(changes)
    again = Case.parse(case.to_toml())
    assert again == case and again.checksum == case.checksum and again.to_toml() == case.to_toml()


@settings(deadline=None, max_examples=300)
@given(
    st.text(max_size=60)
    | st.text(st.sampled_from("[]{}=.\"'#\n abplanetvolatiles0123456789_-\t\\"), max_size=60)
)
def test_any_text_is_a_case_or_an_input_error(text):
    try:
        Case.parse(text)
    except InputError as error:
        assert "pydantic" not in str(error)


toml_values = st.recursive(
    st.text(max_size=12) | st.integers() | st.floats() | st.booleans() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from([key.name for key in every_key()] + ["planet", "volatiles", "x.y", "run"]),
        toml_values,
        max_size=4,
    )
)
def test_any_value_of_a_key_is_taken_or_an_input_error(changes):
    try:
        Case.parse("title = 'x'").replace(changes)
    except InputError as error:
        assert "Input should" not in str(error) and "pydantic" not in str(error)
