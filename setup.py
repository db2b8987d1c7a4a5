"""Builds the compiled form of the sequential kernels; everything else is in pyproject.toml.

The kernels are ordinary Python that runs uncompiled when no C compiler is present (``optional=True``).
"""

from setuptools import Extension, setup

KERNELS = (
    "inspector.recording.records",
    "inspector.recording.scan",
    "inspector.recording.track",
)


def extensions() -> list[Extension]:
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    return cythonize(
        [Extension(name, [name.replace(".", "/") + ".py"], optional=True) for name in KERNELS],
        language_level=3,
        # Bounds stay checked: the input is hostile. Negative indexes are never meant.
        compiler_directives={"wraparound": False, "cdivision": True, "initializedcheck": False},
    )


setup(ext_modules=extensions())
