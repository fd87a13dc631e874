"""snmpd with the module under AddressSanitizer while subagents die, hang and come back, and snmpd is reloaded."""

import os
import pathlib
import random
import re
import shutil
import signal
import tempfile
import threading
import time
import unittest

import lab
import tables
from equivalence import WISHES
from snmp import GET, GETBULK, GETNEXT, SET, Client, integer

FULL = bool(os.environ.get("ORION_FULL"))


def faults(reports, log):
    """What concerns the module in the sanitizer's reports: any error, and leaks with a frame of the module. Not the
    values that it hands to the master, as the master's own callback does: snmpd leaks some of those when access control
    refuses the last repetition of a column (`check_acm` clones over them), with and without the module."""
    found = []
    for report in reports:
        for block in report.split("\n\n"):
            if "leak of" in block:
                if "orion" in block and "orion_column_give" not in block:
                    found.append(block)
            elif re.search(r"ERROR: (?!LeakSanitizer)", block):
                found.append(block)
    if "AddressSanitizer" in log:
        found.append(log[log.index("AddressSanitizer"):][:2000])
    return found


class Churn(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        path = pathlib.Path(self.directory.name)
        self.table, self.nested_table = tables.write_main(path / "main"), tables.write_nested(path / "nested")
        self.wrong, self.stop, self.walks, self.refused = [], threading.Event(), 0, 0

    def tearDown(self):
        self.directory.cleanup()

    def main_subagent(self, *arguments):
        """Registers, as soon as snmpd has noticed the end of the one before."""
        def register():
            try:
                return self.snmpd.subagent(self.table, *arguments, description=WISHES)
            except RuntimeError:
                return None

        return lab.wait_until(register, "cannot register", 20)

    def walk(self, seed):
        """Walks until told to stop. An error or silence is what a dead subagent gives; a wrong cell or order is not."""
        random_ = random.Random(seed)
        client = Client(("127.0.0.1", self.snmpd.port))
        while not self.stop.is_set():
            root = random_.choice((tables.ROOT, tables.ROOT + (1,), tables.ROOT + (1, 1, 5), (1, 3)))
            try:
                for name, tag, value in client.walk(random_.choice(("all", "cut")), root, random_.choice((1, 10, 25, 60))):
                    if self.reference.get(name, (tag, value)) != (tag, value):
                        self.wrong.append(f"{name}: {tag} {value}")
                self.walks += 1
                client.ask("all", SET, [tables.ROOT + (2, 1, 0)], values=[integer(1)])
            except ValueError as backwards:
                self.wrong.append(str(backwards))
            except OSError:
                self.refused += 1
        client.socket.close()

    def disturb(self, random_, main, nested):
        """One misfortune. @return the subagents after it."""
        action = random_.choice(("kill", "kill", "stop", "reload", "nested", "die", "hang"))
        if action == "kill":
            main.process.kill()
            main.close()
            main = self.main_subagent(*random_.choice(((), ("--big-endian",), ("--bulk", "short"))))
        elif action == "stop":
            main.process.send_signal(signal.SIGSTOP)
            time.sleep(random_.random() * 0.5)
            main.process.send_signal(signal.SIGCONT)
        elif action == "hang":
            # Longer than agentXTimeout: snmpd drops the session.
            main.process.send_signal(signal.SIGSTOP)
            time.sleep(1.5)
            main.process.send_signal(signal.SIGCONT)
            main.close()
            main = self.main_subagent()
        elif action == "reload":
            self.snmpd.process.send_signal(signal.SIGHUP)
        elif action == "nested":
            nested.process.kill()
            nested.close()
            nested = self.snmpd.subagent(self.nested_table, "--big-endian", description="other")
        elif action == "die":
            main.close()
            main = self.main_subagent("--bulk", "die")
            try:
                main.process.wait(3)
            except lab.subprocess.TimeoutExpired:
                pass
            main.close()
            main = self.main_subagent()
        return main, nested

    def churn(self, seconds, **options):
        self.snmpd = lab.Snmpd("churn", extra="agentXTimeout 1\n", **options)
        try:
            main = self.main_subagent()
            nested = self.snmpd.subagent(self.nested_table, "--big-endian", description="other")
            self.reference = {name: (tag, value) for name, tag, value in self.snmpd.client.walk("all", tables.ROOT)}
            walkers = [threading.Thread(target=self.walk, args=(seed,)) for seed in range(3)]
            for walker in walkers:
                walker.start()
            random_, end, rounds = random.Random(1), time.monotonic() + seconds, 0
            while time.monotonic() < end and self.snmpd.is_alive():
                main, nested = self.disturb(random_, main, nested)
                rounds += 1
                time.sleep(random_.random() * 0.2)
            self.stop.set()
            for walker in walkers:
                walker.join()
            self.assertTrue(self.snmpd.is_alive(), self.snmpd.log.read_text()[-3000:])
            # Under load, a stop may have lasted longer than agentXTimeout.
            main.close()
            main = self.main_subagent()
            self.assertEqual(len(self.snmpd.client.walk("all", tables.ROOT)), len(self.reference))
            log = self.snmpd.log.read_text()
        finally:
            self.stop.set()
            self.snmpd.close()
        self.assertEqual(self.wrong, [])
        self.assertEqual(faults(self.snmpd.reports, log), [])
        self.assertGreater(self.walks, 0)
        print(f"    {rounds} misfortunes, {self.walks} walks, {self.refused} cut short")

    def test_no_misfortune_of_a_subagent_brings_snmpd_or_a_walk_out_of_order(self):
        self.churn(600 if FULL else 15, module=lab.ASAN_MODULE, asan=True)

    @unittest.skipUnless(FULL and shutil.which("valgrind"), "only in the full run, and with valgrind")
    def test_valgrind_finds_nothing_of_the_module(self):
        with tempfile.NamedTemporaryFile("r") as report:
            self.churn(120, module=lab.MODULE, wrapper=["valgrind", "-q", f"--log-file={report.name}"])
            text = report.read()
        self.assertNotIn("orion", text, text[:3000])


class Soak(unittest.TestCase):
    def test_memory_stays_flat_over_mixed_requests(self):
        count = 100000 if FULL else 3000
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory)
            snmpd = lab.Snmpd("soak", lab.ASAN_MODULE, asan=True, extra=f"orionEventSocket {path}/nobody\n")
            try:
                snmpd.subagent(tables.write_main(path / "main"), "--quiet", description=WISHES)
                names = [name for name, *_ in tables.main_objects()]
                random_, sizes = random.Random(1), []
                for number in range(count):
                    if number % (count // 10) == 0:
                        sizes.append(snmpd.memory())
                    command = random_.choice((GET, GETNEXT, GETBULK, GETBULK, SET))
                    chosen = random_.sample(names, random_.randint(1, 5))
                    answer = snmpd.client.ask(
                        random_.choice(("all", "all", "cut", "narrow")), command, chosen, 0,
                        random_.randint(0, 40) if command == GETBULK else 0,
                        [integer(1)] * len(chosen) if command == SET else None)
                    self.assertIsNotNone(answer)
                sizes.append(snmpd.memory())
                log = snmpd.log.read_text()
            finally:
                snmpd.close()
        self.assertEqual(faults(snmpd.reports, log), [])
        # The sanitizer's quarantine fills at first.
        growth = sizes[-1] - sizes[len(sizes) // 2]
        print(f"    {count} requests, resident KiB at each tenth: {sizes}")
        self.assertLess(growth, 1024 if FULL else 4096)


if __name__ == "__main__":
    unittest.main()
