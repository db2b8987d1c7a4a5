"""Ideas of TCP beyond its handshake: numbers, states, congestion, and what a path can do."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.report.explain.explanation import Kind
from inspector.report.explain.glossary import entry

__all__ = ["TCP_IDEAS"]

_TCP = "RFC 9293"

TCP_IDEAS = (
    entry(Kind.IDEA, "TCP connection", N_("TCP connection"),
        N_("Two streams of bytes, one each way, between two sockets: opened by three packets, closed by FIN from each side or "
            "ended by RST. Only the two hosts know of it; "
           "on the way there are just packets."), ((_TCP, "3.3.2"),), filter="tcp.stream == 0", names=("connection", "연결"),
        also=("TCP handshake", "closing a connection", "socket", "TCP states")),
    entry(Kind.IDEA, "stream", N_("stream"),
        N_("The bytes of one direction of a TCP connection, in order and without gaps: the program reads them as a file, and "
            "knows nothing of segments. In HTTP/2 a stream "
           "is one request with its response."), ((_TCP, "3.4"), ("RFC 9113", "5")), names=("byte stream", "follow stream", "스트림"),
               also=("segment", "tcp.stream", "HTTP/2 stream")),
    entry(Kind.IDEA, "sequence number", N_("sequence number"),
        N_("Where the first byte of this segment stands in the stream. It counts bytes, modulo 2³²; SYN and FIN count as one "
            "each. The acknowledgment number is the next byte "
           "that the sender of it waits for."), ((_TCP, "3.4"),), where=N_("Bytes 4 to 7 of the TCP header; the acknowledgment "
               "number in bytes 8 to 11."),
        why=N_("The first one (ISN) is chosen at random, so that nobody can guess it. Wireshark and Inspector show them relative "
            "to it, beginning with 0."),
        filter="tcp.seq", names=("seq", "ISN", "initial sequence number", "relative sequence number", "acknowledgment number",
            "ack number", "순서 번호", "시퀀스 번호", "확인 응답 번호"),
        also=("tcp.seq", "tcp.ack", "acknowledgment")),
    entry(Kind.IDEA, "acknowledgment", N_("acknowledgment (ACK)"),
        N_("Says that everything before its number arrived. It is cumulative: one can answer many segments, and a lost one is "
            "made good by the next. A delayed one waits for data "
           "to go with, or for a second segment, less than half a second."), ((_TCP, "3.4"), (_TCP, "3.8.6.3")),
               filter="tcp.flags.ack == 1",
        names=("delayed ACK", "cumulative ACK", "확인 응답"), also=("tcp.ack", "duplicate ACK", "SACK", "Nagle")),
    entry(Kind.IDEA, "SYN/ACK", N_("SYN and ACK in one packet"),
        N_("The second packet of the handshake: the server takes the connection, tells its own first sequence number (SYN) and "
            "acknowledges the client's (ACK)."),
        ((_TCP, "3.5"),), where=N_("Flags 0x012 in the TCP header."), filter="tcp.flags.syn == 1 && tcp.flags.ack == 1",
        names=("SYN-ACK", "SYN+ACK", "SYN,ACK", "SYN, ACK", "[SYN, ACK]", "SYNACK", "0x012"), also=("TCP handshake", "tcp.flags")),
    entry(Kind.IDEA, "duplicate ACK", N_("duplicate ACK"),
        N_("The same acknowledgment again, without data: a later segment came, and the one that is waited for did not. After "
            "three of them the sender sends it again without waiting "
           "for its timeout (fast retransmit)."), (("RFC 5681", "2"), ("RFC 5681", "3.2")), filter="tcp.analysis.duplicate_ack",
        names=("dup ack", "TCP Dup ACK", "duplicate acknowledgment", "tcp.analysis.duplicate_ack", "중복 ACK"),
            also=("tcp.analysis.duplicate_ack_num", "retransmission", "SACK")),
    entry(Kind.IDEA, "out of order", N_("out of order"),
        N_("A segment that comes behind a later one: another path, or a hole that is filled. TCP puts them in order again; the "
            "application notices a pause at most."),
        ((_TCP, "3.10.7.4"),), filter="tcp.analysis.out_of_order", names=("reordering", "TCP Out-Of-Order", "순서 바뀜"),
            also=("tcp.analysis.out_of_order", "duplicate ACK", "N7")),
    entry(Kind.IDEA, "packet loss", N_("packet loss"),
        N_("A packet that does not arrive: a full queue in a router, a bad radio link, a firewall. TCP notices by missing "
            "acknowledgments and sends it again; UDP does nothing."),
        (("RFC 5681", "3.1"),), filter="tcp.analysis.lost_segment || tcp.analysis.retransmission", names=("loss", "패킷 손실", "손실"),
            also=("retransmission", "congestion control", "N6")),
    entry(Kind.IDEA, "sliding window", N_("sliding window"),
        N_("The bytes that a sender may have on the way: those from the last acknowledged one up to the receiver's window. Each "
            "acknowledgment pushes the window on, so that "
           "data flow without a pause."), ((_TCP, "3.8.6"), (_TCP, "3.4")), filter="tcp.window_size",
        names=("window", "window size", "TCP window", "윈도우", "윈도우 크기", "슬라이딩 윈도우"), also=("flow control",
            "tcp.window_size",
            "bytes in flight")),
    entry(Kind.IDEA, "bytes in flight", N_("bytes in flight"),
        N_("What was sent and is not acknowledged yet. It never exceeds the smaller of the receiver's window and the congestion "
            "window."), (("RFC 5681", "2"),),
        filter="tcp.analysis.bytes_in_flight", names=("flight size",), also=("sliding window", "congestion control",
            "bandwidth-delay product")),
    entry(Kind.IDEA, "zero window probe", N_("zero window probe"),
        N_("The receiver's window is 0, and the sender asks now and then, with one byte, whether it opened. Without it both would "
            "wait for ever if the packet that opens the window got lost."),
        ((_TCP, "3.8.6.1"),), filter="tcp.analysis.zero_window_probe", names=("window probe", "persist timer"), also=("flow "
            "control", "C2")),
    entry(Kind.IDEA, "congestion control", N_("congestion control"),
        N_("The sender's own brake, so that the network does not choke: a congestion window (cwnd) that no packet carries. It "
            "doubles each round trip at first (slow start), then grows by "
           "one segment a round trip (congestion avoidance), and shrinks at a loss."), (("RFC 5681", "3.1"),),
        why=N_("Flow control protects the receiver, congestion control the network: the smaller window holds. A new connection is "
            "slow for some round trips whatever the line can do."),
        names=("cwnd", "congestion window", "slow start", "congestion avoidance", "ssthresh", "fast recovery", "AIMD", "CUBIC",
            "혼잡 제어", "혼잡 윈도우", "느린 시작", "혼잡 회피"),
        also=("flow control", "packet loss", "ECN")),
    entry(Kind.IDEA, "ECN", N_("ECN, congestion told instead of dropped"),
        N_("A router marks a packet as having met congestion in place of dropping it. The receiver tells the sender (ECE), who "
            "slows down and says so (CWR)."),
        (("RFC 3168", "5"), ("RFC 3168", "6.1")), where=N_("The last two bits of DSCP's byte in the IP header, and the flags ECE "
            "and CWR of TCP."),
        filter="ip.dsfield.ecn == 3 || tcp.flags.ece == 1 || tcp.flags.cwr == 1", names=("explicit congestion notification", "혼잡 "
            "알림"), also=("congestion control", "ip.dsfield.ecn", "tcp.flags.ece")),
    entry(Kind.IDEA, "Nagle", N_("Nagle's algorithm"),
        N_("A small segment is held back while an earlier one is not acknowledged, so that small writes go together. With the "
            "other side's delayed acknowledgment it can cost 40 to 200 ms; "
           "TCP_NODELAY switches it off."), ((_TCP, "3.7.4"),), names=("Nagle's algorithm", "TCP_NODELAY"),
               also=("acknowledgment", "segment")),
    entry(Kind.IDEA, "TCP states", N_("states of a TCP connection"),
        N_("LISTEN waits for a SYN; SYN-SENT and SYN-RECEIVED are within the handshake; ESTABLISHED is open. Who closes first "
            "goes through FIN-WAIT-1, FIN-WAIT-2 and TIME-WAIT, the other "
           "through CLOSE-WAIT and LAST-ACK; CLOSING when both close at once; then CLOSED."), ((_TCP, "3.3.2"),),
        where=N_("In no packet: each host keeps its own (ss -tan lists them); the flags move them on."),
        why=N_("Many in CLOSE-WAIT: the application does not close its sockets. Many in SYN-SENT: nobody answers."),
        names=("LISTEN", "SYN_SENT", "SYN-SENT", "SYN_RCVD", "SYN-RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
            "FIN-WAIT-1", "FIN-WAIT-2", "FIN_WAIT", "CLOSE_WAIT", "CLOSE-WAIT", "CLOSING",
               "LAST_ACK", "LAST-ACK", "CLOSED", "TCP state", "state machine", "상태", "TCP 상태"), also=("TIME_WAIT", "TCP "
                   "handshake", "closing a connection")),
    entry(Kind.IDEA, "TIME_WAIT", N_("TIME-WAIT, waiting after the close"),
        N_("Who sent the first FIN remembers the connection for twice the maximum segment lifetime (MSL; 60 s in all on Linux): "
            "its last ACK may have to be sent again, and late segments must not get "
           "into a new connection."), ((_TCP, "3.6"), (_TCP, "3.3.2")), names=("TIMEWAIT", "TIME-WAIT", "MSL", "2MSL", "time "
               "wait"), also=("TCP states", "port reuse", "R5")),
    entry(Kind.IDEA, "port reuse", N_("port reuse"),
        N_("A new connection between the same addresses and ports as an earlier one. That is allowed once the old one is over; "
            "within TIME-WAIT the other side may answer with an acknowledgment of the "
           "old one instead."), ((_TCP, "3.6"),), filter="tcp.analysis.reused_ports", names=("reused ports", "TCP Port numbers "
               "reused", "SO_REUSEADDR"), also=("tcp.analysis.reused_ports", "TIME_WAIT", "R5")),
    entry(Kind.IDEA, "half-open", N_("half open, half closed"),
        N_("Half open: one side lost the connection (crash, restart, NAT) and the other does not know; its next segment is "
            "answered by RST. Half closed: one side sent FIN and still receives, which is in order."),
        ((_TCP, "3.5.1"), (_TCP, "3.6.1")), names=("half open", "half-open connection", "half close", "반개방"),
            also=("half_closed", "R4", "closing a connection")),
    entry(Kind.IDEA, "simultaneous open", N_("simultaneous open"),
        N_("Both sides send a SYN at the same time and acknowledge each other's: one connection comes of it, in four packets. "
            "Rare; hole punching through NAT uses it."), ((_TCP, "3.5"),), also=("TCP handshake", "NAT")),
    entry(Kind.IDEA, "four-way close", N_("closing in four packets"),
        N_("FIN, its ACK, the other FIN, its ACK. They are often three, when the second side closes at once and sends ACK and FIN "
            "together."), ((_TCP, "3.6"),), filter="tcp.flags.fin == 1",
        names=("4-way handshake", "four-way handshake", "FIN/ACK", "FIN, ACK", "[FIN, ACK]", "4방향 핸드셰이크", "4-way "
            "핸드셰이크", "연결 "
            "종료"), also=("closing a connection", "half-open", "TIME_WAIT")),
    entry(Kind.IDEA, "TCP options", N_("TCP options"),
        N_("What stands behind the fixed 20 bytes, up to 40 more: kind, length, value; end (0) and no-operation (1) are single "
            "bytes, the latter a filler so that the next option begins at a multiple of four."),
        ((_TCP, "3.1"), (_TCP, "3.2")), filter="tcp.options", names=("TCP option", "NOP", "EOL", "no-operation"), also=("MSS",
            "window scaling", "SACK", "TCP timestamps", "tcp.options")),
    entry(Kind.IDEA, "TCP timestamps", N_("TCP timestamps"),
        N_("Each segment carries a clock value of its sender (TSval) and echoes the last one of the other side (TSecr). It "
            "measures round trips, and tells old segments from new ones when sequence "
           "numbers wrap (PAWS)."), (("RFC 7323", "3"), ("RFC 7323", "5")), where=N_("TCP option 8, ten bytes."),
               filter="tcp.options.timestamp.tsval",
        names=("timestamps", "TSval", "TSecr", "PAWS", "timestamp option"), also=("round-trip time", "tcp.options.timestamp.tsval")),
    entry(Kind.IDEA, "TCP Fast Open", N_("TCP Fast Open"),
        N_("A client that got a cookie earlier sends data already with its SYN, and so saves a round trip."), (("RFC 7413",
            "3"),), where=N_("TCP option 34: empty asks for a cookie, otherwise it holds it."),
        filter="tcp.option_kind == 34", names=("TFO",), also=("TCP handshake", "tcp.options.tfo.cookie")),
    entry(Kind.IDEA, "MPTCP", N_("Multipath TCP"),
        N_("One connection over several paths, such as Wi-Fi and mobile: each path is a TCP connection of its own (subflow), "
            "joined by keys that the first handshake exchanged."), (("RFC 8684", "2"),),
        where=N_("TCP option 30, with a subtype."), filter="tcp.option_kind == 30", names=("multipath TCP", "subflow"),
            also=("tcp.options.mptcp.subtype", "TCP options")),
    entry(Kind.IDEA, "SYN flood", N_("SYN flood and SYN cookies"),
        N_("Many SYNs with forged senders fill the server's table of half-finished handshakes (backlog). With SYN cookies it "
            "keeps nothing: its sequence number holds all that it has to know when the ACK comes."),
        (("RFC 4987", "2"), ("RFC 4987", "3.6")), filter="tcp.flags.syn == 1 && tcp.flags.ack == 0", names=("SYN cookies", "SYN "
            "cookie", "backlog", "SYN 플러드"), also=("TCP handshake", "N3")),
    entry(Kind.IDEA, "throughput", N_("throughput, bandwidth, latency"),
        N_("Bandwidth is what the line could carry per second, throughput what really went over it, goodput only what was of use "
            "(no headers, no resends). Latency is the time on the way, jitter how much it varies."),
        (("RFC 1242", "3.17"), ("RFC 1242", "3.8"), ("RFC 3393", "1.1")), names=("bandwidth", "goodput", "latency", "delay",
            "jitter", "처리량", "대역폭", "지연", "지터"), also=("round-trip time", "bandwidth-delay product")),
    entry(Kind.IDEA, "bandwidth-delay product", N_("bandwidth-delay product"),
        N_("Bandwidth times round-trip time: the bytes that must be on the way to fill the line. 100 Mbit/s and 100 ms need 1.25 "
            "MB; without window scaling 64 KiB are the limit, and 5 Mbit/s all that can be had."),
        (("RFC 7323", "1.1"),), names=("BDP", "bandwidth delay product"), also=("window scaling", "bytes in flight", "throughput")),
    entry(Kind.IDEA, "head-of-line blocking", N_("head-of-line blocking"),
        N_("One thing that is late holds up what stands behind it: in HTTP/1.1 the next response of the connection, in TCP all "
            "later bytes behind a lost segment, so with HTTP/2 all its streams. "
           "QUIC does away with the latter."), (("RFC 9113", "1"), ("RFC 9000", "2")), names=("HOL blocking", "HOL"),
               also=("pipelining", "HTTP/2", "QUIC")),
)  # fmt: skip
