"""snmpds and subagents of the tests: private directories, free loopback ports, ended by pid."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from snmp import GET, Client, oid

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / ".build" / "snmpd"
DESCRIPTION = oid("1.3.6.1.2.1.1.1.0")
MODULE, ASAN_MODULE, SUBAGENT = BUILD / "orion.so", BUILD / "orion-asan.so", BUILD / "subagent"


def wait_until(condition, what, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise TimeoutError(what)


def end_with_parent():
    """PR_SET_PDEATHSIG: nothing outlives a test run that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


CONFIGURATION = """
master agentx
agentXSocket {directory}/agentx
agentXTimeout 5
agentXRetries 0
dontLogTCPWrappersConnects yes
exactEngineID 0x80007ed9046f72696f6e
sysDescr test
sysObjectID 1.3.6.1.4.1.32473
com2sec everyone default all
com2sec cutter default cut
com2sec narrower default narrow
com2sec -Cn island islander default island
com2sec6 everyone default all
com2secunix everyone default all
group g v2c everyone
group g v1 everyone
group g v2c islander
group c v2c cutter
group n v2c narrower
group g usm alice
group g usm bob
group g usm noauth
group c usm carol
view everything included 1.3.6.1
view all included 1.3.6.1.4.1.32473
view all included 1.3.6.1.6.3.16
view all included 1.3.6.1.2.1.1.1
view all included 1.3.6.1.2.1.1.2
view all included 1.3.6.1.2.1.1.9.1.3
view cut included 1.3.6.1.4.1.32473
view cut included 1.3.6.1.6.3.16.1
view cut excluded 1.3.6.1.4.1.32473.1.1.3
view cut excluded 1.3.6.1.4.1.32473.1.1.0.7 ff:ee
view cut excluded 1.3.6.1.4.1.32473.4.1.2
view cut included 1.3.6.1.4.1.32473.4.1.2.3
view cut excluded 1.3.6.1.6.3.16.1.4
view narrow included 1.3.6.1.4.1.32473.1.1.2
view narrow included 1.3.6.1.4.1.32473.1.1.0.5 ff:ee
view narrow included 1.3.6.1.4.1.32473.4.1.1.2
view narrow included 1.3.6.1.6.3.16.1.3.9
access g "" any noauth prefix all {write} none
access c "" any noauth exact cut none none
access n "" any noauth exact narrow none none
createUser alice SHA alicealice AES alicealice
createUser bob SHA bobbobbob
createUser carol SHA carolcarol
createUser noauth
"""


class Snmpd:
    def __init__(self, name, module=None, asan=False, extra="", write="all", arguments=(), wrapper=()):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"orion-{name}-"))
        self.port = free_port()
        self.log = self.directory / "log"
        self.configuration = self.directory / "snmpd.conf"
        self.agents = []
        self.asan = asan
        line = f"dlmod orion {module}\n" if module else ""
        self.configuration.write_text(CONFIGURATION.format(directory=self.directory, write=write) + line + extra)
        environment = dict(os.environ, SNMP_PERSISTENT_DIR=str(self.directory / "state"), MIBS="", SNMPCONFPATH="/x")
        if asan:
            library = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
            environment["LD_PRELOAD"] = library.stdout.strip()
            environment["ASAN_OPTIONS"] = f"log_path={self.directory}/asan:exitcode=99:detect_leaks=1:quarantine_size_mb=1:fast_unwind_on_malloc=0:malloc_context_size=9"
        addresses = [f"udp:127.0.0.1:{self.port}", f"udp6:[::1]:{self.port}", f"tcp:127.0.0.1:{self.port}",
                     f"unix:{self.directory}/snmp"]
        command = [shutil.which("snmpd", path=f"{os.environ['PATH']}:/usr/sbin"), "-f", "-C", "-Lf", str(self.log),
                   "-c", str(self.configuration), "-p", str(self.directory / "pid"), "-I", "-smux", *arguments, *addresses]
        self.process = subprocess.Popen([*wrapper, *command], env=environment, stdin=subprocess.DEVNULL,
                                        preexec_fn=end_with_parent)
        self.client = Client(("127.0.0.1", self.port))
        self.wait_ready()

    def wait_ready(self):
        def answers():
            if self.process.poll() is not None:
                raise RuntimeError(f"snmpd ended with {self.process.returncode}:\n{self.log.read_text()}")
            return self.client.ask("all", GET, [DESCRIPTION], timeout=0.5)

        wait_until(answers, "snmpd does not answer", 60)

    def subagent(self, table, *arguments, description="test"):
        agent = Subagent(self, table, description, arguments)
        self.agents.append(agent)
        return agent

    def reload(self):
        """SIGHUP, and waits until the configuration has been read again."""
        before = self.log.read_text().count("Reconfiguring daemon")
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log.read_text().count("Reconfiguring daemon") > before, "no reload")
        self.wait_ready()

    def is_alive(self):
        return self.process.poll() is None

    def answers(self):
        """Whether it answers something simple, soon."""
        return self.client.ask("all", GET, [DESCRIPTION], timeout=2) is not None

    def memory(self):
        """Resident set in KiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def kill(self):
        """Ends everything at once, whatever state it is in."""
        for agent in self.agents:
            agent.close()
        self.process.kill()
        self.process.wait()
        self.client.socket.close()
        shutil.rmtree(self.directory)

    def close(self):
        """Ends everything. Raises AssertionError when snmpd did not end as it should."""
        for agent in self.agents:
            agent.close()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.client.socket.close()
        reports = [path.read_text() for path in sorted(self.directory.glob("asan.*"))]
        shutil.rmtree(self.directory)
        self.reports = reports
        # 99: the sanitizer has something to say, if only of leaks that snmpd has by itself.
        if status not in ((0, 99) if self.asan else (0,)):
            raise AssertionError(f"snmpd ended with {status}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Subagent:
    def __init__(self, snmpd, table, description, arguments):
        self.log = snmpd.directory / f"subagent-{len(snmpd.agents)}.log"
        command = [SUBAGENT, "--socket", snmpd.directory / "agentx", "--table", table, "--description", description,
                   *arguments]
        if "--quiet" in arguments:
            command.remove("--quiet")
        else:
            command += ["--log", self.log]
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        preexec_fn=end_with_parent)
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("the subagent could not register")

    def requests(self, kind=None):
        """What it was asked: dictionaries of the log's fields, context as bytes."""
        found = []
        for line in self.log.read_text().splitlines():
            name, *fields = line.split(" ")
            if kind in (None, name):
                request = dict(field.split("=", 1) for field in fields)
                request["kind"], request["context"] = name, bytes.fromhex(request["context"])
                found.append(request)
        return found

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
