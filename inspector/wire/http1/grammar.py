"""The grammar of HTTP/1.x, each rule quoted beside its pattern, each deviation with its reason."""

from __future__ import annotations

import re

__all__ = ["CHUNK_SIZE", "END_OF_HEAD", "FIELD_LINE", "REQUEST_LINE", "STATUS_LINE", "SYNC_REQUEST", "SYNC_RESPONSE"]

# token = 1*tchar (RFC 9110 section 5.6.2)
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"

# request-line = method SP request-target SP HTTP-version (RFC 9112 section 3).
# The target is anything without white space: servers differ in what they accept, and we report what was sent.
_REQUEST = rb"(" + _TOKEN + rb") ([^\s]+) HTTP/1\.[0-9]"
REQUEST_LINE = re.compile(_REQUEST)

# status-line = HTTP-version SP status-code SP [ reason-phrase ] (RFC 9112 section 4).
# The second SP is left out by some servers when the phrase is empty.
_STATUS = rb"HTTP/1\.[0-9] ([0-9]{3})(?: [^\r\n]*)?"
STATUS_LINE = re.compile(_STATUS)

# field-line = field-name ":" OWS field-value OWS (RFC 9112 section 5)
FIELD_LINE = re.compile(rb"(" + _TOKEN + rb")([ \t]*):[ \t]*(.*?)[ \t]*", re.DOTALL)

# "a recipient MAY recognize a single LF as a line terminator" (RFC 9112 section 2.2): told as an anomaly.
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")

# chunk-size = 1*HEXDIG (RFC 9112 section 7.1); white space before the extension is tolerated by most recipients.
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;.*)?", re.DOTALL)

# Where a message may begin when what came before is not known: a whole first line at the start of a line.
SYNC_REQUEST = re.compile(rb"(?:\A|(?<=\n))(?:[A-Z]{3,20}) [^\s]+ HTTP/1\.[01]\r?\n")
SYNC_RESPONSE = re.compile(rb"HTTP/1\.[01] [1-5][0-9]{2}(?: [^\r\n]*)?\r?\n")
