"""GETBULK: the same bytes as without the module, in fewer round trips."""

import os
import pathlib
import tempfile
import time
import unittest

import lab
import tables
from equivalence import WISHES, Pair
from snmp import GETBULK, GETNEXT
from test_principal import parse

FULL = bool(os.environ.get("ORION_FULL"))
# Ways to answer a third of the GetBulk PDUs wrongly, or oddly but rightly; GetNext is answered well.
ODD_ANSWERS = ("short", "ragged", "empty", "surplus", "unsorted", "outside", "exception", "error", "parse-error")
# snmpd's own limit holds for AgentX messages too, so it leaves room for a question about 20 objects.
CONFIGURATIONS = {
    "as it comes": "",
    "many varbinds": "maxGetbulkResponses 1000\n",
    "answers that are cut": "maxGetbulkResponses 1000\n[snmp] sendMessageMaxSize 4096\n",
}


class Equivalence(unittest.TestCase):
    def compare(self, count, extra="", arguments=(), nested_wishes="nested"):
        with (tempfile.TemporaryDirectory() as directory,
              Pair(pathlib.Path(directory), extra, arguments, nested_wishes) as pair):
            seed = int(time.time()) if FULL else 1
            outcome = pair.compare(count, seed)
            self.assertEqual(outcome.differences, [], "\n".join(outcome.differences[:5]))
            self.assertLess(outcome.unanswered, count / 100)
            self.assertLess(outcome.ambiguous, count / 500)
            self.assertLessEqual(outcome.stuck, 1 + count / 2000)
            self.assertTrue(all(side.is_alive() for side in pair.sides))
            self.assertEqual(pair.plain.main.requests("GetBulk"), [])
            self.assertNotEqual(pair.module.main.requests("GetBulk"), [])
            self.assertEqual(bool(pair.module.nested.requests("GetBulk")), nested_wishes == WISHES)
            print(f"    {count} requests alike, seed {seed}; {outcome.unanswered} too large to answer, {outcome.ambiguous} with several "
                  f"answers, {outcome.stuck} that snmpd is stuck in; since the last of these PDUs without the module "
                  f"{len(pair.plain.main.requests())}, with {len(pair.module.main.requests())}", flush=True)

    def test_random_requests_get_the_same_bytes(self):
        for name, extra in CONFIGURATIONS.items():
            with self.subTest(configuration=name):
                self.compare(32000 if FULL else 900, extra)

    def test_a_big_endian_subagent_gives_the_same_bytes(self):
        self.compare(10000 if FULL else 300, "", ["--big-endian"])

    def test_two_subagents_that_ask_do_not_disturb_each_other(self):
        for behaviour in ("good", "empty", "short"):
            with self.subTest(behaviour=behaviour):
                self.compare(5000 if FULL else 150, "maxGetbulkResponses 500\n", ["--bulk", behaviour], WISHES)

    def test_odd_and_wrong_answers_to_getbulk_change_nothing(self):
        for behaviour in ODD_ANSWERS:
            with self.subTest(behaviour=behaviour):
                self.compare(2000 if FULL else 100, "maxGetbulkResponses 500\n", ["--bulk", behaviour])


class RoundTrips(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        path = pathlib.Path(cls.directory.name)
        cls.snmpd = lab.Snmpd("bulk", lab.MODULE, extra="maxGetbulkResponses 3000\n")
        cls.agent = cls.snmpd.subagent(tables.write_main(path / "main", rows=400), description=WISHES)
        cls.quiet = cls.snmpd.subagent(tables.write_nested(path / "nested"), description="x orion-principal=1")
        cls.island = cls.snmpd.subagent(tables.write_island(path / "island"), description=WISHES)

    @classmethod
    def tearDownClass(cls):
        cls.snmpd.close()
        cls.directory.cleanup()

    def bulk(self, names, non_repeaters=0, repetitions=25, community="all", agent=None):
        """The PDUs that one GETBULK causes."""
        agent = agent or self.agent
        before = len(agent.requests())
        self.answer = self.snmpd.client.ask(community, GETBULK, names, non_repeaters, repetitions)
        return agent.requests()[before:]

    def column(self, number, *row):
        return tables.ROOT + (1, 1, number, *row)

    def test_one_column_takes_one_pdu(self):
        (pdu,) = self.bulk([self.column(1)])
        self.assertEqual((pdu["kind"], pdu["non-repeaters"], pdu["repetitions"]), ("GetBulk", "0", "25"))

    def test_columns_abreast_take_one_pdu(self):
        (pdu,) = self.bulk([self.column(number) for number in (1, 2, 3, 7, 8)], 2, 20)
        self.assertEqual((pdu["kind"], pdu["non-repeaters"], pdu["repetitions"]), ("GetBulk", "2", "20"))
        self.assertEqual(len(self.answer.varbinds), 2 + 3 * 20)

    def test_one_repetition_is_left_to_the_master(self):
        (pdu,) = self.bulk([self.column(1), self.column(2)], 0, 1)
        self.assertEqual(pdu["kind"], "GetNext")
        before = len(self.agent.requests())
        self.snmpd.client.ask("all", GETNEXT, [self.column(1)])
        self.assertEqual([pdu["kind"] for pdu in self.agent.requests()[before:]], ["GetNext"])

    def test_no_answer_comes_near_64_KiB(self):
        for pdu in self.bulk([self.column(7)], 0, 350):
            self.assertLessEqual(int(pdu["repetitions"]), 200)
        self.assertGreater(len(self.answer.varbinds), 200)

    def test_rows_beyond_the_end_of_a_region_are_not_asked_for(self):
        (pdu,) = self.bulk([self.column(10, 395)], 0, 50)[:1]
        self.assertEqual(pdu["repetitions"], "50")
        self.assertEqual(len(self.answer.varbinds), 50)

    def test_the_principal_travels_with_getbulk(self):
        (pdu,) = self.bulk([self.column(1)])
        self.assertEqual(parse(pdu["context"])["u"], b"everyone")
        self.assertEqual(parse(pdu["context"])["t"].decode(), pdu["transaction"])

    def test_a_registration_in_a_context_is_read_ahead_too(self):
        (pdu,) = self.bulk([tables.ROOT + (6,)], 0, 10, "island", self.island)
        self.assertEqual((pdu["kind"], parse(pdu["context"])["c"]), ("GetBulk", b"island"))
        self.assertEqual(len(self.answer.varbinds), 10)

    def test_a_session_that_does_not_ask_is_left_to_the_master(self):
        pdus = self.bulk([tables.ROOT + (5,)], 0, 10, agent=self.quiet)
        self.assertEqual([(pdu["kind"], pdu["context"]) for pdu in pdus], [("GetNext", b"")] * 10)


if __name__ == "__main__":
    unittest.main()
