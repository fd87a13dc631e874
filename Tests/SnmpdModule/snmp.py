"""Just enough of SNMP to send requests and read answers: BER over v1 and v2c, one datagram at a time."""

import socket
import time

GET, GETNEXT, RESPONSE, SET, GETBULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
END_OF_MIB_VIEW = 0x82


def oid(text):
    return tuple(int(part) for part in text.strip(".").split("."))


def dotted(name):
    return ".".join(map(str, name))


def tlv(tag, content):
    length = len(content)
    if length < 128:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def integer(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def name_tlv(name):
    content = bytearray()
    for part in (name[0] * 40 + name[1],) + tuple(name[2:]):
        group = [part & 127]
        while part > 127:
            part >>= 7
            group.append(part & 127 | 128)
        content += bytes(reversed(group))
    return tlv(6, bytes(content))


def message(community, command, request_id, first, second, names, values=None, version=1):
    """`first` and `second` are error-status and error-index, in a GETBULK non-repeaters and max-repetitions."""
    values = values or [tlv(5, b"")] * len(names)
    varbinds = b"".join(tlv(0x30, name_tlv(name) + value) for name, value in zip(names, values))
    pdu = tlv(command, integer(request_id) + integer(first) + integer(second) + tlv(0x30, varbinds))
    return tlv(0x30, integer(version) + tlv(4, community.encode()) + pdu)


def split(data, at=0):
    """One element: its tag, its content, and where the next begins."""
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 128:
        octets = length & 127
        length = int.from_bytes(data[at : at + octets], "big")
        at += octets
    if at + length > len(data):
        raise ValueError("truncated")
    return tag, data[at : at + length], at + length


def parts(data):
    at = 0
    while at < len(data):
        tag, content, at = split(data, at)
        yield tag, content


def parse_name(content):
    name, part = [], 0
    for octet in content:
        part = part << 7 | octet & 127
        if not octet & 128:
            name.append(part)
            part = 0
    first = min(name[0] // 40, 2)
    return (first, name[0] - first * 40) + tuple(name[1:])


class Answer:
    """A parsed Response: request id, error, and varbinds as (name, tag, content)."""

    def __init__(self, data):
        _, content, _ = split(data)
        _, _, (_, pdu) = parts(content)
        (_, request), (_, status), (_, index), (_, varbinds) = parts(pdu)
        self.request_id = int.from_bytes(request, "big", signed=True)
        self.error = int.from_bytes(status, "big", signed=True)
        self.index = int.from_bytes(index, "big", signed=True)
        self.varbinds = []
        for _, varbind in parts(varbinds):
            (_, name), (tag, value) = parts(varbind)
            self.varbinds.append((parse_name(name), tag, value))


class Client:
    """Sends to one agent over UDP, a Unix socket or IPv6, and matches answers by request id."""

    def __init__(self, address, family=socket.AF_INET):
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.connect(address)
        self.request_id = 0

    def exchange(self, data, request_id, timeout=5.0):
        """The raw answer, or None."""
        self.socket.send(data)
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                answer = self.socket.recv(65536)
            except (TimeoutError, ConnectionRefusedError):
                return None
            if Answer(answer).request_id == request_id:
                return answer
        return None

    def ask(self, community, command, names, first=0, second=0, values=None, timeout=5.0):
        self.request_id += 1
        data = message(community, command, self.request_id, first, second, names, values)
        answer = self.exchange(data, self.request_id, timeout)
        return Answer(answer) if answer else None

    def walk(self, community, root, repetitions=25, limit=100000):
        """GETBULKs until the subtree or the MIB ends. Raises ValueError when an answer goes backwards."""
        name, found = root, []
        while len(found) < limit:
            answer = self.ask(community, GETBULK, [name], 0, repetitions)
            if answer is None or answer.error:
                raise OSError("no answer" if answer is None else f"error {answer.error}")
            for next_name, tag, value in answer.varbinds:
                if tag == END_OF_MIB_VIEW or next_name[: len(root)] != root:
                    return found
                if next_name <= name:
                    raise ValueError(f"{dotted(next_name)} after {dotted(name)}")
                found.append((next_name, tag, value))
                name = next_name
        return found
