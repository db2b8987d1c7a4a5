"""Builds the compiled form of the sequential kernels and of the catalogues; everything else is in pyproject.toml.

The kernels are ordinary Python that runs uncompiled when no C compiler is present (``optional=True``).
"""

from pathlib import Path

from setuptools import Extension, setup


def kernels() -> list[Path]:
    """The modules written for Cython: those that import it."""
    return sorted(p for p in Path("inspector").rglob("*.py") if "\nimport cython\n" in p.read_text("utf-8"))


def extensions() -> list[Extension]:
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    return cythonize(
        # Without debugging information the compiler needs half the time; other compilers ignore the option.
        [
            Extension(".".join(p.with_suffix("").parts), [str(p)], optional=True, extra_compile_args=["-g0"])
            for p in kernels()
        ],
        language_level=3,
        # Bounds stay checked: the input is hostile. Negative indexes are never meant.
        compiler_directives={"wraparound": False, "cdivision": True, "initializedcheck": False},
    )


def compile_catalogues() -> None:
    """Write the .mo files beside their sources, where the package takes them from; without Babel texts stay English."""
    try:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    except ImportError:
        return
    for po in Path("inspector/i18n/locale").rglob("*.po"):
        unfinished = po.with_suffix(".mo.tmp")
        with po.open("rb") as source, unfinished.open("wb") as target:
            write_mo(target, read_po(source))
        unfinished.replace(po.with_suffix(".mo"))  # at once: somebody may be reading the one before


compile_catalogues()
setup(ext_modules=extensions(), options={"build_ext": {"parallel": 2}})
