"""mocoupled radiation at the command line: what it prints, writes and refuses."""

import numpy as np
import pandas
import pytest
import xarray


def test_prints_and_writes(mocoupled, empty):
    files = ("r.png", "r.pdf", "r.nc", "r.csv")
    options = [word for name in files for word in ("-o", name)]
    status, printed, errors = mocoupled(
        "radiation", "-T", "1000:2000:3", "H2O=10,100 bar", "CO2=100 bar", "He=1 bar", *options
    )
    assert status == 0 and not errors
    assert {path.name for path in empty.iterdir()} == set(files)
    assert (empty / "r.png").read_bytes().startswith(b"\x89PNG")
    with xarray.open_dataset(empty / "r.nc") as stored:
        assert stored.outgoing_flux.sizes == {"temperature": 3, "pressure_H2O": 2}
        table = pandas.read_csv(empty / "r.csv")
        assert len(table) == 6
        np.testing.assert_allclose(
            np.sort(table["outgoing_flux (W/m^2)"]), np.sort(stored.outgoing_flux.values.reshape(-1))
        )
    for words in ("by ln", "transparent", "He: no data", "wrote r.csv"):
        assert words in printed


def test_a_point_has_its_profile_and_its_bands(mocoupled, empty):
    status, printed, _ = mocoupled("radiation", "-T", "300 K", "H2O=1 bar", "N2=1 bar")
    assert status == 0
    for words in ("height, km", "ocean", "of liquid water", "35.7 to 250", "281.5"):
        assert words in printed
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("-T", "1000", "H2O"), "not of the form GAS=PRESSURE"),
        (("-T", "1000", "H2O=1 bar", "H2O=2 bar"), "stands here twice"),
        (("-T", "1000", "H20=1 bar"), "no gas of this name"),
        (("-T", "1000", "H2O=-1 bar"), "out of range"),
        (("-T", "100", "H2O=1 bar"), "colder than the stratosphere"),
        (("-T", "1000", "H2O=1 bar", "--levels", "14"), "two whole numbers"),
        (("-T", "1000", "H2O=1 bar", "--gravity", "0"), "gravity = 0"),
        (("-T", "1000:2000:1000", "H2O=1:2:200"), "at most 100000"),
        (("-T", "1000", "H2O=1 bar", "-o", "r.txt"), "r.txt"),
    ],
)
def test_refused(mocoupled, empty, arguments, words):
    status, _, errors = mocoupled("radiation", *arguments)
    assert status != 0
    assert words in errors
    assert list(empty.iterdir()) == []
