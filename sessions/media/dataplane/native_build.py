"""Compiles `c/` into `_native`: run by the installer, or by hand (`python -m` this module).

Where there is no compiler the installation goes on without it: the plane is then `pure`.
"""

from pathlib import Path

from cffi import FFI  # type: ignore[import-untyped]

HERE = Path(__file__).parent / "c"
ROOT = HERE.parents[3]
SOURCES = sorted(path.relative_to(ROOT).as_posix() for path in HERE.glob("*.c"))

ffi = FFI()
ffi.cdef((HERE / "api.h").read_text())
ffi.set_source(
    "sessions.media.dataplane._native",
    '#include <stdint.h>\n#include "api.h"\n',
    sources=SOURCES,
    include_dirs=[HERE.relative_to(ROOT).as_posix()],
    define_macros=[("_GNU_SOURCE", None)],
    extra_compile_args=["-std=gnu11", "-O2", "-pthread", "-Wall", "-Wextra", "-Wshadow"],
    extra_link_args=["-pthread"],
    optional=True,
)

if __name__ == "__main__":
    # The installer's name, so that there is only ever one.
    Path(ffi.compile(tmpdir=str(ROOT))).replace(HERE.parent / "_native.abi3.so")
