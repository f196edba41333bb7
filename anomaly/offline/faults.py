"""Lists of faults that were made, from JSON files."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from anomaly.errors import DataError
from anomaly.offline.windows import FaultWindow

_FAULTS = TypeAdapter(tuple[FaultWindow, ...])


def read_faults(path: Path) -> tuple[FaultWindow, ...]:
    """The faults of a file.

    Raises:
        DataError: one line for each thing that is wrong with it.
    """
    try:
        faults = _FAULTS.validate_python(json.loads(path.read_bytes()))
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        lines = [f"{path}: {_place(each['loc'])}: {each['msg']}" for each in problems]
        raise DataError("\n".join(lines)) from None
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}") from None
    if not faults:
        raise DataError(f"{path} lists no faults")
    return faults


def _place(parts: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts) or "list"
