"""What commands print with rich."""

from __future__ import annotations

from typing import NoReturn

from rich.console import Console

__all__ = ["Terminal"]


class Terminal(Console):
    """Standard output: nothing is coloured by guess, and a reader that has gone ends the command as everywhere else."""

    def __init__(self, *, soft_wrap: bool = True) -> None:
        super().__init__(highlight=False, soft_wrap=soft_wrap)

    def on_broken_pipe(self) -> NoReturn:
        """End like any other output does; rich would end with 1, which means something else."""
        raise BrokenPipeError
