"""The cases of the benchmark in which a subject runs without the others beside it: events, soaks, what is counted."""

import json
import os
import sys
import threading
import time

from lab import COMMUNITY, IF_TABLE, IFX_TABLE, BenchError, check
from report import FLOOR, FLOOR_MODULE, KERNEL, LIBRARY, ORION, ORION_MODULE, ORION_POLICY, STOCK


class Alone:
    """Of `Bench`, which has the laboratory, the plan and the results."""

    def traps(self, namespace):
        """Each subject runs alone here, since all would see the events."""
        size = namespace.size
        self.kernel_latency(namespace)
        for turn in range(self.plan.trap_rounds):
            for name in self.available(FLOOR, ORION):
                more = {"subagent": self.floor_command("-l", "-n", "10000")} if name == FLOOR else {}
                for fallback in (True, False) if size >= 2000 else (True,):
                    options = () if fallback else ("-I", "-ifTable,-ifXTable")
                    subject = self.subject(namespace, name, snmpd_options=options, **more)
                    suffix = "" if fallback else ", no fall back"
                    try:
                        self.lab.start(subject)
                        self.trap_latency(subject, size, suffix, turn)
                        if fallback:
                            self.trap_rates(subject, size, turn)
                    except BenchError as error:
                        self.results.fail("trap", (size, f"carrier{suffix}, p50"), name, error)
                    finally:
                        self.lab.stop(subject)

    def trap_latency(self, subject, size, suffix, turn):
        for pinned in (False, True) if not suffix else (False,):
            subject.pin({self.lab.cpu} if pinned else self.lab.all_cpus)
            events = min(self.plan.trap_events, 8 * size)
            result = self.lab.program(subject, "trapsink", "-p", subject.trap_port, "-n", events, "latency",
                                      pinned=pinned)
            for key, cause in (("carrier", "carrier"), ("admin", "set down or up")):
                for share in ("p50", "p99"):
                    case = cause + suffix + (", pinned, " if pinned else ", ") + share
                    if result[key]["count"]:
                        self.results.add("trap", (size, case), subject.name, result[key][share], turn)
            lost = (size, "one after the other, carrier" + suffix + (", pinned" if pinned else ""))
            self.results.add("flood-lost", lost, subject.name, events - result["carrier"]["count"], turn)

    def kernel_latency(self, namespace):
        """What of the carrier figures is the kernel's own: its event, without any agent."""
        subject = self.subject(namespace, STOCK)  # never started
        result = self.lab.program(subject, "trapsink", "-p", subject.trap_port, "-n", self.plan.trap_events, "kernel")
        for share in ("p50", "p99"):
            self.results.add("trap", (namespace.size, f"carrier, {share}"), KERNEL, result["carrier"][share])

    def trap_rates(self, subject, size, turn):
        subject.pin(self.lab.all_cpus)
        result = self.lab.program(subject, "trapsink", "-p", subject.trap_port, "flood")
        self.results.add("flood", (size, "unpinned"), subject.name, result["per_second"], turn)
        self.results.add("flood-lost", (size, "flood, carrier"), subject.name, result["lost"], turn)
        self.results.add("flood-lost", (size, "flood, set down or up"), subject.name, result["lost_admin"], turn)
        if subject.name == FLOOR:
            result = self.lab.program(subject, "trapsink", "-p", subject.trap_port, "-n", 10000, "signal",
                                      subject.measured.pid)
            self.results.add("burst", (size, "unpinned"), subject.name, result["whole_per_second"], turn)

    def native_traps(self, namespace):
        """snmpd's own linkDown, found by polling: takes up to a minute for each."""
        lines = ("createUser internal SHA-256 internal-authentication", "iquerySecName internal",
                 "rouser internal", "linkUpDownNotifications yes")
        subject = self.subject(namespace, STOCK, lines=lines)
        try:
            self.lab.start(subject)
            for turn in range(3):
                time.sleep(self.random.uniform(0, 30))
                result = self.lab.program(subject, "trapsink", "-p", subject.trap_port, "wait", f"a{turn + 1}", 90)
                self.results.add("trap", (namespace.size, "carrier, p50"), STOCK, result["p50"], turn)
        finally:
            self.lab.stop(subject)

    def policy(self, namespace):
        """SETs as they are in use: the principal told, 100 rules before the one that applies, the record on disk first."""
        size = namespace.size
        oid = f"{IFX_TABLE}.1.14.{size // 2}"
        subjects = []
        try:
            for name in self.available(LIBRARY, ORION_POLICY):
                subject = self.subject(namespace, name)
                subjects.append(subject)
                self.lab.start(subject)
                if name == ORION_POLICY:
                    self.add_rules(subject)
                subject.pause()

            def measure(subject, pinned):
                return {"policy": self.lab.client(subject, "-n", self.plan.requests // 4, "set", oid, 2, 1,
                                                  pinned=pinned)["p50"]}

            self.pinned_and_not(subjects, "policy", size, measure, rounds=3, unpinned_rounds=1)
        except BenchError as error:
            self.results.fail("policy", (size, "pinned"), ORION_POLICY, error)
        finally:
            for subject in subjects:
                self.lab.stop(subject)
        self.results.add("fsync", (size, str(self.lab.directory)), KERNEL, self.fdatasync())

    @staticmethod
    def add_rules(subject):
        """A hundred rules about other users, and behind them nothing: the default permits."""
        entry = "1.3.6.1.4.1.32473.77.2.8.1.4.1"
        for number in range(100):
            name = f"rule{number:03}"
            index = ".".join(str(octet) for octet in (len(name), *name.encode()))
            check(subject.namespace.inside(
                ["snmpset", "-v2c", "-c", COMMUNITY, "-t", "10", f"127.0.0.1:{subject.port}",
                 f"{entry}.2.{index}", "u", str(number + 1), f"{entry}.4.{index}", "s", f"user{number}*",
                 f"{entry}.7.{index}", "x", "70", f"{entry}.8.{index}", "i", "2", f"{entry}.9.{index}", "s", "uplink*",
                 f"{entry}.14.{index}", "i", "2", f"{entry}.20.{index}", "i", "4"]))

    def fdatasync(self):
        path = self.lab.directory / "fdatasync"
        times = []
        with open(path, "wb", buffering=0) as file:
            for _ in range(400):
                file.write(b"x" * 500)
                began = time.perf_counter()
                os.fdatasync(file.fileno())
                times.append((time.perf_counter() - began) * 1e6)
        path.unlink()
        return sorted(times)[len(times) // 2]

    def sampling(self, namespace):
        """The managers that make a pass, in a process of their own."""
        size = namespace.size
        rounds = 300 if size < 1000 else 100
        for turn in range(3):
            command = ["taskset", "-c", str(self.lab.cpu), str(self.options.sampling), str(rounds)]
            found = json.loads(check(namespace.inside(command)))
            self.results.add("sampling", (size, "any pass"), KERNEL, found["dump"], turn)
            # The median of the ratios of pass and dump, taken in turns.
            self.results.add("sampling", (size, "any pass"), ORION, found["ratio"] * found["dump"], turn)
            self.results.add("sampling", (size, "its sample alone"), ORION, found["sample"], turn)
            self.results.add("sampling", (size, "one that ends a quarter of an hour"), ORION, found["end"], turn)
            self.results.add("sampling", (size, "the longest of those behind it"), ORION, found["behind"], turn)
            self.results.add("sampling-memory", (size, "measured"), ORION, found["measured_octets"] / 1024, turn)
            self.resident.setdefault(size, []).append(found["resident"])
            base = self.resident.get(min(self.resident))
            if size > min(self.resident):
                share = (found["resident"] - sorted(base)[len(base) // 2]) / (size - min(self.resident))
                self.results.add("sampling-memory", (size, "resident"), ORION, share, turn)

    def storm(self, namespace):
        """Every pair loses one end: an alarm for each other. GETs go on meanwhile."""
        size, pairs = namespace.size, namespace.size // 2
        active_kind = "1.3.6.1.4.1.32473.77.2.10.1.2.1.2"
        subject = self.subject(namespace, ORION_MODULE)
        # Alarms alone are told: thousands of linkDown notifications at once are measured elsewhere.
        subject.settings = "[network_manager]\ninterface_monitoring_enabled = false\n"
        oid = f"{IFX_TABLE}.1.6.{size // 2}"
        try:
            self.lab.start(subject)
            for turn in range(self.plan.trap_rounds + 1):
                for case in ("at rest", "amid alarms"):
                    count = int(1.5e6 / self.lab.client(subject, "-n", 1000, "get", oid)["p50"])
                    storm = None
                    if case == "amid alarms":
                        storm = threading.Timer(0.2, lambda: namespace.batch(
                            f"link set a{pair} down" for pair in range(1, pairs + 1)))
                        storm.start()
                    result = self.lab.client(subject, "-n", count, "get", oid)
                    if storm:
                        storm.join()
                        raised = self.alarms(subject, active_kind, pairs)
                        self.results.add("storm", (size, "alarms in the table"), subject.name, raised, turn)
                        throttled = int(subject.next("1.3.6.1.4.1.32473.77.2.10.1.1.11")["value"])
                        self.results.add("storm", (size, "notifications held back so far"), subject.name, throttled, turn)
                    self.results.add("storm", (size, f"GET p50 {case}, us"), subject.name, result["p50"], turn)
                    self.results.add("storm", (size, f"GET p99 {case}, us"), subject.name, result["p99"], turn)
                namespace.batch(f"link set a{pair} up" for pair in range(1, pairs + 1))
                self.alarms(subject, active_kind, 0)
        except BenchError as error:
            self.results.fail("storm", (size, "GET p99 amid alarms, us"), subject.name, error)
        finally:
            self.lab.stop(subject)

    def alarms(self, subject, active_kind, expected):
        """How many are raised, once it is as many as expected, or ten seconds have passed."""
        deadline = time.monotonic() + 10
        while True:
            raised = self.lab.client(subject, "-r", 50, "walk", active_kind)["varbinds"]
            if raised == expected or time.monotonic() > deadline:
                return raised
            time.sleep(0.05)

    def allocations(self, namespace):
        """Allocations of the subagent for each varbind of a walk; a few of a sample and of timers are among them."""
        size = namespace.size
        for name in self.available(ORION_MODULE, ORION):
            counter = None

            def counted(subject):
                nonlocal counter
                counter = subject.directory / "mallocs"
                return ["env", f"LD_PRELOAD={self.lab.programs}/mallocs.so", f"MALLOC_COUNT={counter}", *self.orion_command(subject)]

            subject = self.subject(namespace, name, subagent=counted)
            try:
                self.lab.start(subject)
                for repetitions in self.plan.repetitions:
                    arguments = ("-r", repetitions, "-m", 20_000, "walk", IF_TABLE, IFX_TABLE)
                    self.lab.client(subject, *arguments)
                    before = int.from_bytes(counter.read_bytes(), sys.byteorder)
                    result = self.lab.client(subject, *arguments)
                    made = int.from_bytes(counter.read_bytes(), sys.byteorder) - before
                    self.results.add("allocations", (size, f"{repetitions}"), name,
                                     made / (result["varbinds"] + result["warm_up"]))
            except BenchError as error:
                self.results.fail("allocations", (size, ""), name, error)
            finally:
                self.lab.stop(subject)

    def churn(self, subject, namespace):
        subject.resume()
        subject.pin(self.lab.all_cpus)
        pairs = 500
        namespace.churn(pairs)
        began = time.monotonic()
        newest = max(namespace.index(f"{end}{namespace.next_pair - 1}") for end in "ab")
        oldest = min(namespace.index(f"{end}{pairs + 1}") for end in "ab")
        shown = None
        while shown != (oldest, newest):
            if time.monotonic() - began > 60:
                raise BenchError(f"after a minute the agent shows {shown}, not {(oldest, newest)}")
            first = subject.next(f"{IF_TABLE}.1.1.1")["value"]  # behind the loopback
            last = subject.next(f"{IF_TABLE}.1.1.{newest - 1}")["value"]
            shown = (first, last)
        self.results.add("churn", (namespace.size, "1,000 gone, 1,000 new"), subject.name, time.monotonic() - began)
        rows = self.lab.client(subject, "walk", f"{IF_TABLE}.1.1")["varbinds"]
        if rows != namespace.rows:
            self.results.fail("churn", (namespace.size, "1,000 gone, 1,000 new"), subject.name,
                              f"{rows} rows, not {namespace.rows}")

    def soak(self, namespace):
        """Memory of snmpd over ten million varbinds."""
        for name in self.available(ORION_MODULE, FLOOR_MODULE):
            subject = self.subject(namespace, name)
            try:
                self.lab.start(subject)
                count, before = 0, None
                while count < 10_000_000:
                    count += self.lab.client(subject, "-r", 50, "walk", IF_TABLE, IFX_TABLE)["varbinds"]
                    before = subject.rss_mb(subject.snmpd) if before is None else before
                growth = subject.rss_mb(subject.snmpd) - before
                self.results.add("soak", (namespace.size, "10,000,000 varbinds"), name, growth)
            finally:
                self.lab.stop(subject)
