#!/usr/bin/python3
# shot.py: pictures of every window and state
# SPDX-License-Identifier: GPL-3.0-or-later
"""shot.py [FOLDER]: makes them in FOLDER, else in docs/pictures; needs a display, imagemagick."""

import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from cluster import Cluster, TOP  # noqa: E402
from desktop import Desktop  # noqa: E402

EDITOR = "1100x740"
MONITOR = "1000x640"
DARK = {"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"}

WORDS = """\
// Counts the words of its standard input.
#include <iostream>
#include <map>
#include <string>

int main ()
{
    std::map<std::string, int> counts;

    for (std::string word; std::cin >> word;)
        counts[word]++;
    for (const auto &[word, n] : counts)
        std::cout << n << "  " << word << '\\n';
    std::cerr << counts.size () << " different words\\n";
}
"""
BROKEN = WORDS.replace("counts[word]++;", "count[word]++;").replace("word, n]", "word, m]")
INPUT = "to be or not to be\nthat is the question\n"
ENDLESS = "import time\n\nn = 0\nwhile True:\n    n += 1\n    print('tick', n, flush=True)\n" \
          "    time.sleep(0.5)\n"
BURN = "import time\nend = time.time() + 25\nwhile time.time() < end:\n    sum(range(10**5))\n"


def shoot(folder, name, size):
    """There is no window manager: the window is in the corner, as large as it wants to be."""
    time.sleep(1)
    subprocess.run(["import", "-window", "root", "-crop", f"{size}+0+0", "+repage",
                    str(folder / f"{name}.png")], check=True)
    print(folder / f"{name}.png")


def run_words(window):
    window.button("Run settings").click()
    window.find("text", "Standard input").text = INPUT
    window.button("Run").click()
    window.says("Finished")


def editor(cluster, folder):
    words = cluster.program("words.cpp", WORDS)
    for name, more in (("editor", {}), ("editor-dark", DARK), ("editor-fr", {"language": "fr"})):
        with Desktop(cluster, words, **more) as window:
            window.find("frame", "words.cpp")
            if "language" in more:
                window.says("3 serveurs")
            else:
                window.says("3 servers")
                run_words(window)
            shoot(folder, name, EDITOR)
    with Desktop(cluster, cluster.program("broken.cpp", BROKEN)) as window:
        window.find("frame", "broken.cpp")
        window.says("3 servers")
        window.button("Run").click()
        window.says("Does not compile")
        shoot(folder, "editor-compile-error", EDITOR)
    with Desktop(cluster, cluster.program("clock.py", ENDLESS)) as window:
        window.find("frame", "clock.py")
        window.says("3 servers")
        window.button("Run").click()
        window.says("Running")
        window.wait(lambda: "tick 3" in window.find("text", "Output of the program").text,
                    "some output")
        shoot(folder, "editor-running", EDITOR)
        window.button("Stop").click()
        window.says("Stopped")


def monitor(cluster, folder):
    burn = cluster.program("primes.py", BURN)
    for name, more in (("monitor", {}), ("monitor-dark", DARK)):
        with Desktop(cluster, "--monitor", **more) as window:
            window.says("3 servers ready")
            time.sleep(6)
            programs = [cluster.popen("run", burn) for _ in range(2)]
            time.sleep(14)
            shoot(folder, name, MONITOR)
            for program in programs:
                program.terminate()
                program.communicate()
            if name == "monitor":
                window.find("page tab", "Jobs").click()
                shoot(folder, "monitor-jobs", MONITOR)


def offline(folder):
    nobody = Cluster()
    with Desktop(nobody, nobody.program("words.cpp", WORDS)) as window:
        window.find("frame", "words.cpp")
        shoot(folder, "editor-no-cluster", EDITOR)
    nobody.down()


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    offline(folder)
    cluster = Cluster().up()
    try:
        editor(cluster, folder)
        monitor(cluster, folder)
    finally:
        cluster.down()


if __name__ == "__main__":
    main()
