"""Files of figures: names, formats, wrong requests, whole files only, threads, and late imports."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.synthetic_run import stored

from mocoupled import plots
from mocoupled.errors import InputError
from mocoupled.plots.settings import new_figure, plainly
from mocoupled.plots.style import save


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": ["partial-presures"]}, "did you mean 'partial-pressures'?"),
        ({"names": "overveiw"}, "did you mean 'overview'?"),
        ({"format": "pgn"}, "did you mean 'png'?"),
        ({"time_axis": "logarithmic"}, "known: log, linear"),
    ],
)
def test_wrong_requests(options, message, tmp_path):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        plots.draw(stored(), tmp_path / "figures", **options)
    assert not (tmp_path / "figures").exists(), "nothing is written"


def test_wrong_result_and_folder(tmp_path):
    with pytest.raises(InputError, match="no stored times"):
        plots.draw(stored().isel(time=0, drop=True), tmp_path / "figures")
    with pytest.raises(InputError, match="no stored times"):
        plots.draw(stored(times=3).isel(time=slice(0)), tmp_path / "figures")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="this is a file"):
        plots.draw(stored(), tmp_path / "file")


def test_names_and_formats(tmp_path):
    assert plots.draw(stored(), tmp_path, "flux", format="pdf") == [tmp_path / "flux.pdf"]
    assert (tmp_path / "flux.pdf").read_bytes().startswith(b"%PDF")
    names = ["mixing-ratios", "flux"]
    assert [p.name for p in plots.draw(stored(), tmp_path, names)] == ["mixing-ratios.png", "flux.png"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    (path,) = plots.draw(stored(), tmp_path, "flux")
    before = path.read_bytes()

    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        plots.draw(stored(times=30), tmp_path, "flux")
    assert [p.name for p in tmp_path.iterdir()] == ["flux.png"] and path.read_bytes() == before


def test_threads_draw_the_same_bytes(tmp_path):
    result = stored()
    (alone,) = plots.draw(result, tmp_path / "alone", "overview")
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda k: plots.draw(result, tmp_path / str(k), "overview")[0], range(4)))
    assert {p.read_bytes() for p in paths} == {alone.read_bytes()}


def test_matplotlib_loads_late_and_without_pyplot(tmp_path):
    """The package's figures keep no global state: pyplot is never imported, matplotlib only once something is
    drawn."""
    result = stored(times=5)
    result.to_netcdf(tmp_path / "run.nc")
    code = (
        "import sys, xarray\nfrom mocoupled import plots\nassert 'matplotlib' not in sys.modules\n"
        f"plots.draw(xarray.load_dataset({str(tmp_path / 'run.nc')!r}), {str(tmp_path)!r}, 'flux')\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("inches", [4.6, 5.75, 1.15, 2.3, 8.05])
def test_a_page_of_any_size_is_written(inches, tmp_path):
    """4.6 inches of 100 pixels are 459.99999999999994 in floating point, and 460 pixels."""

    @plainly
    def write():
        return save(new_figure(figsize=(7.2, inches)), tmp_path / "page.png", {}, dpi=100)

    image = write().read_bytes()
    width, height = (int.from_bytes(image[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (720, round(inches * 100))
