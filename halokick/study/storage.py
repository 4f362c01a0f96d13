"""Results in HDF5 files: everything with its unit, written whole or not at all."""

import os
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path

import h5py
import numpy as np

from halokick.errors import StorageError
from halokick.study.result import RECORDS
from halokick.units import Quantity

FORMAT = "halokick result"
VERSION = 1
_PRODUCTS = "products"


@contextmanager
def whole_file(path):
    """A temporary path beside `path` that takes its place, on disk, when the block ends well, and vanishes if not.

    Yields
    ------
    Path
    """
    path = Path(path)
    # the suffix stays last: writers choose the format by it
    partial = path.with_name(f".{path.stem}.partial-{os.getpid()}{path.suffix}")
    try:
        yield partial
        _to_disk(partial)
        os.replace(partial, path)
        _to_disk(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _to_disk(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(result, path, products=()):
    """Write a result; a file of that name is replaced in one step, and stays as it was if anything goes wrong.

    Parameters
    ----------
    result : StudyResult
    path : str or Path
    products : sequence of str
        Names of the files that are made of it beside it, to be known when another study takes their place.

    Raises
    ------
    StorageError
        The disk refused.
    """
    try:
        with whole_file(path) as partial, h5py.File(partial, "w") as file:
            file.attrs["format"] = FORMAT
            file.attrs["format_version"] = VERSION
            file.attrs[_PRODUCTS] = "\n".join(products)
            write_entry(file, "result", result)
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error}") from error


def products(path):
    """Names of the files that were made of a result beside it; none where the file does not say, or is no result."""
    try:
        with h5py.File(path, "r") as file:
            said = file.attrs[_PRODUCTS] if file.attrs.get("format") == FORMAT else ""
            # names alone: nothing outside the folder is ever meant
            return tuple(name for name in said.splitlines() if name == Path(name).name and name not in ("", ".."))
    except (AttributeError, OSError, KeyError, RuntimeError, TypeError, ValueError):
        return ()


def read(path):
    """Read a result.

    Parameters
    ----------
    path : str or Path
        The file, or a folder with ``result.h5`` in it.

    Returns
    -------
    StudyResult

    Raises
    ------
    StorageError
        No such file, or it is truncated, damaged, of another program, or of another version of this one.
    """
    path = Path(path)
    try:
        if path.is_dir():
            path = path / "result.h5"
        with open(path, "rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        raise StorageError(f"{path} does not exist; give the folder of a study, or its result.h5") from None
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error}); give the folder of a study, or its result.h5") from error
    if start != b"\x89HDF\r\n\x1a\n":
        raise StorageError(f"{path} is not an HDF5 file, so not a result of halokick; give a study's result.h5")
    try:
        with h5py.File(path, "r") as file:
            _check(path, file.attrs)
            return read_entry(file["result"])
    except StorageError:
        raise
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise StorageError(
            f"{path} is truncated or damaged ({error}); run its run file again, or take another copy of it"
        ) from error


def _check(path, attributes):
    if attributes.get("format") != FORMAT:
        raise StorageError(f"{path} is HDF5 of another program, not a result of halokick; give a study's result.h5")
    version = int(attributes.get("format_version", 0))
    if version != VERSION:
        raise StorageError(
            f"{path} has format version {version}, this halokick reads version {VERSION}; run its run file again, "
            f"or use the {'newer' if version > VERSION else 'older'} halokick that wrote it"
        )


def write_entry(group, name, value):
    """Write a record, a mapping, a tuple, a text, numbers or a quantity into an HDF5 group; None is left out."""
    if value is None:
        return
    if is_dataclass(value):
        inside = group.create_group(name)
        inside.attrs["record"] = type(value).__name__
        for one in fields(value):
            write_entry(inside, one.name, getattr(value, one.name))
    elif isinstance(value, Mapping):
        inside = group.create_group(name, track_order=True)
        inside.attrs["record"] = "mapping"
        for key, entry in value.items():
            write_entry(inside, key, entry)
    elif isinstance(value, tuple) and any(is_dataclass(entry) for entry in value):
        inside = group.create_group(name)
        inside.attrs["record"] = "tuple"
        for number, entry in enumerate(value):
            write_entry(inside, f"{number:06d}", entry)
    elif isinstance(value, tuple):
        texts = group.create_dataset(name, data=np.array(value, dtype=object), dtype=h5py.string_dtype())
        texts.attrs["kind"] = "texts"
    elif isinstance(value, str):
        group.create_dataset(name, data=value, dtype=h5py.string_dtype()).attrs["kind"] = "text"
    else:
        _write_numbers(group, name, value)


def _write_numbers(group, name, value):
    numbers = np.asarray(getattr(value, "value", value))
    if numbers.dtype.kind not in "biuf":
        raise StorageError(f"{group.name}/{name} = {value!r} cannot be stored; only numbers, quantities and texts can")
    # checksums need chunks, which a single number or an empty array cannot have
    options = {"fletcher32": True} if numbers.ndim and numbers.size else {}
    dataset = group.create_dataset(name, data=numbers, **options)
    dataset.attrs["unit"] = str(value.unit) if hasattr(value, "unit") else ""
    dataset.attrs["kind"] = "quantity" if hasattr(value, "unit") else "array" if numbers.ndim else "number"


def read_entry(entry):
    """Read what `write_entry` wrote."""
    if isinstance(entry, h5py.Dataset):
        return _read_dataset(entry)
    kind = entry.attrs["record"]
    if kind == "mapping":
        return {key: read_entry(entry[key]) for key in entry}
    if kind == "tuple":
        return tuple(read_entry(entry[key]) for key in sorted(entry))
    record = RECORDS[kind]
    values = {one.name: read_entry(entry[one.name]) if one.name in entry else None for one in fields(record)}
    return record(**values)


def _read_dataset(dataset):
    kind = dataset.attrs["kind"]
    if kind == "text":
        return dataset.asstr()[()]
    if kind == "texts":
        return tuple(dataset.asstr()[:])
    if kind == "quantity":
        return Quantity(dataset[()], dataset.attrs["unit"])
    return dataset[()] if kind == "array" else dataset[()].item()
