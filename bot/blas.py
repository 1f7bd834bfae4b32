"""The kernels of OpenBLAS, where it does not know the processor.

Rasa holds NumPy and SciPy at releases whose OpenBLAS (0.3.18 and 0.3.20) knows no processor after about 2022.
On one that is newer they fall back on the kernels of 2004 ("Prescott"): products three times as slow, and a
segmentation fault in `strtri`. OpenBLAS reads the name of the kernels while it loads
(https://github.com/OpenMathLib/OpenBLAS/blob/develop/docs/runtime_variables.md).
"""

from __future__ import annotations

import os
import platform
from collections.abc import MutableMapping
from pathlib import Path

VARIABLE = "OPENBLAS_CORETYPE"
_CPUINFO = Path("/proc/cpuinfo")
_NEEDED = {"avx2", "fma"}


def kernels(cpuinfo: str) -> str | None:
    """The kernels for the processor that Linux describes in `cpuinfo`; None where OpenBLAS had better choose:
    no x86, or one without the instructions of the kernels named."""
    for line in cpuinfo.splitlines():
        name, _, flags = line.partition(":")
        if name.strip() == "flags":
            return "Haswell" if set(flags.split()) >= _NEEDED else None
    return None


def choose(environment: MutableMapping[str, str] = os.environ) -> None:
    """Names the kernels in `environment`, for this process and those it starts, unless somebody did.

    Without effect once NumPy is imported, and on other systems than Linux on x86.
    """
    if VARIABLE in environment or platform.machine() != "x86_64" or not _CPUINFO.is_file():
        return
    found = kernels(_CPUINFO.read_text(encoding="utf-8", errors="replace"))
    if found is not None:
        environment[VARIABLE] = found
