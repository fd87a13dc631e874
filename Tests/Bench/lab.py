"""Where the benchmark runs: network namespaces full of veth pairs, in them a private snmpd with one subject each."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

IF_TABLE = "1.3.6.1.2.1.2.2"
IFX_TABLE = "1.3.6.1.2.1.31.1.1"
NS_MODULE_NAME = "1.3.6.1.4.1.8072.1.2.1.1.4"
NATIVE_PRIORITY = 127
CPUCLOCK_SCHED = 2  # linux/posix-timers.h; below ~PID it names the clock that clock_getcpuclockid(3) returns
COMMUNITY = "bench"


class BenchError(Exception):
    """A measurement that could not be made, and why."""


class Namespace:
    """A network namespace with `size` veth ports, all up, beside the loopback."""

    PREFIX = "bench-"

    def __init__(self, size):
        self.size = size
        self.name = f"{self.PREFIX}{os.getpid()}-{size}"
        self.next_pair = size // 2 + 1

    @property
    def rows(self):
        return self.size + 1

    def create(self):
        check(["ip", "netns", "add", self.name])
        # No IPv6 link-local addresses: their own traffic would change the counters, and they make snmpd's table dearer.
        disable = "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6"
        subprocess.run(self.inside(["sh", "-c", disable]), stderr=subprocess.DEVNULL, check=False)
        check(["ip", "-n", self.name, "link", "set", "lo", "up"])
        self.batch(line for pair in range(1, self.size // 2 + 1) for line in self.pair_lines(pair))

    @staticmethod
    def pair_lines(pair):
        yield f"link add a{pair} type veth peer name b{pair}"
        yield f"link set a{pair} up"
        yield f"link set b{pair} up"

    def batch(self, lines):
        """Runs lines of `ip` commands."""
        check(["ip", "-n", self.name, "-batch", "-"], input="\n".join(lines) + "\n")

    def churn(self, pairs):
        """Deletes the first `pairs` pairs of the original ones and makes as many new ones."""
        self.batch(f"link del a{pair}" for pair in range(1, pairs + 1))
        new = range(self.next_pair, self.next_pair + pairs)
        self.next_pair += pairs
        self.batch(line for pair in new for line in self.pair_lines(pair))

    def index(self, link):
        text = check(["ip", "-n", self.name, "-j", "link", "show", link])
        return json.loads(text)[0]["ifindex"]

    def inside(self, command):
        """The command line that runs a command in this namespace, with its /sys."""
        return ["ip", "netns", "exec", self.name, *command]

    def delete(self):
        subprocess.run(["ip", "netns", "del", self.name], stderr=subprocess.DEVNULL, check=False)

    @classmethod
    def delete_leftovers(cls):
        """Deletes namespaces of earlier runs that were killed."""
        for path in Path("/run/netns").glob(cls.PREFIX + "*-*"):
            pid = path.name.split("-")[1]
            if pid.isdigit() and not Path("/proc", pid).exists():
                subprocess.run(["ip", "netns", "del", path.name], stderr=subprocess.DEVNULL, check=False)


def check(command, **options):
    """Runs a command and returns what it prints; raises with its own words when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command[:4])}: {done.stderr.strip()[:300]}")
    return done.stdout


def threads(pid):
    try:
        return [int(thread) for thread in os.listdir(f"/proc/{pid}/task")]
    except FileNotFoundError:
        return []


class Subject:
    """One snmpd, and the subagent whose speed is measured through it, if any."""

    def __init__(self, lab, namespace, name, number, subagent=None, module=None, lines=(), snmpd_options=()):
        self.lab = lab
        self.namespace = namespace
        self.name = name
        self.subagent = subagent  # a function from this subject to the command line, or None
        self.module = module
        self.lines = lines
        self.snmpd_options = snmpd_options
        self.port = 2000 + number
        self.trap_port = 3000 + number
        # snmpd takes a comma in the path of its socket for the beginning of another.
        self.directory = lab.directory / f"{namespace.size}-{number}-{re.sub('[^A-Za-z0-9+]+', '-', name)}"
        self.socket = self.directory / "agentx"
        self.processes = []

    @property
    def snmpd(self):
        return self.processes[0]

    @property
    def measured(self):
        """The process whose processor time counts: the subagent, or snmpd where it answers itself."""
        return self.processes[-1]

    def start(self):
        """Starts snmpd and the subagent; returns once both answer. Returns the seconds that the last one took."""
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        configuration = [
            f"agentAddress udp:127.0.0.1:{self.port}",
            # In a namespace without any way out: write access by community is for the benchmark alone.
            f"rwcommunity {COMMUNITY} 127.0.0.1",
            "createUser bench SHA-256 bench-authentication AES bench-encryption",
            "rwuser bench authPriv",
            "master agentx",
            f"agentXSocket unix:{self.socket}",
            "agentXTimeout 10",
            "agentXRetries 0",
            "dontLogTCPWrappersConnects yes",
            "maxGetbulkResponses -1",
            f"trap2sink 127.0.0.1:{self.trap_port} {COMMUNITY}",
            # Without it, snmpd looks through all interfaces for an address before each trap, a v2c one too.
            "v1trapaddress 127.0.0.1",
            *self.lines,
        ]
        if self.module:
            configuration.append(f"dlmod {Path(self.module).stem} {self.module}")
        file = self.directory / "snmpd.conf"
        file.write_text("\n".join(configuration) + "\n")
        log = self.directory / "snmpd.log"
        began = time.monotonic()
        self.spawn(["snmpd", "-f", "-Lf", str(log), "-C", "-c", str(file), *self.snmpd_options], log)
        self.wait(lambda: self.next("1.3.6.1.2.1.1.1")["status"] == 0, "snmpd does not answer", log)
        if self.subagent:
            log = self.directory / "subagent.log"
            command = self.subagent(self)
            began = time.monotonic()
            self.spawn(command, log)
            self.wait(lambda: self.taken_over(IF_TABLE) and self.taken_over(IFX_TABLE), "no registration", log)
        self.wait(lambda: self.lab.client(self, "walk", f"{IF_TABLE}.1.1")["varbinds"] == self.namespace.rows,
                  f"not {self.namespace.rows} rows", log)
        return time.monotonic() - began

    def spawn(self, command, log):
        environment = dict(os.environ, MIBS="", SNMPCONFPATH=str(self.directory / "none"),
                           SNMP_PERSISTENT_DIR=str(self.directory / "persistent"))
        with open(log, "ab") as output:
            self.processes.append(subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.namespace.inside(command)], stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, env=environment, start_new_session=True))

    def wait(self, condition, complaint, log, seconds=180):
        deadline = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except BenchError:
                pass
            dead = self.processes[-1].poll() is not None
            if dead or time.monotonic() > deadline:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""
                raise BenchError(f"{self.name}: {'it ended' if dead else complaint}: {tail}")
            time.sleep(0.01)

    def next(self, oid):
        return self.lab.client(self, "next", oid)

    def taken_over(self, table):
        """Whether a subagent owns a table: snmpd lists its registrations by context, OID and priority."""
        arcs = table.split(".")
        entry = f"{NS_MODULE_NAME}.0.{len(arcs)}.{table}"
        name = self.next(entry + ".0")["name"]
        return name.startswith(entry + ".") and int(name.rsplit(".", 1)[1]) < NATIVE_PRIORITY

    def pin(self, cpus):
        for process in self.processes:
            for thread in threads(process.pid):
                try:
                    os.sched_setaffinity(thread, cpus)
                except ProcessLookupError:
                    pass  # a thread that ended

    def pause(self):
        """Stops its processes, so that its own housekeeping does not disturb the others' measurement."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGSTOP)

    def resume(self):
        for process in self.processes:
            process.send_signal(signal.SIGCONT)

    def cpu_us(self):
        """Processor time of the measured process so far, in microseconds: all its threads, those that ended too."""
        clock = ~self.measured.pid << 3 | CPUCLOCK_SCHED
        try:
            return time.clock_gettime_ns(clock) / 1000
        except OSError:
            raise BenchError(f"{self.name} ended") from None

    def rss_mb(self, process=None):
        with open(f"/proc/{(process or self.measured).pid}/status", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0

    def stop(self):
        self.resume()
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []


class Lab:
    """Owns everything that must be gone afterwards."""

    def __init__(self, programs, cpu):
        self.programs = programs
        self.cpu = cpu
        self.all_cpus = os.sched_getaffinity(0)
        self.directory = Path(tempfile.mkdtemp(prefix="orion-bench-"))
        self.namespaces = {}
        self.subjects = []

    def namespace(self, size):
        if size not in self.namespaces:
            namespace = Namespace(size)
            self.namespaces[size] = namespace
            namespace.create()
        return self.namespaces[size]

    def start(self, subject):
        self.subjects.append(subject)
        return subject.start()

    def stop(self, subject):
        subject.stop()
        if subject in self.subjects:
            self.subjects.remove(subject)

    def client(self, subject, *arguments, pinned=False):
        return self.program(subject, "client", "-p", subject.port, *arguments, pinned=pinned)

    def program(self, subject, name, *arguments, pinned=False, cpus=None):
        """Runs one of the C programs against a subject; returns its JSON line."""
        command = [str(self.programs / name), *map(str, arguments)]
        if pinned:
            command = ["taskset", "-c", str(self.cpu), *command]
        done = subprocess.run(subject.namespace.inside(command), capture_output=True, text=True, check=False)
        try:
            result = json.loads(done.stdout)
        except json.JSONDecodeError:
            raise BenchError(f"{name}: {done.stdout[-200:]}{done.stderr[-200:]} (status {done.returncode})") from None
        if "error" in result:
            raise BenchError(f"{subject.name}: {result['error']}")
        return result

    def close(self):
        for subject in self.subjects:
            subject.stop()
        self.subjects = []
        for namespace in self.namespaces.values():
            namespace.delete()
        shutil.rmtree(self.directory, ignore_errors=True)
