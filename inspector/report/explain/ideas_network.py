"""Ideas of TCP, IP and TLS."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.model.finding import Text
from inspector.refs import Ref
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["NETWORK_IDEAS"]

_TCP = "RFC 9293"

NETWORK_IDEAS = (
    Explanation(
        kind=Kind.IDEA,
        term="TCP handshake",
        title=N_("TCP handshake"),
        what=Text(N_(
            "Three packets open a connection: SYN, SYN with ACK, ACK. Each side tells its first sequence number and has "
            "it acknowledged. Options such as MSS and window scale are told in the two SYNs and nowhere else."
        )),
        where=Text(N_("The flags of the first three packets of a connection.")),
        why=Text(N_(
            "Who sends the SYN is the client. The time between SYN and its answer is a round trip without any work of "
            "the application, and a capture that lacks the handshake lacks the options, too."
        )),
        refs=(Ref(_TCP, "3.5"),),
        filter="tcp.flags.syn == 1",
        names=(
            "handshake", "three-way handshake", "3-way handshake", "핸드쉐이크", "3방향 핸드셰이크", "3-way 핸드셰이크",
            "3방향 핸드쉐이크",
        ),
        also=("SYN", "window scaling", "N1", "N2", "WebSocket handshake", "TLS handshake"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="closing a connection",
        title=N_("closing a connection"),
        what=Text(N_(
            "Each side sends FIN when it has no more to send, and the other acknowledges it: each direction ends on its "
            "own. RST ends both at once, and what was on the way is lost."
        )),
        where=Text(N_("The flags FIN and RST of the TCP header.")),
        why=Text(N_("Who sent the first FIN or RST, and what came right before it, tells who ended the connection.")),
        refs=(Ref(_TCP, "3.6"), Ref(_TCP, "3.5.2")),
        filter="tcp.flags.fin == 1 || tcp.flags.reset == 1",
        names=("reset", "teardown"),
        also=("FIN", "RST", "closed", "R1", "R2"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="retransmission",
        title=N_("retransmission"),
        what=Text(N_(
            "A segment that is not acknowledged is sent again: after a timeout (RTO), or at once when duplicate "
            "acknowledgments or SACK show that later ones arrived."
        )),
        where=Text(N_("Not marked in the packet: the same sequence numbers come again.")),
        why=Text(N_(
            "Each one means a lost, late or doubled packet. Waiting for the timeout takes a second at least by the "
            "standard, 0.2 s on Linux; the application sees a pause."
        )),
        refs=(Ref("RFC 6298", "5"), Ref("RFC 5681", "3.2")),
        filter="tcp.analysis.retransmission",
        names=("resend", "RTO", "fast retransmit", "fast retransmission", "TCP Retransmission"),
        also=("tcp.analysis.rto", "SACK", "DSACK", "N6"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="round-trip time",
        title=N_("round-trip time"),
        what=Text(N_(
            "The time from sending a segment until its acknowledgment is back. Segments that were sent twice do not "
            "count, since nobody knows which one was acknowledged (Karn's algorithm)."
        )),
        why=Text(N_("Every question with its answer costs at least one; a far path cannot be made faster by the server.")),
        refs=(Ref("RFC 6298", "3"),),
        filter="tcp.analysis.ack_rtt",
        names=("RTT",),
        also=("tcp.analysis.initial_rtt", "N5"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="flow control",
        title=N_("flow control"),
        what=Text(N_(
            "The receiver tells with every segment how many more bytes it can take in. A window of 0 stops the sender "
            "until it opens again; the sender probes now and then."
        )),
        where=Text(N_("The field window of the TCP header, times the scale of the handshake.")),
        why=Text(N_("A window that closes says that the receiving application does not read; the network is not at fault.")),
        refs=(Ref(_TCP, "3.8.6"),),
        filter="tcp.analysis.zero_window",
        names=("zero window", "receive window", "rwnd", "TCP ZeroWindow", "흐름 제어"),
        also=("window scaling", "tcp.window_size_value", "C2", "S3"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="window scaling",
        title=N_("window scaling"),
        what=Text(N_(
            "The window field has 16 bits, at most 65535 bytes. Each side tells in its SYN by how many bits its windows "
            "are to be shifted, at most 14. It holds only when both SYNs have the option, and never for the SYN itself."
        )),
        where=Text(N_("TCP option 3, in the two SYNs only.")),
        why=Text(N_("Without the handshake in the capture the true window is unknown, and no window can be called full.")),
        refs=(Ref("RFC 7323", "2.2"), Ref("RFC 7323", "2.3")),
        filter="tcp.options.wscale.shift",
        names=("window scale", "wscale"),
        also=("tcp.options.wscale.shift", "flow control", "T6"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="SACK",
        title=N_("SACK, selective acknowledgment"),
        what=Text(N_(
            "The acknowledgment number can tell only the first missing byte. With SACK the receiver also tells which "
            "blocks behind the hole arrived, so that only the hole is sent again."
        )),
        where=Text(N_("TCP option 5, up to four blocks; option 4 in both SYNs allows it.")),
        why=Text(N_("It shows exactly what was lost on the way to the one who sends it.")),
        refs=(Ref("RFC 2018", "3"),),
        filter="tcp.options.sack_le",
        names=("selective acknowledgment", "SACK permitted", "tcp.options.sack_perm"),
        also=("DSACK", "retransmission", "N6"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="DSACK",
        title=N_("DSACK, duplicate SACK"),
        what=Text(N_(
            "The first SACK block tells bytes that arrived twice: it lies below the acknowledgment number, or within "
            "the second block."
        )),
        where=Text(N_("The first block of TCP option 5.")),
        why=Text(N_(
            "It proves that a resend was not needed: the first copy or its acknowledgment was late, or the network "
            "doubled a packet."
        )),
        refs=(Ref("RFC 2883", "4"),),
        filter="tcp.options.sack.dsack",
        names=("duplicate SACK", "D-SACK"),
        also=("SACK", "tcp.analysis.spurious_retransmission"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="MSS",
        title=N_("MSS, maximum segment size"),
        what=Text(N_(
            "The most bytes of data that a side takes in one segment, as it tells in its SYN; 1460 on Ethernet with "
            "IPv4. The two sides may tell different numbers."
        )),
        where=Text(N_("TCP option 2, in the SYNs only.")),
        why=Text(N_("Segments larger than this in a capture were cut by the network card only later (offload).")),
        refs=(Ref(_TCP, "3.7.1"),),
        filter="tcp.options.mss_val",
        names=("maximum segment size",),
        also=("tcp.options.mss_val", "MTU", "T5"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="MTU",
        title=N_("MTU, largest packet of a link"),
        what=Text(N_(
            "The most bytes that one IP packet may have on a link: 1500 on Ethernet, less in tunnels. A larger one is cut "
            "into fragments or, where that is forbidden, dropped and answered with an ICMP error that names the MTU."
        )),
        where=Text(N_("ICMP type 3 code 4, and ICMPv6 type 2.")),
        why=Text(N_("Where that ICMP error is filtered, small packets pass and large ones vanish: a black hole.")),
        refs=(Ref("RFC 1191", "3"), Ref("RFC 8201", "3")),
        filter="icmp.type == 3 && icmp.code == 4 || icmpv6.type == 2",
        names=("path MTU", "path MTU discovery", "PMTUD", "black hole", "packet too big"),
        also=("N8", "MSS", "IP fragment"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="IP fragment",
        title=N_("IP fragment"),
        what=Text(N_(
            "A datagram that is too large for a link is sent in pieces with one identification; offset and more-fragments "
            "tell their places. Only the first piece has the TCP or UDP header; the receiver puts them together."
        )),
        where=Text(N_("The second 32 bits of the IPv4 header; in IPv6 a header of its own.")),
        why=Text(N_("When one piece is lost, the whole datagram is; some firewalls drop all but the first.")),
        refs=(Ref("RFC 791", "3.2"), Ref("RFC 8200", "4.5")),
        filter="ip.flags.mf == 1 || ip.frag_offset > 0 || ipv6.fraghdr",
        names=("IP fragmentation", "fragment", "단편화", "조각화", "조각"),
        also=("MTU", "WebSocket fragment"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="keep-alive",
        title=N_("TCP keep-alive"),
        what=Text(N_(
            "After a long silence one side sends a segment below the expected sequence number; a living other side "
            "acknowledges at once. By default the silence is two hours and it has to be switched on."
        )),
        why=Text(N_("It comes too late for proxies and NATs that forget a connection after a minute: use WebSocket pings.")),
        refs=(Ref(_TCP, "3.8.4"),),
        filter="tcp.analysis.keep_alive",
        also=("ping", "W7", "R2"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="offload",
        title=N_("offload"),
        what=Text(N_(
            "The network card cuts large segments, joins small ones and fills in checksums. A capture on the same machine "
            "sees the packets before or after that."
        )),
        why=Text(N_("Segments larger than the MSS and wrong checksums of sent packets are then no fault of the traffic.")),
        refs=(Ref(_TCP, "3.7.1"),),
        names=("TSO", "GRO", "checksum offload"),
        also=("T5", "MSS"),
    ),
    Explanation(
        kind=Kind.IDEA,
        term="TLS handshake",
        title=N_("TLS handshake"),
        what=Text(N_(
            "ClientHello offers versions, cipher suites, the server's name (SNI) and protocols (ALPN); ServerHello "
            "chooses. The server shows its certificate, and both have keys; in TLS 1.3 this takes one round trip."
        )),
        where=Text(N_("Records of type 22 behind the TCP handshake; in TLS 1.3 encrypted after the ServerHello.")),
        why=Text(N_("Nothing of HTTP or WebSocket is visible before it is done, and afterwards only with the keys.")),
        refs=(Ref("RFC 8446", "2"),),
        filter="tls.handshake",
        names=("SSL handshake",),
        also=("ClientHello", "ServerHello", "SNI", "ALPN", "tls_record", "L1", "L2", "L3", "1015"),
    ),
)  # fmt: skip
