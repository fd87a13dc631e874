"""Walks of oriond's own tables through the module, under AddressSanitizer, while interfaces come and go, oriond is
killed and snmpd reloaded."""

import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import lab
from snmp import END_OF_MIB_VIEW, GETBULK, Client, dotted, oid
from test_churn import faults

FULL = bool(os.environ.get("ORION_FULL"))
ORIOND = pathlib.Path(os.environ.get("ORION") or lab.BUILD.parent / "debug" / "oriond")
NAMESPACE = f"orion-module-{os.getpid()}"
IF_ENTRY, IFX_ENTRY, MODULES = oid("1.3.6.1.2.1.2.2.1"), oid("1.3.6.1.2.1.31.1.1.1"), oid("1.3.6.1.4.1.32473.77.2")
ROOTS = (IF_ENTRY, IFX_ENTRY, oid("1.3.6.1.2.1.31.1.2"), MODULES, oid("1.3.6.1.2.1"))


def ip(*arguments):
    return subprocess.run(["ip", "-n", NAMESPACE, *arguments], capture_output=True).returncode == 0


@unittest.skipUnless(ORIOND.exists(), f"{ORIOND} is not built")
@unittest.skipUnless(os.geteuid() == 0 and shutil.which("ip"), "needs root and ip, to make a network namespace")
class Interfaces(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="orion-interfaces-"))
        subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
        ip("link", "set", "lo", "up")
        self.oriond = None
        self.wrong, self.stop, self.walks, self.refused, self.cells = [], threading.Event(), 0, 0, 0

    def tearDown(self):
        self.end_oriond()
        subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)
        shutil.rmtree(self.directory)

    def start_oriond(self):
        with (self.directory / "oriond.log").open("a") as log:
            # Only oriond lives in the namespace: a socket with a path is the same in all of them.
            self.oriond = subprocess.Popen(
                ["ip", "netns", "exec", NAMESPACE, ORIOND, "run", "--agentx-socket", self.snmpd.directory / "agentx",
                 "--state-directory", self.directory / "state", "--refusal-socket", self.directory / "refusals"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=lab.end_with_parent)

    def end_oriond(self):
        if self.oriond:
            # `ip netns exec` has become oriond: execve(2) keeps the process.
            self.oriond.kill()
            self.oriond.wait()

    def is_served(self):
        answer = self.snmpd.client.ask("all", GETBULK, [IF_ENTRY], 0, 1, timeout=1)
        return answer and answer.varbinds[0][0][: len(IF_ENTRY)] == IF_ENTRY

    def check(self, name, value):
        if name[: len(IF_ENTRY) + 1] == IF_ENTRY + (1,) and int.from_bytes(value, "big") != name[-1]:
            self.wrong.append(f"{dotted(name)} says {value}")

    def walk(self, seed):
        """Walks until told to stop, one column at a time and several abreast."""
        random_ = random.Random(seed)
        client = Client(("127.0.0.1", self.snmpd.port))
        while not self.stop.is_set():
            try:
                if random_.random() < 0.5:
                    found = client.walk("all", random_.choice(ROOTS), random_.choice((2, 10, 25, 60)))
                else:
                    found = self.abreast(client, random_)
                for name, _, value in found:
                    self.check(name, value)
                self.cells += len(found)
                self.walks += 1
            except ValueError as backwards:
                self.wrong.append(str(backwards))
            except OSError:
                self.refused += 1
        client.socket.close()

    def abreast(self, client, random_):
        """Columns of ifTable and ifXTable beside each other, to the end of the first."""
        entries = [(IF_ENTRY + (column,)) for column in (1, 2, 5, 8, 10)] + [(IFX_ENTRY + (column,)) for column in (1, 6, 18)]
        columns = random_.sample(entries, random_.randint(2, 6))
        names, found = list(columns), []
        while True:
            answer = client.ask("all", GETBULK, names, 0, random_.choice((1, 5, 20)))
            if answer is None or answer.error:
                raise OSError("no answer")
            for position, (name, tag, value) in enumerate(answer.varbinds):
                column = position % len(columns)
                if tag == END_OF_MIB_VIEW:
                    return found
                if name <= names[column]:
                    raise ValueError(f"{dotted(name)} after {dotted(names[column])}")
                names[column] = name
                found.append((name, tag, value))
            # A message that was full may end within a repetition.
            if len(answer.varbinds) < len(columns) or names[0][: len(columns[0])] != columns[0]:
                return found

    def churn(self, random_):
        """One change. @return whether oriond has to come back."""
        action = random_.random()
        name = f"c{random_.randrange(40)}"
        if action < 0.45:
            ip("link", "add", name, "type", "veth", "peer", "name", f"p{name}")
        elif action < 0.8:
            ip("link", "del", name)
        elif action < 0.95:
            ip("link", "set", name, random_.choice(("up", "down")))
        elif action < 0.975:
            self.snmpd.process.send_signal(lab.signal.SIGHUP)
        else:
            self.end_oriond()
            self.start_oriond()
            lab.wait_until(self.is_served, f"oriond does not come back: {self.directory}/oriond.log", 30)

    def test_walks_stay_in_order_while_interfaces_and_oriond_come_and_go(self):
        for number in range(40):
            ip("link", "add", f"c{number}", "type", "veth", "peer", "name", f"pc{number}")
        view = "view all included 1.3.6.1.2.1\n" + "agentXTimeout 1\n"
        self.snmpd = lab.Snmpd("interfaces", lab.ASAN_MODULE, asan=True, extra=view)
        try:
            self.start_oriond()
            lab.wait_until(self.is_served, "oriond does not come", 30)
            walkers = [threading.Thread(target=self.walk, args=(seed,)) for seed in range(3)]
            for walker in walkers:
                walker.start()
            random_, end, changes = random.Random(1), time.monotonic() + (600 if FULL else 15), 0
            while time.monotonic() < end and self.snmpd.is_alive():
                self.churn(random_)
                changes += 1
                time.sleep(random_.random() * 0.05)
            self.stop.set()
            for walker in walkers:
                walker.join()
            self.assertTrue(self.snmpd.is_alive(), self.snmpd.log.read_text()[-3000:])
            log = self.snmpd.log.read_text()
        finally:
            self.stop.set()
            self.end_oriond()
            self.snmpd.close()
        self.assertEqual(self.wrong, [])
        self.assertEqual(faults(self.snmpd.reports, log), [])
        self.assertGreater(self.walks, self.refused)
        print(f"    {changes} changes, {self.walks} walks of {self.cells} cells, {self.refused} cut short")


if __name__ == "__main__":
    unittest.main()
