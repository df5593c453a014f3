#!/usr/bin/python3
# bench.py: the cluster beside the plain tools, in one run
# SPDX-License-Identifier: GPL-3.0-or-later
"""
Measures, taking turns so that whatever else the machine does falls on all alike:

- 1,000 times `true`: as 1,000 tasks of one job through the wire, by xargs -P, by GNU parallel;
- from submit to result: one small C and one small Python program through the cluster, and by the
  bare compiler and interpreter.

Each command of the cluster runs in a sealed box of its own limits, which the plain tools do not
give; the ratios say what that, the queue and the wire cost together. The plain tools get the same
number of places as the cluster has slots. Programs whose latency is measured differ by a comment
each time, so that nothing is taken from a cache.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from cluster import Cluster, wait_until  # noqa: E402
from wire import Wire, commands, program  # noqa: E402

C_PROGRAM = '#include <stdio.h>\nint main (void) {{ puts ("hello"); return 0; }}\n/* {} */\n'
PYTHON_PROGRAM = 'print("hello")\n# {}\n'


def machine_facts():
    """What one must know of this machine to read the figures."""
    def first(path, key):
        for line in Path(path).read_text().splitlines():
            if line.startswith(key):
                return line.split(":", 1)[1].strip()
        return "unknown"

    def version(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]

    memory = int(first("/proc/meminfo", "MemTotal").split()[0]) // 1024
    return [f"processor  {first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
            f"memory     {memory} MiB",
            f"kernel     {platform.release()}",
            f"load       {os.getloadavg()[0]:.2f} before the start",
            f"compiler   {version('gcc', '--version')}",
            f"python     {platform.python_version()} of /usr/bin/python3"]


def timed(action):
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def run_quietly(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


# ---- 1,000 times true ---------------------------------------------------------------------------

def true_by_cluster(address, count):
    with Wire(address, "bench") as wire:
        results, _ = wire.follow(wire.submit(commands("bench"), [{"command": "true"}] * count))
    bad = [result for result in results.values() if result["verdict"] != "ok"]
    if bad or len(results) != count:
        sys.exit(f"bench: {len(results)} results of {count}, {len(bad)} bad: {bad[:1]}")


def true_by_xargs(places, count):
    run_quietly("xargs", "-P", str(places), "-I{}", "sh", "-c", "true",
                input="".join(f"{n}\n" for n in range(count)).encode())


def true_by_parallel(places, count):
    run_quietly("parallel", "--will-cite", f"-j{places}", "sh", "-c", "true", "#",
                input="".join(f"{n}\n" for n in range(count)).encode())


# ---- one program --------------------------------------------------------------------------------

def once_by_cluster(address, name, language, text):
    spec, blob = program(name, language, text)
    with Wire(address, "bench") as wire:
        results, streams = wire.follow(wire.submit(spec, [{}], [blob]), output=True)
    if results[0]["verdict"] != "ok" or streams[0, "stdout"] != b"hello\n":
        sys.exit(f"bench: {name}: {results[0]}")


def once_by_compiler(folder, text):
    source, binary = folder / "hello.c", folder / "hello"
    source.write_text(text)
    run_quietly("gcc", "-O2", "-o", binary, source)
    run_quietly(binary)


def once_by_interpreter(folder, text):
    source = folder / "hello.py"
    source.write_text(text)
    run_quietly("/usr/bin/python3", source)


# ---- printing -----------------------------------------------------------------------------------

def take_turns(rounds, contenders):
    """Times each contender `rounds` times in turn; a first, unmeasured turn warms up."""
    times = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name, action in contenders.items():
            seconds = timed(lambda: action(turn))
            if turn > 0:
                times[name].append(seconds)
    return times


def show(title, times, count=1):
    """One line a contender: median, spread, ratio to the last one's median."""
    names = list(times)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"\n{title}")
    print(f"  {'':26} {'median':>11} {'min':>11} {'max':>11}   ratio")
    for name in names:
        values = times[name]
        ratios = ", ".join(f"{medians[name] / medians[other]:.2f} x {other}"
                           for other in names if other != name) if name == names[0] else ""
        print(f"  {name:26} {medians[name] * 1000:8.1f} ms {min(values) * 1000:8.1f} ms"
              f" {max(values) * 1000:8.1f} ms   {ratios}")
    if count > 1:
        for name in names:
            print(f"  {name:26} {count / medians[name]:8.0f} a second")


def measure(cluster, options):
    places = sum(server["slots"] for server in cluster.servers())
    print(f"cluster    {len(cluster.servers())} servers, {places} slots;"
          f" the plain tools get {places} places")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        count = options.count
        show(f"`true`, {count} times ({options.rounds} rounds)", take_turns(options.rounds, {
            "cluster": lambda turn: true_by_cluster(cluster.socket, count),
            f"xargs -P {places}": lambda turn: true_by_xargs(places, count),
            f"parallel -j{places}": lambda turn: true_by_parallel(places, count),
        }), count)
        show(f"A C program, from submit to result ({options.latency} rounds)",
             take_turns(options.latency, {
                 "cluster": lambda turn: once_by_cluster(
                     cluster.socket, "hello.c", "c", C_PROGRAM.format(turn)),
                 "gcc -O2, then run": lambda turn: once_by_compiler(
                     folder, C_PROGRAM.format(turn)),
             }))
        show(f"A Python program, from submit to result ({options.latency} rounds)",
             take_turns(options.latency, {
                 "cluster": lambda turn: once_by_cluster(
                     cluster.socket, "hello.py", "python", PYTHON_PROGRAM.format(turn)),
                 "python3": lambda turn: once_by_interpreter(
                     folder, PYTHON_PROGRAM.format(turn)),
             }))


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="of the 1,000 (%(default)s)")
    parser.add_argument("--count", type=int, default=1000, help="how many true (%(default)s)")
    parser.add_argument("--latency", type=int, default=20, help="rounds of one program"
                        " (%(default)s)")
    options = parser.parse_args()
    print("\n".join(machine_facts()))
    cluster = Cluster().up()
    try:
        wait_until(lambda: all(server["state"] == "ready" for server in cluster.servers()),
                   what="the servers")
        measure(cluster, options)
    finally:
        cluster.down()


if __name__ == "__main__":
    main()
