"""The module comes, stays, and goes: SIGHUP, a replaced file, sessions older than it."""

import pathlib
import shutil
import tempfile
import unittest

import lab
import tables
from snmp import GETBULK, SET, integer
from test_principal import parse

TARGET = tables.ROOT + (1, 1, 1, 1)


class Lifecycle(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.directory.name)
        self.module = self.path / "orion.so"
        shutil.copy(lab.MODULE, self.module)
        self.table = tables.write_main(self.path / "main")
        self.line = f"dlmod orion {self.module}\n"

    def tearDown(self):
        self.snmpd.close()
        self.directory.cleanup()

    def start(self, module, extra=""):
        self.snmpd = lab.Snmpd("lifecycle", module, extra=extra, arguments=["-Dhandler:calling"])
        self.agent = self.snmpd.subagent(self.table, description="test orion-principal=1 orion-bulk=1")

    def configure(self, old, new):
        text = self.snmpd.configuration.read_text()
        self.assertIn(old, text)
        self.snmpd.configuration.write_text(text.replace(old, new))
        self.snmpd.reload()

    def passes(self):
        """How many times the module's handler is called for the first phase of one SET."""
        before = self.snmpd.log.read_text().count("calling handler orion for mode SET_RESERVE1")
        self.assertEqual(self.snmpd.client.ask("all", SET, [TARGET], values=[integer(1)]).error, 0)
        return self.snmpd.log.read_text().count("calling handler orion for mode SET_RESERVE1") - before

    def is_served(self):
        self.passes()
        self.snmpd.client.ask("all", GETBULK, [tables.ROOT + (1, 1, 1)], 0, 10)
        record = self.agent.requests("TestSet")[-1]["context"]
        return bool(record) and parse(record)["u"] == b"everyone" and self.agent.requests()[-1]["kind"] == "GetBulk"

    def test_sighup_neither_loses_nor_doubles_the_handler(self):
        self.start(self.module)
        self.assertEqual(self.passes(), 1)
        for _ in range(3):
            self.snmpd.reload()
            self.assertEqual(self.passes(), 1)
            self.assertTrue(self.is_served())

    def test_a_replaced_file_changes_nothing_until_snmpd_is_restarted(self):
        self.start(self.module)
        for content in (b"not a library", lab.MODULE.read_bytes()):
            new = self.path / "new"
            new.write_bytes(content)
            new.rename(self.module)
            self.snmpd.reload()
            self.assertTrue(self.is_served())
            self.assertEqual(self.passes(), 1)
        self.module.unlink()
        self.snmpd.reload()
        self.assertTrue(self.is_served())

    def test_two_lines_for_the_module_count_once(self):
        self.start(self.module, extra=self.line)
        self.assertEqual(self.passes(), 1)
        self.snmpd.reload()
        self.assertEqual(self.passes(), 1)
        self.assertTrue(self.is_served())

    def test_a_module_that_comes_later_serves_sessions_that_are_there(self):
        self.start(None, extra="# later\n")
        self.assertFalse(self.is_served())
        self.configure("# later\n", self.line)
        self.assertTrue(self.is_served())
        self.configure(self.line, "# later\n")
        self.assertFalse(self.is_served())
        self.configure("# later\n", self.line)
        self.assertTrue(self.is_served())

    def test_a_module_at_a_new_path_takes_over(self):
        self.start(self.module)
        other = self.path / "orion-2.so"
        shutil.copy(lab.MODULE, other)
        self.configure(self.line, f"dlmod orion {other}\n")
        self.assertTrue(self.is_served())
        self.configure(f"dlmod orion {other}\n", self.line)
        self.assertTrue(self.is_served())

    def test_pieces_of_a_registration_cut_before_it_came_are_attended_to(self):
        self.snmpd = lab.Snmpd("lifecycle", self.module)
        nested = self.snmpd.subagent(tables.write_nested(self.path / "nested"), description="other")
        self.agent = self.snmpd.subagent(self.table, description="test orion-principal=1")
        for row in (19, 21):
            name = tables.ROOT + (1, 1, 5, row)
            self.assertEqual(self.snmpd.client.ask("all", SET, [name], values=[integer(1)]).error, 0)
            self.assertEqual(parse(self.agent.requests("TestSet")[-1]["context"])["u"], b"everyone")
        nested.close()
        lab.wait_until(lambda: self.snmpd.client.ask("all", SET, [tables.NESTED + (1,)], values=[integer(1)]).error != 0,
                       "the other session stays")
        self.assertEqual(self.snmpd.client.ask("all", SET, [TARGET], values=[integer(1)]).error, 0)

    def test_a_subagent_that_comes_back_is_served_again(self):
        self.start(self.module)
        for _ in range(3):
            self.assertTrue(self.is_served())
            self.agent.close()
            lab.wait_until(lambda: self.snmpd.client.ask("all", SET, [TARGET], values=[integer(1)]).error != 0, "stays")
            self.agent = self.snmpd.subagent(self.table, description="test orion-principal=1 orion-bulk=1")


if __name__ == "__main__":
    unittest.main()
