"""What access control refuses in the subagent's objects, as the event socket hears it."""

import pathlib
import socket
import tempfile
import time
import unittest

import lab
import tables
from snmp import GET, GETBULK, SET, dotted, integer
from test_principal import parse, snmpset

TARGET = tables.ROOT + (1, 1, 1, 1)
SUMMARY = b"\xfforion1access;"
NATIVE = (1, 3, 6, 1, 2, 1, 1, 4, 0)


class Fixture(unittest.TestCase):
    extra = ""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.directory.name)
        self.path = str(path / "events")
        self.listen()
        self.snmpd = lab.Snmpd("refusals", lab.MODULE, extra=f"orionEventSocket {self.path}\n{self.extra}")
        self.agent = self.snmpd.subagent(tables.write_main(path / "main"), description="test orion-principal=1")
        self.nested = self.snmpd.subagent(tables.write_nested(path / "nested"), description="other")

    def listen(self):
        self.events = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.events.bind(self.path)
        self.events.settimeout(0.3)

    def tearDown(self):
        self.snmpd.close()
        self.events.close()
        self.directory.cleanup()

    def receive(self):
        """All events that are there."""
        found = []
        try:
            while True:
                event = self.events.recv(8192)
                if not event.startswith(SUMMARY):
                    found.append(parse(event))
        except TimeoutError:
            return found

    def refuse(self, name=TARGET, community="cut"):
        return self.snmpd.client.ask(community, SET, [name], values=[integer(1)])


class Refusals(Fixture):
    def test_a_refused_set_is_reported_with_its_sender_and_object(self):
        self.refuse()
        (event,) = self.receive()
        port = self.snmpd.client.socket.getsockname()[1]
        self.assertEqual((event["u"], event["k"], event["o"], event["n"]),
                         (b"cutter", b"set", dotted(TARGET).encode(), b"0"))
        self.assertEqual(event["a"], f"udp:127.0.0.1:{port}".encode())
        self.assertGreater(int(event["e"]), 0)
        self.assertNotEqual(snmpset(self.snmpd, "carol", TARGET, 1).returncode, 0)
        (event,) = self.receive()
        self.assertEqual((event["u"], event["l"], event["v"]), (b"carol", b"2", b"3"))
        self.assertEqual(self.agent.requests(), [])

    def test_a_wrong_community_is_reported_without_a_name_and_without_itself(self):
        self.snmpd.client.ask("wr0ng", SET, [NATIVE, TARGET], values=[integer(1)] * 2, timeout=0.3)
        (event,) = self.receive()
        self.assertEqual((event["u"], event["o"]), (b"", dotted(TARGET).encode()))

    def test_nothing_else_is_reported(self):
        self.refuse(NATIVE)
        self.refuse(tables.NESTED + (1,))
        self.snmpd.client.ask("all", SET, [TARGET], values=[integer(1)])
        self.snmpd.client.ask("cut", GET, [tables.ROOT + (1, 1, 3, 1)])
        self.snmpd.client.ask("cut", GETBULK, [tables.ROOT + (1, 1, 3)], 0, 10)
        self.assertEqual(self.receive(), [])

    def test_without_a_listener_snmpd_goes_on_and_counts_what_was_lost(self):
        self.events.close()
        for _ in range(3):
            self.assertGreater(self.refuse().error, 0)
        pathlib.Path(self.path).unlink()
        for _ in range(4):
            self.assertGreater(self.refuse().error, 0)
        self.listen()
        self.refuse()
        self.refuse()
        self.assertEqual([event["n"] for event in self.receive()], [b"7", b"0"])

    def test_a_listener_that_does_not_read_delays_nobody(self):
        begin = time.monotonic()
        for _ in range(200):
            self.refuse()
        self.assertLess(time.monotonic() - begin, 5)
        heard = self.receive()
        self.refuse()
        (event,) = self.receive()
        self.assertEqual(len(heard) + int(event["n"]), 200)
        self.assertGreater(int(event["n"]), 0)

    def test_the_socket_is_read_again_on_sighup(self):
        other = self.path + ".new"
        text = self.snmpd.configuration.read_text()
        self.snmpd.configuration.write_text(text.replace(self.path, other))
        self.events.close()
        self.path = other
        self.listen()
        self.snmpd.reload()
        self.refuse()
        self.assertEqual(len(self.receive()), 1)


class Access(Fixture):
    def test_what_access_control_allows_is_summarized(self):
        self.events.settimeout(8)
        while not (event := self.events.recv(8192)).startswith(SUMMARY):
            pass
        fields = [field.split(b"=") for field in event[len(SUMMARY):].split(b";")]
        figures = dict(fields[:5])
        # Every group may do something without authentication, and one may write.
        self.assertEqual((figures[b"p"], figures[b"a"], figures[b"g"], figures[b"w"]), (b"0", b"0", b"3", b"1"))
        self.assertGreater(int(figures[b"n"]), 5)
        self.assertEqual(fields[5:], [[b"u", b"g"], [b"m", b"0"], [b"l", b"1"]])


class RefusedReads(Fixture):
    extra = "orionReportReads yes\n"

    def test_a_refused_read_is_reported_once_a_request(self):
        hidden = tables.ROOT + (1, 1, 3)
        self.snmpd.client.ask("cut", GET, [hidden + (1,), hidden + (2,)])
        (event,) = self.receive()
        self.assertEqual((event["k"], event["o"]), (b"get", dotted(hidden + (1,)).encode()))
        self.snmpd.client.ask("cut", GETBULK, [hidden], 0, 10)
        (event,) = self.receive()
        self.assertEqual((event["k"], event["o"]), (b"getbulk", dotted(hidden + (1,)).encode()))


if __name__ == "__main__":
    unittest.main()
