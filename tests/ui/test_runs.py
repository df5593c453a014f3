# test_runs.py: programs go from the window to a server and back
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from cluster import wait_until


def open_program(start, cluster, name, text):
    window = start(cluster, cluster.program(name, text))
    window.find("frame", name)
    window.says("3 servers")
    return window


def output(window):
    return window.find("text", "Output of the program").text


def wait_for_output(window, words):
    window.wait(lambda: words in output(window), f"the output “{words}”")


def test_type_a_program_and_run_it(cluster, start):
    window = open_program(start, cluster, "typed.py", "pass\n")
    window.find("text", "Program text").text = (
        "import sys\nprint('sum', sum(map(int, sys.stdin.read().split())))\n"
        "print('args', sys.argv[1:])\nprint('oops', file=sys.stderr)\n")
    window.button("Run settings").click()
    window.find("text", "Arguments").text = "one 'two three'"
    window.find("text", "Standard input").text = "4 5\n"
    window.button("Run").click()
    window.says("Finished")
    assert "exit code 0" in window.says("CPU")
    wait_for_output(window, "sum 9\n")
    wait_for_output(window, "args ['one', 'two three']\n")
    wait_for_output(window, "oops\n")
    # Nothing was saved on the way.
    assert (cluster.top / "programs" / "typed.py").read_text() == "pass\n"


def test_output_comes_while_the_program_runs(cluster, start):
    window = open_program(start, cluster, "slow.py",
                          "import time\nprint('first', flush=True)\ntime.sleep(600)\n")
    window.button("Run").click()
    wait_for_output(window, "first\n")
    window.says("Running")
    window.button("Stop").click()
    window.says("Stopped")


def test_compile_error_leads_to_its_line(cluster, start):
    window = open_program(start, cluster, "broken.c",
                          "#include <stdio.h>\n\nint main (void)\n{\n  int é = 1; retrun é;\n}\n")
    window.button("Run").click()
    window.says("Does not compile")
    window.find("panel", "Error, broken.c:5:")
    window.press("p", "Control", "Alt")
    window.press("Return")
    text = window.find("text", "Program text")
    window.wait(lambda: text.caret == (5, 14), f"the cursor on the error, not at {text.caret}")


def test_stop_an_endless_program(cluster, start):
    window = open_program(start, cluster, "endless.c", "int main (void) { for (;;); }\n")
    stop = window.button("Stop")
    assert not stop.sensitive
    window.button("Run").click()
    window.says("Running")
    assert stop.sensitive
    stop.click()
    window.says("Stopped")
    window.wait(lambda: not stop.sensitive, "Stop to be off")
    cluster.wait_idle(60)


@pytest.mark.parametrize("runs", [True, False], ids=["running", "submitted"])
def test_a_program_does_not_outlive_its_window(cluster, start, runs):
    name = f"orphan-{runs}.py"
    window = open_program(start, cluster, name, "import time\ntime.sleep(600)\n")
    window.press("F5")
    if runs:
        window.says("Running")
    window.press("q", "Control")
    window.wait_end()
    job = next(job for job in cluster.json("jobs") if job["name"] == name)
    wait_until(lambda: cluster.job_info(job["job"])["state"] == "finished", 60, "its end")
    assert cluster.job_info(job["job"])["verdict"] == "cancelled"


def test_output_that_ends_inside_a_character(cluster, start):
    window = open_program(start, cluster, "half.py",
                          "import sys\nsys.stdout.buffer.write(b'half \\xe2\\x82')\n")
    window.button("Run").click()
    window.says("Finished")
    wait_for_output(window, "half �")


def test_two_tabs_run_at_once(cluster, start):
    window = start(cluster, *(cluster.program(f"tab{i}.py", f"print('from {i}', flush=True)\n"
                                              "import time\ntime.sleep(600)\n") for i in (1, 2)))
    window.says("3 servers")
    window.wait(lambda: len(window.all("text", "Program text")) == 2, "both texts")

    def outputs():
        return sorted(node.text for node in window.all("text", "Output of the program"))
    window.press("F5")
    window.wait(lambda: outputs() in (["", "from 1\n"], ["", "from 2\n"]), "one output")
    window.press("Tab", "Control")
    window.wait(lambda: not window.button("Stop").sensitive, "the other tab")
    window.press("F5")
    window.wait(lambda: outputs() == ["from 1\n", "from 2\n"], "each its own output")
    window.press("F5", "Shift")
    window.says("Stopped")
    window.press("Tab", "Control")
    window.wait(lambda: window.button("Stop").sensitive, "the first to be running still")
    window.press("F5", "Shift")
    cluster.wait_idle(60)


def test_a_new_program_asks_for_its_language(cluster, start):
    window = start(cluster)
    window.says("3 servers")
    window.find("text", "Program text").text = "print(1)\n"
    window.button("Run").click()
    window.says("choose the language in the run settings")
    window.find("combo box", "Language")


def test_wild_output(cluster, start):
    window = open_program(start, cluster, "wild.py",
                          "import sys\nout = sys.stdout.buffer\n"
                          "out.write(b'nul \\0 bad \\xff\\n')\nout.write(b'x' * 1000000)\n"
                          "out.write('\\nété\\n'.encode())\n")
    window.button("Run").click()
    window.says("Finished")
    wait_for_output(window, "nul � bad �\n")
    wait_for_output(window, "\nété\n")
    assert output(window).count("x") == 1000000
    assert max(map(len, output(window).split("\n"))) <= 4097


@pytest.mark.parametrize("name, text, sentence", [
    ("empty.c", "", "empty"),
    ("program.unknown", "x\n", "unknown"),
])
def test_what_cannot_run_is_explained(cluster, start, name, text, sentence):
    window = open_program(start, cluster, name, text)
    window.button("Run").click()
    window.says("Not run")
    window.says(sentence)


def test_start_a_local_cluster(no_cluster, start):
    window = start(no_cluster, no_cluster.program("a.py", "print('it runs')\n"))
    window.find("frame", "a.py")
    window.button("Start a local cluster").click()
    window.says("3 servers")
    no_cluster.note_processes()
    window.button("Run").click()
    window.says("Finished")
    wait_for_output(window, "it runs\n")


def test_the_window_outlives_the_cluster(fresh_cluster, start):
    window = open_program(start, fresh_cluster, "a.py", "print('again')\n")
    fresh_cluster.note_processes()
    assert fresh_cluster.ctl("down").returncode == 0
    window.says("Not connected")
    fresh_cluster.up()
    window.says("3 servers")
    window.button("Run").click()
    window.says("Finished")
    wait_for_output(window, "again\n")


def test_monitor_lists_the_servers(cluster, start):
    window = start(cluster, "--monitor")
    window.says("3 servers ready")
    for server in cluster.servers():
        window.find("panel", f"Server {server['name']}, ready")
        window.says(server["name"])
    window.says("CPU ")
    cluster.ctl("run", cluster.program("seen.py", "print(1)\n"))
    window.says("seen.py")
