"""Input of evolving redox: bad input is refused; cases, summary, screen and figures."""

import pytest
from support.ferric_laws import lumped_run

import mocoupled as mo
from mocoupled.provenance.calibration import CalibrationWarning


def test_use_outside_the_calibration_is_reported():
    case = mo.Case.read("earth").replace({"redox.ferric_iron": "Sossi2020", "redox.oxygen_fugacity": "IW-3"})
    with pytest.warns(CalibrationWarning, match="ferric iron: Sossi2020"):
        mo.equilibrium(case, temperature=2173.0, melt_fraction=0.9)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"redox.ferric_iron": "Hirschman2022"}, "did you mean 'Hirschmann2022'"),
        ({"redox.ferric_iron": "Sossi2020", "redox.ferric_share": 0.03}, "given twice"),
        (
            {
                "redox.ferric_iron": "Sossi2020",
                "redox.ferric_share": 0.03,
                "redox.oxygen_fugacity": "none",
                "redox.oxygen": "1e21 kg",
            },
            "given twice",
        ),
        (
            {"redox.ferric_iron": "Sossi2020", "redox.ferric_share": 0.0, "redox.oxygen_fugacity": "none"},
            "above 0 and below 1",
        ),
        (
            {"redox.ferric_iron": "Sossi2020", "redox.ferric_share": 1.0, "redox.oxygen_fugacity": "none"},
            "above 0 and below 1",
        ),
        (
            {"redox.ferric_iron": "Sossi2020", "redox.ferric_share": "nan", "redox.oxygen_fugacity": "none"},
            "ferric_share",
        ),
        ({"redox.ferric_share": 0.03, "redox.oxygen_fugacity": "none"}, "does not evolve"),
        ({"redox.total_iron": 0.1}, "does not evolve"),
        ({"redox.ferric_iron": "Sossi2020", "redox.total_iron": 0.0}, "above 0"),
        ({"redox.ferric_iron": "Sossi2020", "redox.total_iron": "8.05 kg"}, "total_iron"),
        ({"redox.ferric_iron": "Sossi2020", "redox.ferric_partition": -1}, "from 0 to 100"),
        ({"redox.ferric_iron": "Sossi2020", "redox.ferric_pressure": True}, "no pressure term"),
        ({"redox.ferric_iron": "Sossi2020", "redox.melt_oxides": {"FeO": 0.1}}, "total_iron"),
        ({"redox.ferric_iron": "Sossi2020", "redox.melt_oxides": {"SiO3": 0.1}}, "not an oxide"),
    ],
)
def test_bad_input(changes, words):
    with pytest.raises(mo.InputError, match=words):
        mo.Case.read("earth").replace(changes)


def test_bad_combinations():
    case = mo.Case.read("earth").replace({"redox.ferric_iron": "Sossi2020"})
    shared = case.replace({"redox.oxygen_fugacity": "none", "redox.ferric_share": 0.03})
    with pytest.raises(mo.InputError, match="given twice"):
        mo.equilibrium(shared, temperature=2000.0, melt_fraction=0.5, oxygen_fugacity_offset=1.0)
    with pytest.raises(mo.InputError, match="given twice"):
        mo.equilibrium(case, temperature=2000.0, melt_fraction=0.5, oxygen_fugacity_offset=1.0, oxygen=3e21)


def test_case_reads_back():
    case = mo.Case.read("earth").replace(
        {"redox.ferric_iron": "Sossi2020", "redox.total_iron": "18 %", "redox.melt_oxides": {"CaO": "3 %"}}
    )
    assert mo.Case.parse(case.to_toml()) == case and case.redox.total_iron == pytest.approx(0.18)


def test_summary_screen_and_figures(tmp_path):
    from rich.console import Console

    from mocoupled.cli.pages.run_end import print_end
    from mocoupled.plots.evolution import FIGURES
    from mocoupled.results.summaries import summary

    run = lumped_run("L", ferric_iron="Sossi2020")
    final = summary(run)["final"]
    assert final["delta_IW"] == float(run.delta_IW[-1]) and final["ferric_share"] == float(
        run.ferric_share[-1]
    )
    with open(tmp_path / "screen", "w") as screen:
        console = Console(record=True, width=120, file=screen)
        print_end(run, console)
        text = console.export_text()
    assert (
        f"IW{final['delta_IW']:+.3f}" in text
        and f"{final['ferric_share']:.4f}, {float(run.ferric_share[0]):.4f} at the start" in text
    )
    assert "ferric iron: Sossi2020" in text  # outside its calibration
    labels = [line.get_label() for ax in FIGURES["oxygen-fugacity"](run).axes for line in ax.get_lines()]
    assert {"log10_fO2", "delta_IW", "ferric_share", "mantle_ferric_share"} <= set(labels)
