"""The file that an equilibrium map grows in, block by block: NetCDF, or Zarr where that is installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..files import put_in_place
from . import blocks
from .netcdf import LOCK

if TYPE_CHECKING:
    import netCDF4
    import xarray


# attributes that a map gets when it is whole
LAST = ("not_converged", "extrapolations")
# name of the file of one chunk of a Zarr array
_CHUNK = re.compile(r"\d+(\.\d+)*")

Values = Mapping[str, tuple[Sequence[Any], np.ndarray]]


@dataclass(frozen=True)
class Plan:
    """The content of a store.

    sizes: dimension -> length; coordinates: name -> (values, attributes) along the dimension of that name;
    variables: name -> (dimensions, type, attributes); attributes: of the whole.
    """

    sizes: Mapping[str, int]
    coordinates: Mapping[str, tuple[Any, Mapping[str, str]]]
    variables: Mapping[str, tuple[Sequence[str], np.dtype, Mapping[str, Any]]]
    attributes: Mapping[str, str]


class NetCDFStore:
    """A NetCDF-4 file whose variables are laid out in one piece each when it is made.

    Writing a block changes no metadata. A file of a process that was killed at any time can therefore be
    continued.
    """

    name = "map.nc"

    def __init__(self, folder: Path) -> None:
        self.path, self.partial = folder / self.name, folder / "map.partial.nc"
        self._file: netCDF4.Dataset | None = None

    def create(self, plan: Plan, block: Mapping[str, int]) -> None:
        """Make the file, of zeros. block: length of a block along each dimension."""
        import netCDF4

        self.partial.unlink(missing_ok=True)  # a damaged one may still be open, and locked
        with LOCK, netCDF4.Dataset(self.partial, "w", format="NETCDF4") as file:
            file.set_fill_off()
            for name, size in plan.sizes.items():
                file.createDimension(name, size)
            for name, (values, attributes) in plan.coordinates.items():
                values = np.asarray(values)
                text = values.dtype.kind not in "fiu"
                variable = file.createVariable(name, str if text else values.dtype, (name,))
                variable[:] = values.astype(object) if text else values
                variable.setncatts(dict(attributes))
            for name, (dimensions, kind, attributes) in plan.variables.items():
                logical = np.dtype(kind) == bool
                variable = file.createVariable(
                    name, "i1" if logical else kind, tuple(dimensions), contiguous=True, fill_value=False
                )
                variable.setncatts(
                    dict(attributes) | ({"dtype": "bool"} if logical else {})
                )  # as xarray marks it
                variable[(0,) * len(dimensions)] = 0  # lays it out
            file.setncatts(dict(plan.attributes))

    def open(self) -> None:
        """Open the unfinished file for writing. InputError where it cannot be."""
        import netCDF4

        try:
            with LOCK:
                file = netCDF4.Dataset(self.partial, "r+")
                file.set_auto_mask(False)
                self._file = file
        except OSError as error:
            raise InputError(
                f"{self.partial}", f"the store cannot be continued ({error}).", cure="name another folder"
            ) from None

    @property
    def _opened(self) -> netCDF4.Dataset:
        if self._file is None:
            raise ValueError("the file is not open")
        return self._file

    def read(self, path: Path) -> xarray.Dataset:
        """The content of a file of this store, its values read on demand."""
        import xarray

        with LOCK:
            return xarray.open_dataset(path, engine="netcdf4", lock=LOCK)

    def write(self, piece: Mapping[str, slice], values: Values) -> None:
        """Write a block. piece: dimension -> slice; values: name -> (dimensions, array)."""
        with LOCK:
            for name, (dimensions, array) in values.items():
                stored = array.view("i1") if array.dtype == bool else array
                place = tuple(piece.get(d, slice(None)) for d in dimensions)
                self._opened.variables[name][place] = stored
            self._opened.sync()

    def close(self) -> None:
        """Close the file, if it is open."""
        file, self._file = self._file, None
        if file is not None:
            with LOCK:
                file.close()

    def try_writing(self) -> None:
        """Write a little, as `finish` will.

        Any error means that the unfinished file cannot be continued.
        """
        self.open()
        with LOCK:
            self._opened.setncatts(dict.fromkeys(LAST, ""))
            self._opened.sync()
        self.close()

    def finish(self, attributes: Mapping[str, str], entries: Sequence[blocks.Block]) -> None:
        """Write the attributes and the checksums of the blocks, and give the file its name."""
        with LOCK:
            self._opened.setncatts(dict(attributes))
        self.close()
        with self.read(self.partial) as result:
            checksums = blocks.attribute(result, entries)
        self.open()
        with LOCK:
            self._opened.setncatts(checksums)
        self.close()
        put_in_place(self.partial, self.path)


class ZarrStore:
    """A Zarr group, one chunk per block."""

    name = "map.zarr"

    def __init__(self, folder: Path) -> None:
        try:
            import zarr  # noqa: F401  (to see whether it is installed)
        except ImportError:
            raise InputError(
                "store = 'zarr'",
                "zarr is not installed.",
                cure="pip install 'mocoupled[zarr]', or take store = 'netcdf'",
            ) from None
        self.path, self.partial = folder / self.name, folder / "map.partial.zarr"
        self._group: Any = None

    def create(self, plan: Plan, block: Mapping[str, int]) -> None:
        """Make the group. block: length of a chunk along each dimension.

        InputError where foreign files would be lost.
        """
        import xarray
        import zarr

        if foreign := _foreign(self.partial):
            raise InputError(
                f"{self.partial}",
                f"it holds {foreign}, which is not of a map, and would be lost.",
                cure="move that, or name another folder",
            )
        shutil.rmtree(self.partial, ignore_errors=True)
        places = {
            name: (name, np.asarray(values), dict(attributes))
            for name, (values, attributes) in plan.coordinates.items()
        }
        xarray.Dataset(coords=places, attrs=dict(plan.attributes)).to_zarr(
            self.partial, mode="w", zarr_format=2, consolidated=False
        )
        group = zarr.open_group(self.partial, mode="r+", zarr_format=2)
        for name, (dimensions, kind, attributes) in plan.variables.items():
            shape = tuple(plan.sizes[d] for d in dimensions)
            chunks = tuple(block.get(d, plan.sizes[d]) for d in dimensions)
            fill = None if np.dtype(kind) == bool else np.nan  # with one, xarray would take False for a gap
            array = group.create_array(
                name, shape=shape, chunks=chunks, dtype=kind, fill_value=fill, compressors=None
            )
            array.attrs.update({"_ARRAY_DIMENSIONS": list(dimensions)} | dict(attributes))

    def read(self, path: Path) -> xarray.Dataset:
        """The content of a group of this store, its values read on demand."""
        import xarray

        return xarray.open_zarr(path, chunks=None, consolidated=False)

    def open(self) -> None:
        """Open the unfinished group for writing."""
        import zarr

        self._group = zarr.open_group(self.partial, mode="r+", zarr_format=2)

    def write(self, piece: Mapping[str, slice], values: Values) -> None:
        """Write a block. piece: dimension -> slice; values: name -> (dimensions, array)."""
        for name, (dimensions, array) in values.items():
            self._group[name][tuple(piece.get(d, slice(None)) for d in dimensions)] = array

    def close(self) -> None:
        """Close the group."""
        self._group = None

    def try_writing(self) -> None:
        """Nothing: every chunk is a file that is written anew."""

    def finish(self, attributes: Mapping[str, str], entries: Sequence[blocks.Block]) -> None:
        """Write the attributes and the checksums of the blocks, and give the group its name."""
        self._group.attrs.update(dict(attributes))
        with self.read(self.partial) as result:
            self._group.attrs.update(blocks.attribute(result, entries))
        self.close()
        put_in_place(self.partial, self.path, durable=False)  # a folder of many files


def _foreign(folder: Path) -> str:
    """The first file below the folder that Zarr did not write; "" where there is none."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (
            path.is_dir()
            or path.name in (".zgroup", ".zattrs", ".zarray", ".zmetadata")
            or _CHUNK.fullmatch(path.name)
        ):
            return path.relative_to(folder).as_posix()
    return ""


Store = NetCDFStore | ZarrStore
STORES: dict[str, type[NetCDFStore] | type[ZarrStore]] = {"netcdf": NetCDFStore, "zarr": ZarrStore}
