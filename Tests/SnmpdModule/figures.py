"""Time per varbind of walks through a subagent, without and with the module, and of snmpd's own ifTable beside them."""

import pathlib
import statistics
import subprocess
import tempfile
import time

import lab
import tables
from snmp import GETBULK, Answer, message, oid

ROWS, INTERFACES, ROUNDS = 2000, 500, 7
IF_COLUMNS = oid("1.3.6.1.2.1.2.2.1")


def requests_of(client, columns, repetitions):
    """The messages of a walk of all columns abreast, and how many varbinds they bring."""
    names, messages, cells = list(columns), [], 0
    while True:
        request_id = len(messages) + 1
        data = message("all", GETBULK, request_id, 0, repetitions, names)
        answer = Answer(client.exchange(data, request_id))
        messages.append(data)
        cells += len(answer.varbinds)
        names = [name for name, *_ in answer.varbinds[-len(columns):]]
        if any(name[: len(column)] != column for name, column in zip(names, columns)):
            return messages, cells


def replay(client, messages):
    begin = time.perf_counter()
    for data in messages:
        client.socket.send(data)
        client.socket.recv(65536)
    return time.perf_counter() - begin


def measure(sides, shape, columns_of):
    for repetitions in (10, 25, 50):
        walks = {name: requests_of(side.client, columns_of(name), repetitions) for name, side in sides.items()}
        times = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, side in sides.items():
                messages, cells = walks[name]
                times[name].append(replay(side.client, messages) / cells * 1e6)
        figures = "  ".join(f"{name} {statistics.median(times[name]):6.2f}" for name in sides)
        print(f"{shape:>14}, max-repetitions {repetitions:2}: {figures}  us per varbind", flush=True)


def main():
    with tempfile.TemporaryDirectory() as directory:
        table = tables.write_main(pathlib.Path(directory) / "main", rows=ROWS)
        view = "view all included 1.3.6.1.2.1.2\n"
        with lab.Snmpd("plain", extra=view) as plain, lab.Snmpd("module", lab.MODULE, extra=view) as module:
            for side in (plain, module):
                side.subagent(table, description="figures orion-bulk=1")
            for index in range(INTERFACES):
                subprocess.run(["ip", "link", "add", f"ifb{index}", "type", "ifb"], check=True)
            time.sleep(5)
            sides = {"without": plain, "with": module, "own": plain}
            own = lambda name, columns: [IF_COLUMNS + (c,) for c in columns] if name == "own" else \
                [tables.ROOT + (1, 1, c) for c in columns]
            measure(sides, "one column", lambda name: own(name, (10,)))
            measure(sides, "ten abreast", lambda name: own(name, (1, 2, 3, 5, 7, 8, 9, 10, 10, 10)))


if __name__ == "__main__":
    main()
