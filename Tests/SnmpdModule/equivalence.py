"""Random GETBULKs to two snmpds side by side, one with the module and one without: the answers must be the same bytes."""

import random

import lab
import tables
from snmp import GETBULK, Answer, dotted, message, oid

WISHES = "equivalence orion-bulk=1 orion-principal=2"
VIEWS = ("all", "cut", "narrow")
# Around what snmpd serves itself in these views, and beyond both ends.
LANDMARKS = [oid(text) for text in ("1.0", "1.3", "1.3.6.1", "1.3.6.1.2.1.1", "1.3.6.1.2.1.1.9.1.3", "1.3.6.1.4.1",
             "1.3.6.1.4.1.32472.9", "1.3.6.1.4.1.32473", "1.3.6.1.4.1.32473.3", "1.3.6.1.4.1.32473.7", "1.3.6.1.6.3.16",
             "1.3.6.1.6.3.16.1.2", "1.3.6.1.6.3.16.1.4", "1.3.6.1.6.3.16.1.5.2", "1.3.6.1.7", "2.5")]


# How often snmpd without the module is asked for the other of its answers.
ATTEMPTS = 500


class Outcome:
    """What came of a comparison."""

    def __init__(self):
        # Descriptions.
        self.differences = []
        # Requests whose answer is beyond 64 KiB: neither side sends it.
        self.unanswered = 0
        # Requests to which snmpd has several answers.
        self.ambiguous = 0
        # Requests that snmpd by itself never comes back from.
        self.stuck = 0


class Pair:
    """The two snmpds, each with the same two subagents, of which the first asks for GetBulk, and the other if told so."""

    def __init__(self, directory, extra="", arguments=(), nested_wishes="nested"):
        self.table = tables.write_main(directory / "main")
        self.nested_table = tables.write_nested(directory / "nested")
        self.extra, self.arguments, self.nested_wishes = extra, arguments, nested_wishes
        self.names = [name for name, *_ in tables.main_objects() + tables.nested_objects()]
        self.start_sides()

    def start_sides(self):
        self.sides = []
        for name, module in (("plain", None), ("module", lab.MODULE)):
            side = lab.Snmpd(name, module, extra=self.extra)
            side.main = side.subagent(self.table, *self.arguments, description=WISHES)
            side.nested = side.subagent(self.nested_table, "--big-endian", description=self.nested_wishes)
            # Apart from those of the requests compared.
            side.client.request_id = 1 << 30
            self.sides.append(side)
        self.plain, self.module = self.sides

    def restart(self):
        """New snmpds, in place of one that does not come back and the other."""
        for side in self.sides:
            side.kill()
        self.start_sides()

    def start(self, random_):
        """An OID in or around the regions."""
        choice = random_.random()
        if choice < 0.15:
            return random_.choice(LANDMARKS)
        name = random_.choice(self.names)
        if choice < 0.55:
            return name
        if choice < 0.75:
            return name[: random_.randint(2, len(name))]
        if choice < 0.85:
            return name + (random_.randint(0, 3),)
        return name[:-1] + (random_.choice((0, max(name[-1] - 1, 0), (name[-1] + 1) & 0xFFFFFFFF, 4294967295)),)

    def request(self, random_):
        """One request's arguments: view, non-repeaters, max-repetitions, names."""
        count = random_.choice((1, 1, 1, 2, 3, 5, 10, random_.randint(1, 20)))
        if random_.random() < 0.3:
            # Columns abreast from the same row, as a table is usually read.
            row = random_.randint(0, tables.ROWS)
            columns = random_.sample(range(1, 11), min(count, 10))
            names = [tables.ROOT + (1, 1, column) + ((row,) if row else ()) for column in columns]
        else:
            names = [self.start(random_) for _ in range(count)]
        repetitions = random_.choice((0, 1, 2, 10, 25, 50, random_.randint(0, 200)))
        non_repeaters = random_.choice((0, 0, 0, 1, random_.randint(0, len(names) + 1)))
        return random_.choice(VIEWS), non_repeaters, repetitions, names

    def compare(self, count, seed):
        """Sends `count` requests to both."""
        random_ = random.Random(seed)
        outcome = Outcome()
        for request_id in range(1, count + 1):
            view, non_repeaters, repetitions, names = self.request(random_)
            data = message(view, GETBULK, request_id, non_repeaters, repetitions, names)
            plain, module = (side.client.exchange(data, request_id, 3) for side in self.sides)
            if None in (plain, module) and not all(side.answers() for side in self.sides):
                # Without the module too, if not at the first try.
                if all(self.plain.client.exchange(data, request_id, 3) for _ in range(ATTEMPTS)):
                    outcome.differences.append(f"#{request_id} of seed {seed}: only with the module snmpd is stuck")
                outcome.stuck += 1
                self.restart()
                continue
            if (plain is None) != (module is None):
                # On a busy machine one of them may have been late, or a datagram lost.
                plain, module = (side.client.exchange(data, request_id, 30) for side in self.sides)
            outcome.unanswered += plain is None
            if plain == module:
                continue
            if self.is_ambiguous(data, request_id, plain, module):
                outcome.ambiguous += 1
                continue
            what = f"{view} N={non_repeaters} M={repetitions} {' '.join(map(dotted, names))}"
            outcome.differences.append(f"#{request_id} of seed {seed}: {what}\n{contrast(plain, module)}")
        return outcome

    def is_ambiguous(self, data, request_id, plain, module):
        """Whether snmpd without the module gives both answers to the request, if asked often enough.

        It does when several subagents take part and access control refuses the last repetition of a column: the master
        then goes on in the first varbind of the next column (`netsnmp_bulk_to_next_fix_requests`), and what comes out
        depends on which subagent answers first. One of the outcomes is that it goes on for ever.
        """
        if None in (plain, module):
            return False
        for _ in range(ATTEMPTS):
            answer = self.plain.client.exchange(data, request_id, 3)
            if answer is None and not self.plain.answers():
                self.restart()
                return True
            if answer == module:
                return True
        return False

    def close(self):
        for side in self.sides:
            side.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def contrast(plain, module):
    if plain is None or module is None:
        return f"    answered: plain {plain is not None}, module {module is not None}"
    plain, module = Answer(plain), Answer(module)
    if (plain.error, plain.index) != (module.error, module.index):
        return f"    error: plain {plain.error}@{plain.index}, module {module.error}@{module.index}"
    lines = [f"    varbinds: plain {len(plain.varbinds)}, module {len(module.varbinds)}"]
    for position, (ours, theirs) in enumerate(zip(module.varbinds, plain.varbinds)):
        if ours != theirs:
            lines.append(f"    at {position}: plain {dotted(theirs[0])} {theirs[1:]}, module {dotted(ours[0])} {ours[1:]}")
            break
    return "\n".join(lines)
