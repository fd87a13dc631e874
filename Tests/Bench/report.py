"""What was measured: medians, ratios, the tables, and the verdict on each target."""

from statistics import median

STOCK = "snmpd"
FLOOR = "floor"
LIBRARY = "libnetsnmp"
ORION = "oriond"
FLOOR_MODULE = "floor+module"
ORION_MODULE = "oriond+module"
ORION_POLICY = "oriond+module, 100 rules, audit"
KERNEL = "kernel"  # no agent at all: the event itself
SUBJECTS = [KERNEL, STOCK, FLOOR, LIBRARY, FLOOR_MODULE, ORION, ORION_MODULE, ORION_POLICY]

# Shown where both sides were measured.
RATIOS = [(ORION, FLOOR), (ORION, LIBRARY), (ORION, STOCK), (ORION_MODULE, ORION), (ORION_MODULE, STOCK),
          (ORION_MODULE, LIBRARY), (ORION_POLICY, LIBRARY), (FLOOR_MODULE, STOCK), (LIBRARY, FLOOR), (FLOOR, STOCK), (ORION, KERNEL)]
RATIOS_SHOWN = 5
NO_RATIOS = {"age", "flood-lost", "rest-cpu", "rest-rss", "start", "churn", "allocations", "soak", "fsync", "sampling-memory",
             "storm"}

TABLES = {
    "get": "GET of one counter, p50, us",
    "get99": "GET of one counter, p99, us",
    "get-cpu": "Processor time of the answering process for one GET, us (snmpd: the whole agent)",
    "get3": "GET of one counter by SNMPv3 authPriv (SHA-256, AES), p50, us",
    "columns": "GETBULK of ten columns abreast, us per varbind",
    "columns-cpu": "The same, processor time of the answering process, us per varbind",
    "walk": "GETBULK walk of ifTable and ifXTable, one column at a time, us per varbind",
    "walk-cpu": "The same, processor time of the answering process, us per varbind",
    "set": "SET of an integer (ifLinkUpDownTrapEnable), p50, us",
    "policy": "SET of an integer with principal, a policy of 100 rules and a durable audit, p50, us",
    "fsync": "What the disk takes to make 500 octets behind a file durable (fdatasync), p50, us",
    "admin": "SET of ifAdminStatus down to the kernel, p50, us",
    "age": "Age of a counter when its answer arrives, ms",
    "trap": "Link event to trap at the receiver, us (kernel: to the event's own arrival at a listener)",
    "flood": "Notifications per second, all links changing at once",
    "flood-lost": "Changes without a notification",
    "burst": "Notifications per second of a burst from the subagent itself, 32 outstanding (no kernel events)",
    "rest-cpu": "Processor time at rest, % of one CPU",
    "rest-rss": "Resident memory at rest, MB",
    "start": "From start of the process to all interfaces answered, s",
    "churn": "500 veth pairs deleted and 500 made: until the agent shows exactly the new set, s",
    "allocations": "Allocations of the subagent for each varbind of a walk",
    "sampling": "A sampling pass: dump, rates, windows, five thresholds, alarms, us (kernel: the bare dump)",
    "sampling-memory": "Memory of an interface with all its windows and histories, KiB",
    "storm": "1,000 alarms raised at once",
    "soak": "Growth of snmpd's resident memory over a soak of GETBULK walks, MB",
}
DIGITS = {"get-cpu": 1, "columns": 2, "columns-cpu": 2, "walk": 2, "walk-cpu": 2, "rest-cpu": 3, "rest-rss": 1,
          "allocations": 3, "start": 2, "churn": 2, "soak": 2, "flood": 0, "flood-lost": 0, "burst": 0, "trap": 0, "age": 1,
          "sampling-memory": 2, "storm": 1}


class Results:
    def __init__(self):
        self.values = {}  # (table, row, subject) -> {round: value}
        self.rows = {}  # table -> rows in the order they came
        self.failures = {}

    def add(self, table, row, subject, value, turn=0):
        rows = self.rows.setdefault(table, [])
        if row not in rows:
            rows.append(row)
        self.values.setdefault((table, row, subject), {})[turn] = value

    def fail(self, table, row, subject, reason):
        rows = self.rows.setdefault(table, [])
        if row not in rows:
            rows.append(row)
        self.failures[table, row, subject] = str(reason)

    def median(self, table, row, subject):
        values = self.values.get((table, row, subject))
        return median(values.values()) if values else None

    def ratio(self, table, row, subject, base):
        """The median of the ratios of each round, so that a machine that slows down does not count."""
        one, other = self.values.get((table, row, subject)), self.values.get((table, row, base))
        turns = [turn for turn in one if turn in other and other[turn]] if one and other else []
        return median(one[turn] / other[turn] for turn in turns) if turns else None

    def markdown(self):
        return "\n".join(part for table in TABLES if table in self.rows for part in self.table(table))

    def table(self, table):
        rows = self.rows[table]
        subjects = [s for s in SUBJECTS if any((table, row, s) in self.values or (table, row, s) in self.failures
                                               for row in rows)]
        ratios = [pair for pair in RATIOS if any(self.ratio(table, row, *pair) is not None for row in rows)]
        ratios = [] if table in NO_RATIOS else ratios[:RATIOS_SHOWN]
        heads = ["interfaces", "case"] + subjects + [f"{one} / {other}" for one, other in ratios]
        lines = []
        for row in sorted(rows, key=lambda row: row[0]):
            cells = [f"{row[0]:,}", row[1]]
            cells += [self.cell(table, row, subject) for subject in subjects]
            cells += [number(self.ratio(table, row, *pair), 2) for pair in ratios]
            lines.append(cells)
        widths = [max(len(line[i]) for line in [heads, *lines]) for i in range(len(heads))]
        yield f"**{TABLES[table]}**\n"
        yield row_text(heads, widths)
        yield row_text(["-" * widths[0], "-" * widths[1]] + ["-" * (width - 1) + ":" for width in widths[2:]], widths)
        yield from (row_text(line, widths) for line in lines)
        reasons = {f"{subject}: {reason}" for (t, _, subject), reason in self.failures.items() if t == table}
        yield "".join(f"\nFailed: {reason}\n" for reason in sorted(reasons))

    def cell(self, table, row, subject):
        if (table, row, subject) in self.failures:
            return "failed"
        return number(self.median(table, row, subject), DIGITS.get(table, 1))

    def as_json(self):
        return {
            "figures": [{"table": table, "interfaces": row[0], "case": row[1], "subject": subject,
                         "median": median(values.values()), "rounds": list(values.values())}
                        for (table, row, subject), values in self.values.items()],
            "failures": [{"table": table, "interfaces": row[0], "case": row[1], "subject": subject, "reason": reason}
                         for (table, row, subject), reason in self.failures.items()],
        }


def number(value, digits):
    return "" if value is None else f"{value:,.{digits}f}"


def row_text(cells, widths):
    return "| " + " | ".join(cell.ljust(width) if i < 2 else cell.rjust(width)
                             for i, (cell, width) in enumerate(zip(cells, widths))) + " |"


class Target:
    """A bound on one figure: `measure` gets the results and a row and returns the value, or None."""

    def __init__(self, text, table, bound, measure, case=None, at_least=False, largest=None):
        self.text, self.table, self.bound, self.measure = text, table, bound, measure
        self.case, self.at_least, self.largest = case, at_least, largest

    def verdicts(self, results):
        for row in sorted(results.rows.get(self.table, []), key=lambda row: row[0]):
            if (self.case is not None and row[1] != self.case) or (self.largest and row[0] > self.largest):
                continue
            value = self.measure(results, self.table, row)
            if value is not None:
                met = value >= self.bound if self.at_least else value <= self.bound
                yield row, value, met


def of(subject):
    return lambda results, table, row: results.median(table, row, subject)


def over(subject, base):
    return lambda results, table, row: results.ratio(table, row, subject, base)


def of_idle(subject):
    """A figure amid a storm to the same without one."""
    def measure(results, table, row):
        idle = results.median(table, (row[0], "GET p99 at rest, us"), subject)
        value = results.median(table, row, subject)
        return value / idle if idle and value else None
    return measure


def growth(subject, small, large):
    """How much dearer a figure is with more interfaces."""
    def measure(results, table, row):
        base = results.median(table, (small, row[1]), subject)
        value = results.median(table, row, subject)
        return value / base if row[0] == large and base and value else None
    return measure


TARGETS = [
    Target("GET p50, to the floor", "get", 1.10, over(ORION, FLOOR), "pinned", largest=2000),
    Target("GET p50, to libnetsnmp", "get", 0.80, over(ORION, LIBRARY), "pinned", largest=2000),
    Target("GET, oriond's processor time, us", "get-cpu", 10, of(ORION), "pinned", largest=2000),
    Target("ten columns abreast, to the floor", "columns", 1.15, over(ORION, FLOOR), "pinned, 25"),
    Target("ten columns abreast, 2,000 interfaces to 32", "columns", 1.0, growth(ORION, 32, 2000), "pinned, 25"),
    Target("SET of an integer, to the floor", "set", 1.30, over(ORION, FLOOR), "pinned"),
    Target("SET with principal (module), to libnetsnmp", "set", 2.0, over(ORION_MODULE, LIBRARY), "pinned"),
    Target("SET with principal, 100 rules and durable audit, to libnetsnmp", "policy", 2.0, over(ORION_POLICY, LIBRARY),
           "pinned"),
    Target("ifAdminStatus down to the kernel, us", "admin", 300, of(ORION), "pinned"),
    *(Target(f"event to trap, {cause}, {share}, us", "trap", bound, of(ORION), f"{cause}, {share}")
      for cause in ("set down or up", "carrier", "set down or up, no fall back", "carrier, no fall back")
      for share, bound in (("p50", 1000), ("p99", 5000))),
    Target("notifications per second, to the floor", "flood", 0.9, over(ORION, FLOOR), "unpinned", at_least=True),
    *(Target(f"no notification: {case}", "flood-lost", 0, of(ORION), case)
      for case in ("flood, carrier", "one after the other, carrier")),
    Target("age of a counter, longest, ms", "age", 100, of(ORION), "longest"),
    Target("sampling pass, to the bare dump", "sampling", 2.0, over(ORION, KERNEL), "any pass"),
    Target("memory of an interface with its histories, KiB", "sampling-memory", 8, of(ORION), "resident"),
    Target("GET p99 amid 1,000 alarms, to that at rest", "storm", 2.0, of_idle(ORION), "GET p99 amid alarms, us"),
    Target("processor time at rest, %", "rest-cpu", 0.2, of(ORION), largest=2000),
    Target("resident memory, MB", "rest-rss", 40, of(ORION), largest=2000),
    Target("walk through the module at 25, to snmpd's own", "walk", 1.2, over(ORION_MODULE, STOCK), "pinned, 25"),
    Target("walk through the module at 50, to snmpd's own", "walk", 1.0, over(ORION_MODULE, STOCK), "pinned, 50"),
    *(Target(f"walk at {n} without the module, to with it", "walk", 5.0, over(ORION, ORION_MODULE), f"pinned, {n}",
             at_least=True) for n in (10, 25, 50)),
    *(Target(f"ten columns abreast at {n}, with the module to without", "columns", 1.05, over(ORION_MODULE, ORION),
             f"pinned, {n}") for n in (1, 10, 25, 50)),
    Target("walk at 50 through the module, oriond's processor time, us per varbind", "walk-cpu", 0.5, of(ORION_MODULE),
           "pinned, 50"),
]


def targets_markdown(results):
    lines = []
    for target in TARGETS:
        for row, value, met in target.verdicts(results):
            bound = f"{'>=' if target.at_least else '<='} {target.bound:g}"
            lines.append([target.text, f"{row[0]:,}", number(value, 2), bound, "met" if met else "**missed**"])
    if not lines:
        return ""
    heads = ["target", "interfaces", "measured", "bound", "verdict"]
    widths = [max(len(line[i]) for line in [heads, *lines]) for i in range(len(heads))]
    return "\n".join(["**Targets**\n", row_text(heads, widths),
                      row_text(["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]], widths),
                      *(row_text(line, widths) for line in lines), ""])
