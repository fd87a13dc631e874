"""Who sent a request, as the subagent learns it."""

import concurrent.futures
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.parse

import lab
import tables
from snmp import GET, GETBULK, GETNEXT, SET, Answer, Client, dotted, integer, message

MARKER = b"\xfforion1;"
TARGET = tables.ROOT + (1, 1, 1, 1)
ODD = "a b;u=%41lice\u00e9"
ROUNDS = 1000 if os.environ.get("ORION_FULL") else 15


def parse(record):
    """The fields of a record, percent-decoded to bytes."""
    if not record.startswith(MARKER):
        raise ValueError(record)
    fields = dict(field.split("=", 1) for field in record[len(MARKER):].decode("ascii").split(";"))
    return {key: urllib.parse.unquote_to_bytes(value) for key, value in fields.items()}


def snmpset(snmpd, user, name, value, *options, address=None, seconds=5):
    """By net-snmp's tool: users alice (authPriv), bob (authNoPriv), carol (authNoPriv), noauth."""
    level = {"alice": ("authPriv", "-A", "alicealice", "-a", "SHA", "-X", "alicealice", "-x", "AES"),
             "bob": ("authNoPriv", "-A", "bobbobbob", "-a", "SHA"),
             "carol": ("authNoPriv", "-A", "carolcarol", "-a", "SHA")}.get(user, ("noAuthNoPriv",))
    command = ["snmpset", "-v3", "-u", user, "-l", *level, "-t", str(seconds), "-r", "0", "-On", *options,
               address or f"127.0.0.1:{snmpd.port}", dotted(name), "i", str(value)]
    return subprocess.run(command, env=dict(os.environ, MIBS="", SNMPCONFPATH="/x"), capture_output=True)


class Principals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.directory.name)
        extra = "com2sec everyone default s3cr3t\ncom2sec6 everyone default s3cr3t\ncom2secunix everyone default s3cr3t\n"
        extra += f'createUser "{ODD}"\ngroup g usm "{ODD}"\n'
        cls.snmpd = lab.Snmpd("principal", lab.MODULE, extra=extra)
        cls.agent = cls.snmpd.subagent(tables.write_main(cls.path / "main"), description="test orion-principal=1")
        cls.nested = cls.snmpd.subagent(tables.write_nested(cls.path / "nested"), "--big-endian", description="other")
        cls.island = cls.snmpd.subagent(tables.write_island(cls.path / "island"), description="x orion-principal=2")

    @classmethod
    def tearDownClass(cls):
        cls.snmpd.close()
        cls.directory.cleanup()

    def last(self, agent=None, kind="TestSet"):
        return (agent or self.agent).requests(kind)[-1]

    def set(self, client, value, community="s3cr3t", name=TARGET, version=1):
        client.request_id += 1
        data = message(community, SET, client.request_id, 0, 0, [name], [integer(value)], version)
        answer = client.exchange(data, client.request_id)
        return Answer(answer) if answer else None

    def test_v1_and_v2c_are_known_by_their_com2sec_name_never_by_the_community(self):
        for version, model in ((0, b"1"), (1, b"2")):
            with self.subTest(version=version):
                self.assertEqual(self.set(self.snmpd.client, 5, version=version).error, 0)
                request = self.last()
                record = parse(request["context"])
                self.assertNotIn(b"s3cr3t", request["context"])
                port = str(self.snmpd.client.socket.getsockname()[1])
                expected = {"r": str(self.snmpd.client.request_id), "t": request["transaction"], "v": str(version),
                            "u": "everyone", "l": "1", "c": "", "a": f"udp:127.0.0.1:{port}"}
                self.assertEqual(record, {"m": model, **{key: value.encode() for key, value in expected.items()}})

    def test_v3_users_are_known_by_name_and_level(self):
        for user, level in (("alice", b"3"), ("bob", b"2"), ("noauth", b"1")):
            with self.subTest(user=user):
                self.assertEqual(snmpset(self.snmpd, user, TARGET, 1).returncode, 0)
                record = parse(self.last()["context"])
                self.assertEqual((record["u"], record["v"], record["m"], record["l"]), (user.encode(), b"3", b"3", level))

    def test_peers_of_every_transport_are_named(self):
        client = Client(("::1", self.snmpd.port), socket.AF_INET6)
        self.assertEqual(self.set(client, 1).error, 0)
        port = client.socket.getsockname()[1]
        self.assertEqual(parse(self.last()["context"])["a"], f"udp6:[::1]:{port}".encode())
        client.socket.close()
        for address, expected in ((f"tcp:127.0.0.1:{self.snmpd.port}", b"tcp:127.0.0.1:"),
                                  (f"unix:{self.snmpd.directory}/snmp", f"unix:{self.snmpd.directory}/snmp".encode())):
            with self.subTest(address=address):
                self.assertEqual(snmpset(self.snmpd, "alice", TARGET, 1, address=address).returncode, 0)
                self.assertTrue(parse(self.last()["context"])["a"].startswith(expected), self.last()["context"])

    def test_concurrent_sets_of_three_senders_are_each_attributed_to_the_right_one(self):
        before = len(self.agent.requests("TestSet"))
        senders = {b"alice": 1, b"bob": 2, b"everyone": 3}

        def send(user):
            client = Client(("127.0.0.1", self.snmpd.port))
            for round_ in range(ROUNDS):
                value = senders[user] * 100000 + round_
                if user == b"everyone":
                    self.assertEqual(self.set(client, value).error, 0)
                else:
                    self.assertEqual(snmpset(self.snmpd, user.decode(), TARGET, value).returncode, 0)
            client.socket.close()

        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(send, senders))
        found = self.agent.requests("TestSet")[before:]
        self.assertEqual(len(found), ROUNDS * len(senders))
        values = set()
        for request in found:
            value = int(request["set"].rsplit("=", 1)[1])
            values.add(value)
            self.assertEqual(senders[parse(request["context"])["u"]], value // 100000)
        self.assertEqual(len(values), len(found))

    def test_sets_sent_while_the_subagent_is_stopped_keep_their_senders(self):
        before = len(self.agent.requests("TestSet"))
        self.agent.process.send_signal(signal.SIGSTOP)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            users = ["alice", "bob"] * 4
            pending = [pool.submit(snmpset, self.snmpd, user, TARGET, 1 + (user == "bob")) for user in users]
            lab.wait_until(lambda: not any(future.done() for future in pending), "a SET was answered by nobody")
            self.agent.process.send_signal(signal.SIGCONT)
            self.assertEqual([future.result().returncode for future in pending], [0] * len(users))
        found = self.agent.requests("TestSet")[before:]
        pairs = {(parse(request["context"])["u"], request["set"].rsplit("=", 1)[1]) for request in found}
        self.assertEqual(pairs, {(b"alice", "1"), (b"bob", "2")})

    def test_only_the_first_phase_of_a_set_carries_a_context(self):
        self.set(self.snmpd.client, 1)
        *_, commit, cleanup = self.agent.requests()
        self.assertEqual((commit["kind"], commit["context"]), ("CommitSet", b""))
        self.assertEqual((cleanup["kind"], cleanup["context"]), ("CleanupSet", b""))

    def test_reads_carry_a_record_only_when_asked(self):
        self.snmpd.client.ask("all", GET, [TARGET])
        self.assertEqual(self.last(kind="Get")["context"], b"")
        for command, kind in ((GET, "Get"), (GETNEXT, "GetNext"), (GETBULK, "GetNext")):
            self.snmpd.client.ask("island", command, [tables.ROOT + (6, 1, 1)], 0, 5)
            record = parse(self.last(self.island, kind)["context"])
            self.assertEqual((record["u"], record["c"]), (b"islander", b"island"))

    def test_other_subagents_see_no_record(self):
        self.assertEqual(self.set(self.snmpd.client, 1, name=tables.NESTED + (1,)).error, 0)
        self.assertEqual(self.last(self.nested)["context"], b"")

    def test_all_pieces_of_a_registration_that_another_cuts_are_attended_to(self):
        for row in (19, 21):
            self.assertEqual(self.set(self.snmpd.client, 1, name=tables.ROOT + (1, 1, 9, row)).error, 0)
            self.assertEqual(parse(self.last()["context"])["u"], b"everyone")
            self.assertEqual(self.set(self.snmpd.client, 1, name=tables.ROOT + (1, 1, 5, row)).error, 0)
            self.assertEqual(parse(self.last()["context"])["u"], b"everyone")

    def test_a_context_name_shaped_like_a_record_reaches_nobody(self):
        forged = b"\xfforion1;r=1;t=1;v=3;u=root;m=3;l=3;c=;a=udp"
        for context in (forged, forged[:32]):
            before = len(self.agent.requests())
            self.assertNotEqual(snmpset(self.snmpd, "alice", TARGET, 1, "-n", context, seconds=1).returncode, 0)
            self.assertEqual(len(self.agent.requests()), before)

    def test_a_name_with_the_record_s_own_punctuation_arrives_whole(self):
        self.assertEqual(snmpset(self.snmpd, ODD, TARGET, 1).returncode, 0)
        self.assertEqual(parse(self.last()["context"])["u"], ODD.encode())


if __name__ == "__main__":
    unittest.main()
