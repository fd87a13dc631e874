"""The objects that the test subagents serve: every type, holes, an empty column, long values, several regions."""

from snmp import dotted, oid

ROOT = oid("1.3.6.1.4.1.32473")
# Unassigned, between vacmSecurityToGroupTable (16.1.2) and vacmAccessTable (16.1.4), which snmpd serves itself.
BETWEEN = oid("1.3.6.1.6.3.16.1.3")
NESTED = ROOT + (1, 1, 5, 20)
ROWS = 40


def cell(column, row):
    kinds = {1: ("i", row), 2: ("s", f"eth{row}"), 3: ("c", row * 7919), 4: ("g", row * 1000), 5: ("C", row << 40),
             7: ("s", "x" * (row * 13 % 256)), 8: ("o", dotted(ROOT + (9, row))), 9: ("t", row * 100), 10: ("i", -0 + row)}
    return kinds[column]


def main_objects(rows=ROWS):
    """Column 4 has every second row, column 6 none; row 20 of column 5 is another subagent's."""
    objects = []
    for column in (1, 2, 3, 4, 5, 7, 8, 9, 10):
        for row in range(1, rows + 1):
            if (column != 4 or row % 2) and (column, row) != (5, 20):
                objects.append((ROOT + (1, 1, column, row), *cell(column, row)))
    objects += [(ROOT + (2, scalar, 0), "i", scalar) for scalar in (1, 2, 5)]
    for column in (1, 2, 3):
        for first in range(1, 6):
            for second in (0, 1, 4294967295):
                objects.append((ROOT + (4, 1, column, first, second), "s", f"{first}/{second}"))
    objects += [(BETWEEN + (9, row), "i", row) for row in range(1, 12)]
    return sorted(objects)


def nested_objects():
    return sorted([(NESTED + (part,), "i", part) for part in (1, 2, 3)] +
                  [(ROOT + (5, 1, row), "s", f"other {row}") for row in range(1, 20)])


def island_objects():
    return [(ROOT + (6, 1, row), "i", row * 11) for row in range(1, 30)]


def write(path, registrations, objects):
    lines = [f"register {registration}" for registration in registrations]
    lines += [f"{dotted(name)} {kind} {value}" for name, kind, value in objects]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_main(path, rows=ROWS):
    regions = [dotted(ROOT + (region,)) for region in (1, 2, 4)] + [dotted(BETWEEN)]
    return write(path, regions, main_objects(rows))


def write_nested(path):
    return write(path, [dotted(NESTED), dotted(ROOT + (5,))], nested_objects())


def write_island(path):
    return write(path, [f"{dotted(ROOT + (6,))} 127 island"], island_objects())
