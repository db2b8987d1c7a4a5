"""Ideas that come before any protocol: packets, layers, addresses, and what a capture is."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.report.explain.explanation import Kind
from inspector.report.explain.glossary import entry

__all__ = ["LAYER_IDEAS"]

_WORDS = ("RFC 1122", "1.3.3")
_LAYERS = ("RFC 1122", "1.1.3")

LAYER_IDEAS = (
    entry(Kind.IDEA, "packet", N_("packet"),
        N_("One unit that is sent at once: a header that says where to and what kind, and the payload behind it. Here it is one "
           "captured record, numbered from 1 as Wireshark does."), (_WORDS,), filter="frame.number == 1",
        also=("segment", "datagram", "frame", "encapsulation")),
    entry(Kind.IDEA, "segment", N_("segment (TCP)"),
        N_("What TCP hands to IP: a TCP header and a piece of the byte stream. Where the pieces are cut means nothing: one "
           "message may lie in several segments, and several in one."), (_WORDS, ("RFC 9293", "3.1")), filter="tcp",
        names=("TCP segment", "TCP segment of a reassembled PDU", "세그먼트"), also=("MSS", "sequence number", "packet")),
    entry(Kind.IDEA, "datagram", N_("datagram"),
        N_("A unit that is delivered by itself or not at all, with no connection and no order: an IP packet, or a UDP header with "
           "its data."), (_WORDS, ("RFC 768", "")), filter="udp", names=("UDP datagram", "데이터그램"), also=("udp", "ipv4", "IP "
               "fragment")),
    entry(Kind.IDEA, "Ethernet frame", N_("Ethernet frame"),
        N_("What travels on the local network: destination, source and type, the packet, and a check sequence that the network card "
           "takes off. Not to be confused with a frame of WebSocket or HTTP/2."), (("IEEE 802.3", "3.1"),), filter="eth",
        names=("link-layer frame", "프레임"), also=("ethernet", "FCS", "frame")),
    entry(Kind.IDEA, "header and payload", N_("header and payload"),
        N_("The header is for the layer itself, the payload is what it carries for the layer above. The payload of IP is a TCP header "
           "with its payload, and so on."), (_WORDS,), names=("header", "payload", "헤더", "페이로드", "data"), also=("encapsulation",)),
    entry(Kind.IDEA, "encapsulation", N_("encapsulation"),
        N_("Each layer puts its own header in front of what it got from above: HTTP in TLS in TCP in IP in Ethernet. The receiver takes "
           "them off in the other order. A field of each header names the next one: EtherType, protocol, port."), (_LAYERS,),
        names=("캡슐화", "decapsulation", "tunnel"), also=("layers", "eth.type", "ip.proto")),
    entry(Kind.IDEA, "layers", N_("layers of TCP/IP and OSI"),
        N_("TCP/IP has four layers: 1 link, 2 internet, 3 transport, 4 application. OSI has seven: 1 physical, 2 data link, 3 network, "
           "4 transport, 5 session, 6 presentation, 7 application. The same number means another layer: transport is 3 in the one and "
           "4 in the other."), (_LAYERS, ("ISO/IEC 7498", "")), names=("layer", "OSI", "OSI model", "TCP/IP model", "계층", "OSI "
               "7계층", "TCP/IP 4계층"),
        also=("link layer", "internet layer", "transport layer", "application layer")),
    entry(Kind.IDEA, "link layer", N_("link layer"),
        N_("Layer 1 of TCP/IP, layers 1 and 2 of OSI: brings a packet to the next machine on the same network, by MAC address."),
            (_LAYERS,),
        names=("data link layer", "layer 1", "layer 2", "L2", "1계층", "2계층", "링크 계층", "데이터 링크 계층", "1계층 링크 계층"),
        also=("ethernet", "MAC address", "layers")),
    entry(Kind.IDEA, "internet layer", N_("internet layer"),
        N_("Layer 2 of TCP/IP, layer 3 of OSI (network layer): brings a packet through many networks to the host, by IP address. "
           "It may lose, double and reorder packets."), (_LAYERS,),
        names=("network layer", "layer 2", "layer 3", "L3", "2계층", "3계층", "인터넷 계층", "네트워크 계층", "2계층 인터넷 계층"),
        also=("ipv4", "ipv6", "IP address", "layers")),
    entry(Kind.IDEA, "transport layer", N_("transport layer"),
        N_("Layer 3 of TCP/IP, layer 4 of OSI: from program to program, by port. TCP makes a reliable stream of bytes, UDP adds "
           "nothing but ports and a checksum."), (_LAYERS,),
        names=("layer 3", "layer 4", "L3", "L4", "3계층", "4계층", "전송 계층", "3계층 전송 계층", "4계층 전송 계층"),
            also=("tcp", "udp", "port", "layers")),
    entry(Kind.IDEA, "application layer", N_("application layer"),
        N_("Layer 4 of TCP/IP, layers 5 to 7 of OSI: what the programs say to each other, as in HTTP, WebSocket and DNS."), (_LAYERS,),
        names=("layer 4", "layer 7", "L4", "L7", "4계층", "7계층", "응용 계층", "애플리케이션 계층", "4계층 응용 계층"),
            also=("HTTP", "websocket",
            "DNS", "layers")),
    entry(Kind.IDEA, "port", N_("port"),
        N_("A number of 16 bits that says which program of a host is meant. A server waits on a known one (80 HTTP, 443 HTTPS, 53 "
            "DNS), a client "
           "takes any free one: 0 to 1023 system ports, 1024 to 49151 user ports, from 49152 on dynamic (ephemeral) ones."),
        (("RFC 6335", "6"),), where=N_("The first two fields of the TCP and UDP header: source port, destination port."),
            filter="tcp.port || udp.port",
        names=("ports", "port number", "포트", "포트 번호", "well-known port", "ephemeral port", "ephemeral", "dynamic port"),
            also=("tcp.srcport", "tcp.dstport", "socket")),
    entry(Kind.IDEA, "socket", N_("socket"),
        N_("An IP address with a port: one end of a connection. Two of them and the protocol (the 5-tuple) tell one connection from "
           "all others."), (("RFC 9293", "4"),), names=("5-tuple", "five tuple", "소켓"), also=("port", "TCP connection", "websocket")),
    entry(Kind.IDEA, "IP address", N_("IP address"),
        N_("Names a network card across networks: 32 bits in IPv4, 128 in IPv6. The front part names the network, the rest the "
            "host. It stays "
           "the same on the way (but through NAT); MAC addresses change at each router."), (("RFC 791", "2.3"), ("RFC 4291", "2")),
        names=("address", "IP 주소", "아이피"), filter="ip.addr || ipv6.addr", also=("ip.src", "ip.dst", "subnet", "MAC address",
            "private address")),
    entry(Kind.IDEA, "MAC address", N_("MAC address"),
        N_("48 bits that name a network card on its local network. The first three bytes tell the maker, unless the bit 0x02 of "
            "the first byte says "
           "that it was made up; bit 0x01 means a group."), (("RFC 9542", "2"),), where=N_("The first twelve bytes of an Ethernet "
               "frame: destination, then source."),
        filter="eth.addr", names=("MAC", "hardware address", "MAC 주소", "맥 주소", "OUI"), also=("eth.dst", "eth.src", "arp")),
    entry(Kind.IDEA, "subnet", N_("subnet"),
        N_("The addresses that share the front part: 192.168.1.0/24 are those whose first 24 bits are equal, mask 255.255.255.0. "
            "Hosts in it are "
           "reached directly, all others through the router."), (("RFC 4632", "3.1"),),
        names=("subnet mask", "netmask", "CIDR", "prefix length", "서브넷", "서브넷 마스크"), also=("IP address", "router", "arp")),
    entry(Kind.IDEA, "private address", N_("private address"),
        N_("10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16: used inside, never routed on the internet. NAT puts a public one in "
            "their place."),
        (("RFC 1918", "3"),), names=("RFC 1918", "사설 주소", "사설 IP"), also=("NAT", "IP address", "link-local address")),
    entry(Kind.IDEA, "link-local address", N_("link-local address"),
        N_("fe80::/10 in IPv6, 169.254.0.0/16 in IPv4: holds on one link and no router passes it on. Every IPv6 card has one; "
            "with IPv4 it mostly "
           "means that no DHCP server answered."), (("RFC 4291", "2.5.6"), ("RFC 3927", "1")), filter="ipv6.addr == fe80::/10 || "
               "ip.addr == 169.254.0.0/16",
        names=("link-local", "fe80::", "APIPA", "링크 로컬 주소"), also=("IP address", "DHCP", "neighbor discovery")),
    entry(Kind.IDEA, "loopback", N_("loopback address"),
        N_("127.0.0.0/8 and ::1 are the machine itself: the packets never reach a network card, so only a capture on the loopback "
            "interface "
           "(lo) shows them, often with empty MAC addresses and checksums not filled in."), (("RFC 1122", "3.2.1.3"), ("RFC "
               "4291", "2.5.3")),
        filter="ip.addr == 127.0.0.0/8 || ipv6.addr == ::1", names=("localhost", "127.0.0.1", "::1", "루프백"), also=("IP address",
            "offload")),
    entry(Kind.IDEA, "unspecified address", N_("unspecified address"),
        N_("0.0.0.0 and :: stand for no address. A packet has it as its source only before its sender got one (DHCP); a server "
            "that listens there takes "
           "connections on all its addresses."), (("RFC 1122", "3.2.1.3"), ("RFC 4291", "2.5.2")), filter="ip.src == 0.0.0.0 || "
               "ipv6.src == ::",
        names=("0.0.0.0", "::"), also=("DHCP", "loopback")),
    entry(Kind.IDEA, "broadcast", N_("broadcast, multicast, unicast"),
        N_("Unicast goes to one, broadcast to all of the local network (255.255.255.255, ff:ff:ff:ff:ff:ff), multicast to those "
            "who joined a group "
           "(224.0.0.0/4, ff00::/8). Anycast is one address on several machines, of which the nearest answers. IPv6 has no broadcast."),
        (("RFC 919", "7"), ("RFC 1112", "4"), ("RFC 4291", "2")), filter="eth.ig == 1",
        names=("unicast", "multicast", "anycast", "255.255.255.255", "브로드캐스트", "멀티캐스트",
            "유니캐스트"), also=("arp", "MAC address")),
    entry(Kind.IDEA, "gratuitous ARP", N_("gratuitous ARP"),
        N_("An ARP message in which a host asks for, or announces, its own address: sender and target IP are equal. All others "
            "correct their tables, and "
           "a second owner of the address would answer."), (("RFC 5227", "2.3"),), filter="arp.isgratuitous",
        names=("ARP announcement",), also=("arp", "MAC address")),
    entry(Kind.IDEA, "neighbor discovery", N_("neighbor discovery (NDP)"),
        N_("What ARP is for IPv4, ICMPv6 does for IPv6: a solicitation (135) asks for the owner of an address, an advertisement "
            "(136) answers. Routers "
           "announce themselves and their prefix (133, 134)."), (("RFC 4861", "3"),), filter="icmpv6.type >= 133 && icmpv6.type <= 137",
        names=("NDP", "neighbour discovery", "router discovery", "SLAAC", "이웃 탐색"), also=("icmpv6", "arp", "icmpv6.type")),
    entry(Kind.IDEA, "DHCP", N_("DHCP, addresses on loan"),
        N_("A new host gets its address in four messages: Discover and Request are broadcast by the client, Offer and Ack come "
            "from the server, with mask, router, "
           "DNS servers and the time of the lease."), (("RFC 2131", "3.1"),), where=N_("UDP: from port 68 of the client to port "
               "67 of the server."),
        filter="dhcp", names=("DORA", "BOOTP", "DHCP discover", "DHCP offer", "DHCP request", "DHCP ack", "DHCP lease", "lease"),
        also=("broadcast", "unspecified address", "router")),
    entry(Kind.IDEA, "router", N_("router"),
        N_("Passes packets on from one network to another by their destination address. It takes 1 off the TTL, writes new MAC "
            "addresses, and leaves IP addresses and "
           "everything above alone. A host sends to its default gateway what is not for its own subnet."), (("RFC 1812",
               "2.2.3"), ("RFC 1122", "3.3.1")),
        names=("gateway", "default gateway", "switch", "라우터", "게이트웨이", "스위치"), also=("ip.ttl", "subnet", "traceroute", "NAT")),
    entry(Kind.IDEA, "traceroute", N_("traceroute"),
        N_("Sends packets with TTL 1, 2, 3 …: the router at which it becomes 0 drops the packet and answers with ICMP time "
            "exceeded, and so tells its address. "
           "The target itself answers otherwise."), (("RFC 1812", "5.3.1"), ("RFC 792", "")), filter="icmp.type == 11 || "
               "icmpv6.type == 3",
        names=("tracert", "tracepath"), also=("ip.ttl", "icmp", "router")),
    entry(Kind.IDEA, "NAT", N_("NAT, address translation"),
        N_("A router puts its own address and a port of its own in place of those of hosts behind it, and puts them back in the "
            "answers. It forgets a silent connection "
           "after some minutes; then nothing comes through any more."), (("RFC 3022", "2.2"),), names=("NAPT", "PAT", "port "
               "forwarding", "공유기"),
        also=("private address", "R2", "W7")),
    entry(Kind.IDEA, "firewall", N_("firewall"),
        N_("Lets packets pass by rules. What it refuses it drops without a word (the client waits and sends again), or answers "
            "with RST or ICMP (the client fails at once)."),
        (("RFC 2979", "1"),), names=("방화벽",), also=("N1", "N2", "N4", "R3")),
    entry(Kind.IDEA, "byte order", N_("byte order"),
        N_("On the network the most significant byte comes first (big endian): port 80 is 00 50. Bits are counted from the left, "
            "too: bit 0 is the highest. Most "
           "processors keep numbers the other way round."), (("RFC 791", ""),), names=("big endian", "endianness", "little "
               "endian", "network byte order", "octet", "바이트 순서", "엔디언"),
        also=("hexadecimal",)),
    entry(Kind.IDEA, "hexadecimal", N_("hexadecimal"),
        N_("One digit from 0 to f stands for four bits (a nibble), two for a byte (an octet): 0x12 is 0001 0010, as a TCP flags "
            "byte SYN and ACK. That is why "
           "bytes are written so."), (("RFC 4648", "8"),), names=("hex", "nibble", "16진수", "base16", "bit", "byte", "비트", "바이트"),
               also=("byte order", "tcp.flags")),
    entry(Kind.IDEA, "checksum", N_("checksum"),
        N_("The sum of all 16-bit words, carries added back in, with every bit turned over. The receiver adds everything up and "
            "drops what does not come out as all ones. "
           "It finds damage, not forgery."), (("RFC 1071", "1"),), where=N_("IPv4: over its own header. TCP and UDP: over header, "
               "data and a pseudo header. Ethernet has a CRC of its own."),
        why=N_("A wrong one on a packet of your own machine mostly means that the network card fills it in later (offload)."),
        names=("internet checksum", "체크섬", "검사합"), also=("pseudo header", "offload", "ip.checksum", "tcp.checksum")),
    entry(Kind.IDEA, "pseudo header", N_("pseudo header"),
        N_("Source and destination address, protocol and length: they go into the checksum of TCP and UDP but are not sent a "
            "second time. So a packet that came to the wrong "
           "host is noticed."), (("RFC 9293", "3.1"), ("RFC 8200", "8.1")), names=("pseudoheader", "의사 헤더"), also=("checksum",
               "tcp.checksum", "udp.checksum")),
    entry(Kind.IDEA, "FCS", N_("FCS, frame check sequence"),
        N_("The last four bytes of an Ethernet frame, a CRC over all of it. Network cards check it and take it off: captures "
            "hardly ever hold it, and damaged frames neither."),
        (("IEEE 802.3", "3.2.9"),), names=("CRC", "frame check sequence"), filter="eth.fcs", also=("Ethernet frame", "checksum")),
    entry(Kind.IDEA, "pcapng", N_("pcap and pcapng"),
        N_("The file formats of captures: each record is the time, the length on the wire, the length kept, and the bytes. pcapng "
            "adds interfaces, comments, names and TLS keys (the DSB, "
           "decryption secrets block)."), (("draft-ietf-opsawg-pcapng", ""), ("draft-ietf-opsawg-pcap", "")),
        names=("pcap", "capture file", "DSB", "decryption secrets block", "캡처 파일"), also=("snaplen", "captured", "key log")),
    entry(Kind.IDEA, "snaplen", N_("snaplen"),
        N_("The most bytes that are kept of each packet. What is longer is cut: the header tells its true length, and the rest is "
            "not in the file."),
        (("draft-ietf-opsawg-pcap", "4"),), filter="frame.cap_len < frame.len", names=("snapshot length",), also=("frame.cap_len", "T4")),
    entry(Kind.IDEA, "capture filter", N_("capture filter and display filter"),
        N_("A capture filter (BPF: tcp port 80) decides what is written, and what it leaves out is lost. A display filter "
            "(tcp.port == 80) chooses what is shown of a file. "
           "They are two languages."), (), names=("display filter", "BPF", "캡처 필터", "디스플레이 필터",
            "표시 필터"), also=("tcp.port", "snaplen")),
    entry(Kind.IDEA, "promiscuous mode", N_("promiscuous mode"),
        N_("The network card hands over frames for others, too. A switch mostly sends it none of these, and on Wi-Fi monitor mode "
            "would be needed."),
        (), names=("monitor mode",), also=("MAC address", "broadcast")),
    entry(Kind.IDEA, "expert information", N_("expert information of Wireshark"),
        N_("Wireshark's own remarks on packets, by weight: error, warning, note, chat. Malformed means that a dissector ran out "
            "of bytes or sense. "
            "inspector expert puts them beside the findings."), (), filter="_ws.expert",
        names=("expert info", "_ws.expert", "malformed packet", "malformed", "전문가 정보"), also=("tcp.analysis.flags",)),
)  # fmt: skip
