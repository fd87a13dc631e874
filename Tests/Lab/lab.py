"""What the checks in the guest share: a client that costs no process, the kernel's view, QEMU's monitor, the tally.

SNMPv3 is for `drivers`; here requests go by SNMPv2c on loopback as the user `lab` (Tests/Lab/snmpd.conf): one socket
and no key to make, since a net-snmp program takes a quarter of a second to start where every instruction is interpreted.
"""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

COMMUNITY = b"lab"
ORION = (1, 3, 6, 1, 4, 1, 32473, 77, 2)
DRIVER_MIB = ORION + (3,)
DRIVERS = DRIVER_MIB + (1, 2, 1)
DEVICES = DRIVER_MIB + (1, 3, 1)
DEVICE_COUNT = DRIVER_MIB + (1, 1, 4, 0)
SURVEYS = DRIVER_MIB + (1, 1, 5, 0)
MODULE_SUPPORT = DRIVER_MIB + (1, 1, 1, 0)
OPERATIONS = ORION + (2, 1, 2, 1)
LOAD, UNLOAD, RELOAD, SET_PARAMETER, BIND, UNBIND, REBIND = range(1, 8)
SUCCEEDED, FAILED = 3, 4
IF_ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX_ENTRY = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
IF_NUMBER = (1, 3, 6, 1, 2, 1, 2, 1, 0)


class Absent(Exception):
    """There is no such object or instance."""


class Refused(Exception):
    """The agent answered with this error-status (RFC 3416)."""

    NAMES = {6: "noAccess", 7: "wrongType", 8: "wrongLength", 10: "wrongValue", 11: "noCreation",
             12: "inconsistentValue", 13: "resourceUnavailable", 14: "commitFailed", 16: "authorizationError", 17: "notWritable",
             18: "inconsistentName"}

    def __init__(self, status):
        super().__init__(self.NAMES.get(status, str(status)))


class Object(tuple):
    """An object identifier as a value."""


# BER, as much as SNMPv2c needs.

def tlv(tag, content):
    length = len(content)
    if length < 128:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def encode_oid(words):
    octets = bytearray((words[0] * 40 + words[1],))
    for word in words[2:]:
        part = [word & 127]
        while word := word >> 7:
            part.append(word & 127 | 128)
        octets += bytes(reversed(part))
    return tlv(6, bytes(octets))


def encode(value):
    if value is None:
        return b"\5\0"
    if isinstance(value, bool):
        raise TypeError("a TruthValue is 1 or 2")
    if isinstance(value, int):
        return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
    if isinstance(value, tuple):
        return encode_oid(value)
    return tlv(4, value.encode() if isinstance(value, str) else value)


def items(octets):
    """The tags and contents that follow one another in `octets`."""
    at = 0
    while at < len(octets):
        tag, length, at = octets[at], octets[at + 1], at + 2
        if length & 128:
            size, at = length & 127, at + (length & 127)
            length = int.from_bytes(octets[at - size:at], "big")
        yield tag, octets[at:at + length]
        at += length


def decode_oid(octets):
    words, word = [], 0
    for octet in octets:
        word = word << 7 | octet & 127
        if not octet & 128:
            words.append(word)
            word = 0
    first = min(words[0] // 40, 2)
    return Object((first, words[0] - first * 40, *words[1:]))


def decode(tag, content):
    """An integer, octets, an Object, or None where there is none or the end."""
    if tag == 6:
        return decode_oid(content)
    if tag in (4, 0x40, 0x44):
        return content
    if tag in (5, 0x80, 0x81, 0x82):
        return None
    return int.from_bytes(content, "big", signed=tag == 2)


def varbinds(content):
    for _, pair in items(content):
        (_, name), (tag, value) = items(pair)
        yield decode_oid(name), decode(tag, value)


class Agent:
    """The agent at a port of 127.0.0.1."""

    def __init__(self, port=1161):
        self.peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.peer.connect(("127.0.0.1", port))
        self.number = 1

    def exchange(self, kind, names, first=0, second=0):
        self.number += 1
        pairs = b"".join(tlv(0x30, encode_oid(name) + encode(value)) for name, value in names)
        pdu = tlv(kind, encode(self.number) + encode(first) + encode(second) + tlv(0x30, pairs))
        message = tlv(0x30, encode(1) + tlv(4, COMMUNITY) + pdu)
        # A SET that is sent twice may be done twice.
        self.peer.settimeout(40 if kind == 0xA3 else 10)
        for _ in range(1 if kind == 0xA3 else 4):
            self.peer.send(message)
            try:
                while True:
                    (_, whole), = items(self.peer.recv(65536))
                    (_, answer) = list(items(whole))[2]
                    (_, number), (_, status), _, (_, content) = items(answer)
                    if int.from_bytes(number, "big") == self.number:
                        if status != b"\0":
                            raise Refused(int.from_bytes(status, "big"))
                        return list(varbinds(content))
            except socket.timeout:
                continue
        raise TimeoutError("the agent does not answer")

    def get(self, *names):
        """The value of one object, or the list of those of several."""
        values = [value for _, value in self.exchange(0xA0, [(name, None) for name in names])]
        if len(names) > 1:
            return values
        if values[0] is None:
            raise Absent(".".join(map(str, names[0])))
        return values[0]

    def find(self, name):
        """The value of one object; None when there is none."""
        return self.exchange(0xA0, [(name, None)])[0][1]

    def set(self, *pairs):
        self.exchange(0xA3, pairs)

    def walk(self, root):
        """What lies below `root`, by the rest of its name."""
        found, last = {}, root
        while True:
            for name, value in self.exchange(0xA5, [(last, None)], 0, 40):
                if name[:len(root)] != root or value is None:
                    return found
                found[name[len(root):]] = value
                last = name

    def column(self, entry, number):
        """A column of a table with one index."""
        return {name[0]: value for name, value in self.walk(entry + (number,)).items()}

    def row(self, entry, number, text):
        """The index of the row whose column `number` is `text`; None when there is none."""
        return next((index for index, value in self.column(entry, number).items() if value == text.encode()), None)

    def driver(self, name):
        return self.row(DRIVERS, 2, name)

    def device(self, address):
        return self.row(DEVICES, 3, address)


class Operation:
    """One row of orionOperationTable."""

    # Rows outlive the program that asked for them.
    last = time.monotonic_ns() // 1000 % 2**30

    def __init__(self, agent, kind, target, argument=""):
        Operation.last += 1
        self.agent, self.tail = agent, (3, *b"lab", Operation.last)
        self.asked = time.monotonic()
        agent.set((OPERATIONS + (3,) + self.tail, DRIVER_MIB + (3, kind)), (OPERATIONS + (4,) + self.tail, target),
                  (OPERATIONS + (5,) + self.tail, argument), (OPERATIONS + (17,) + self.tail, 4))

    @property
    def state(self):
        return self.agent.get(OPERATIONS + (6,) + self.tail)

    @property
    def result(self):
        return self.agent.get(OPERATIONS + (9,) + self.tail).decode()

    def end(self, seconds=60):
        """Waits for its end; its state then. `took` is the time since the SET, `duration` what the row says."""
        within(seconds, lambda: self.state > 2, pause=0)
        self.took = time.monotonic() - self.asked
        state, duration = self.agent.get(OPERATIONS + (6,) + self.tail, OPERATIONS + (15,) + self.tail)
        self.duration = duration / 1e6
        return state

    def forget(self):
        self.agent.set((OPERATIONS + (17,) + self.tail, 6))


# The guest.

def monitor(command):
    """A command for QEMU's monitor."""
    Path("/run/monitor").write_text(command + "\n")


def read(path):
    """The first line of a file of the kernel; None when it cannot be read."""
    try:
        return Path(path).read_text().partition("\n")[0]
    except OSError:
        return None


def links():
    """The kernel's interfaces: names by index."""
    found = {}
    for name in os.listdir("/sys/class/net"):
        if index := read(f"/sys/class/net/{name}/ifindex"):
            found[int(index)] = name
    return found


def link(card):
    """The name of the interface of card `card`; None when it has none."""
    wanted = f"52:54:00:00:00:{card:02x}"
    return next((name for name in links().values() if read(f"/sys/class/net/{name}/address") == wanted), None)


def target(path):
    """The last part of what a symbolic link leads to; None when there is none."""
    try:
        return os.path.basename(os.readlink(path))
    except OSError:
        return None


def run(*command, check=True):
    return subprocess.run(command, check=check, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def ip(line):
    return run("ip", *line.split())


def batch(lines):
    """Commands of ip, one a line, by one process."""
    subprocess.run(["ip", "-batch", "-"], check=True, text=True, input=lines + "\n")


def ip_json(line):
    return json.loads(ip(line))


def load(agent, *drivers):
    for driver in drivers:
        Operation(agent, LOAD, (0, 0), driver).end()


def oriond():
    """The number of oriond's process."""
    return int(read("/tmp/lab/run/oriond.pid").split()[0])


def audit(verb="show"):
    return run(f"/proc/{oriond()}/exe", "audit", verb, "--state-directory", "/tmp/lab/state", check=False)


def restart(*prefix, how=signal.SIGTERM):
    """Ends oriond and starts it as it was started, with `prefix` before its command; waits until it looked around."""
    number = oriond()
    words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")[:-1]
    # A prefix of the last time stays behind.
    words = words[next(place for place, word in enumerate(words) if word.endswith(b"/oriond")):]
    os.kill(number, how)
    within(30, lambda: not read(f"/proc/{number}/cmdline"))
    with open("/tmp/lab/log/oriond.log", "ab") as log:
        process = subprocess.Popen([*prefix, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   start_new_session=True)
    stat = Path(f"/proc/{process.pid}/stat").read_text()
    Path("/tmp/lab/run/oriond.pid").write_text(f"{process.pid} {stat.rpartition(')')[2].split()[19]}\n")
    agent = Agent()

    def has_looked_around():
        try:
            return agent.find(SURVEYS)
        except Refused:
            # snmpd may have asked the session that is gone.
            return None

    return within(60, has_looked_around, 0.1)


def within(seconds, condition, pause=0.02):
    """Waits until `condition` holds: what it answered, or None when it never did."""
    end = time.monotonic() + seconds
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > end:
            return None
        time.sleep(pause)


# The tally. `drivers` counts the lines.

started = time.monotonic()


def check(name, holds, found=None):
    """Prints whether a check has passed; `found` is shown when it has not. Answers whether it has."""
    print(f"{'passed' if holds else 'FAILED'}: {name} ({time.monotonic() - started:.0f} s)", flush=True)
    if not holds and found is not None:
        print(f"    found {found}", flush=True)
    return bool(holds)


def same(name, found, wanted):
    return check(name, found == wanted, f"{found!r}, not {wanted!r}")


def figure(name, value):
    """Prints something measured."""
    print(f"figure: {name}: {value}", flush=True)
