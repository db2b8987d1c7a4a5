"""Captured text made safe to show: control and direction characters become visible tokens."""

from __future__ import annotations

import shlex
import unicodedata

__all__ = ["clean", "clean_block", "shell_word"]

_ACTED_ON = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


class _Tokens(dict[int, int | str]):
    """What each character becomes, found out when it is first met."""

    def __missing__(self, code: int) -> int | str:
        unsafe = unicodedata.category(chr(code)) in _ACTED_ON
        shown = self[code] = f"<U+{code:04X}>" if unsafe else code
        return shown


_tokens = _Tokens()
_block_tokens = _Tokens({ord("\n"): "\n", ord("\t"): "\t"})


def clean(text: str) -> str:
    """Replace every character that a terminal or browser acts on (C0, C1, bidi, zero-width) by ``<U+XXXX>``."""
    return text.translate(_tokens)


def clean_block(text: str) -> str:
    """As ``clean``, keeping newlines and tabs: for text of several lines."""
    return text.translate(_block_tokens)


def shell_word(name: str) -> str:
    """A file's name as one word of a command that people paste into a shell: it runs nothing and is no option."""
    word = clean(name)
    return shlex.quote(f"./{word}" if word.startswith("-") and word != "-" else word)
