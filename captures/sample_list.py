"""The recordings that ship with the package, each as an exercise: what to run, questions, answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inspector.i18n import N_

__all__ = ["FOLDER", "SAMPLES", "Sample"]

FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording that ships.

    Args:
        name: Of the file, without its ending.
        title: What it shows (translatable).
        commands: What to run on it; ``{file}`` stands for its path.
        questions: Questions and answers (translatable).
    """

    name: str
    title: str
    commands: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]

    @property
    def path(self) -> Path:
        """Where it is."""
        return next(iter(sorted(FOLDER.glob(f"{self.name}.pcap*"))), FOLDER / f"{self.name}.pcapng")


SAMPLES = (
    Sample(
        "tcp-handshake",
        N_("A TCP connection from the first SYN to the last ACK"),
        ("inspector connections {file}", "inspector packet {file} 1 --bits", "inspector packet {file} 2 --level learn"),
        (
            (
                N_("Which three packets open the connection, and which flags do they carry?"),
                N_("Packets 1 to 3: SYN, SYN and ACK, ACK. Each side tells its first sequence number and confirms the other's."),
            ),
            (
                N_("Why does the acknowledgment number of packet 2 exceed the sequence number of packet 1 by one, with no data?"),
                N_("A SYN counts as one byte in the sequence space, so that it can be acknowledged; so does a FIN."),
            ),
            (
                N_("Who closes first, and how many packets does closing take?"),
                N_("The client, with the first FIN. Three packets: its FIN, the server's FIN that acknowledges it as well, and the last "
                   "acknowledgment. They would be four if the server had acknowledged first and closed later."),
            ),
        ),
    ),
    Sample(
        "http-get",
        N_("HTTP GET with a query string in Korean"),
        ("inspector http {file}", "inspector http {file} --detail 1"),
        (
            (
                N_("What does the query look like in the packet, and what does it mean?"),
                N_("Korean text is percent-encoded UTF-8 in the request line: three bytes a syllable, nine characters."),
            ),
            (
                N_("How does the client know where the response ends?"),
                N_("By the Content-Length header: that many bytes follow the empty line."),
            ),
        ),
    ),
    Sample(
        "http-post",
        N_("HTTP POST: a form that logs in, and the redirect that follows"),
        ("inspector http {file}", "inspector http {file} --detail 2"),
        (
            (
                N_("Where are the fields of the form?"),
                N_("In the body, as application/x-www-form-urlencoded: names and values joined by = and &."),
            ),
            (
                N_("Which field did the user not type, and what is it for?"),
                N_("csrfmiddlewaretoken: Django refuses forms of other sites, which cannot know it."),
            ),
            (
                N_("What makes the next request a logged-in one?"),
                N_("The response sets the cookie sessionid, and the browser sends it back from then on."),
            ),
        ),
    ),
    Sample(
        "upload",
        N_("A file uploaded as multipart/form-data"),
        ("inspector http {file} --connection 0", "inspector export objects {file} -o files/"),
        (
            (
                N_("What separates the parts of the body?"),
                N_("The boundary that the Content-Type header names, with two dashes before it, and two more at the end."),
            ),
            (
                N_("In how many segments did the file travel?"),
                N_("Count the packets of the request: the larger the file, the more of them."),
            ),
        ),
    ),
    Sample(
        "chat-ws",
        N_("Two people talk in a Korean-named room over WebSocket"),
        ("inspector messages {file}", "inspector frames {file}", "inspector http {file} --detail 1"),
        (
            (
                N_("Which response status turns HTTP into WebSocket?"),
                N_("101 Switching Protocols, with Sec-WebSocket-Accept computed from the request's key."),
            ),
            (
                N_("Why can the text of the client's frames not be read in the packet bytes, but that of the server's can?"),
                N_("Clients mask every frame with a fresh key (RFC 6455 section 5.3); servers must not."),
            ),
            (
                N_("How does one message reach two people?"),
                N_("The server sends it as a frame of its own on each of the two connections."),
            ),
        ),
    ),
    Sample(
        "chat-wss",
        N_("The same conversation inside TLS, with the keys in the file"),
        ("inspector tls {file}", "inspector messages {file}", "inspector follow {file} 0"),
        (
            (
                N_("What can be seen without the keys?"),
                N_(
                    "The handshake's first messages: the server's name, the versions and ciphers offered and chosen; "
                    "then only sizes and times."
                ),
            ),
            (
                N_("Why can these messages be read all the same?"),
                N_("The session's secrets are in the file, in a decryption secrets block of the pcapng."),
            ),
        ),
    ),
    Sample(
        "chat-compressed",
        N_("WebSocket with permessage-deflate: the same text is smaller the second time"),
        ("inspector messages {file}", "inspector frames {file}"),
        (
            (
                N_("Which header agreed on compression?"),
                N_("Sec-WebSocket-Extensions: permessage-deflate, in the request and in the response."),
            ),
            (
                N_("Why is the repeated message so much smaller than the first?"),
                N_("Both sides keep the window of earlier messages, so the repetition is a reference into it (RFC 7692 section 7.1.1)."),
            ),
        ),
    ),
    Sample(
        "dns",
        N_("DNS: a name that exists, one that does not, and a question asked twice"),
        ("inspector dns {file}", "inspector packet {file} 1 --bits"),
        (
            (
                N_("How does the answer find its question?"),
                N_("By the transaction identifier, the ports and the question, which the answer repeats."),
            ),
            (
                N_("What does the answer say when the name does not exist?"),
                N_("Response code 3, NXDOMAIN."),
            ),
        ),
    ),
    Sample(
        "close-1011",
        N_("A message makes the server's consumer raise an exception"),
        ("inspector diagnose {file}", "inspector frames {file}"),
        (
            (
                N_("Which message was the last before the Close frame, and what is different about it?"),
                N_("The third: the consumer expected something else, raised an exception, and Daphne closed with 1011."),
            ),
            (
                N_("Whose fault does the verdict name, and which packets decide?"),
                N_("The application's: the client's last frame and the Close frame that follows it."),
            ),
        ),
    ),
    Sample(
        "close-1006",
        N_("The server's process is killed while people chat"),
        ("inspector diagnose {file}", "inspector connections {file}"),
        (
            (
                N_("Is there a Close frame?"),
                N_("No. The kernel closes the connections of a dead process: a FIN or a reset, and the browser shows 1006."),
            ),
            (
                N_("What tells a dead process from one broken connection?"),
                N_("All its sockets end at the same moment, and new connections to its port are refused."),
            ),
        ),
    ),
    Sample(
        "slow-server",
        N_("A server that answers late: its event loop is blocked"),
        ("inspector diagnose {file}", "inspector messages {file}"),
        (
            (
                N_("Who is slow: the network or the server?"),
                N_("The server: TCP acknowledges each request at once, and the answer comes much later."),
            ),
            (
                N_("Why do others wait, too, who asked for nothing slow?"),
                N_("One thread serves all sockets; time.sleep() in one handler holds up every other."),
            ),
        ),
    ),
    Sample(
        "lossy-link",
        N_("A conversation over a link that loses frames"),
        ("inspector resends {file}", "inspector connections {file}", "inspector diagnose {file}"),
        (
            (
                N_("How does the receiver tell the sender that something is missing?"),
                N_("By acknowledging the same byte again and again, with SACK blocks for what has arrived behind the gap."),
            ),
            (
                N_("Which of Wireshark's names is wrong for some of these segments, and what proves it?"),
                N_("Out-of-order: their IP identification is newer than that of the segments before them, so they were sent again."),
            ),
        ),
    ),
    Sample(
        "korean-http",
        N_("An HTTP response in Korean, put together from several segments"),
        ("inspector http {file} --detail 1",),
        (
            (
                N_("Which header tells how the bytes become Korean text?"),
                N_("Content-Type, by its charset; without it text may be read wrongly."),
            ),
        ),
    ),
    Sample(
        "refused",
        N_("A connection that nobody accepts"),
        ("inspector diagnose {file}", "inspector packet {file} 2 --level learn"),
        (
            (
                N_("Which flag refuses the connection?"),
                N_("RST, together with ACK: nothing listens on that port."),
            ),
        ),
    ),
    Sample(
        "chat-aborted",
        N_("A chat that the server breaks off without a Close frame"),
        ("inspector diagnose {file}", "inspector messages {file}"),
        (
            (
                N_("Which close code does the application see, and which packet carries it?"),
                N_("1006, and no packet carries it: it means that no Close frame came."),
            ),
        ),
    ),
)  # fmt: skip
"""Every sample, in the order in which to study them."""
