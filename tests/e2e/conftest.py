# conftest.py: the clusters that tests of whole programs use
# SPDX-License-Identifier: GPL-3.0-or-later

import os

import pytest
from cluster import Cluster

# Nobody but root can act as two people. Another user's run leaves this out, and says so.
collect_ignore = [] if os.geteuid() == 0 else ["test_other_people.py"]


def pytest_report_header(config):
    return [f"not root: {name} is left out" for name in collect_ignore]


@pytest.fixture(scope="session")
def cluster():
    """One cluster for all tests that leave it as they found it."""
    made = Cluster().up()
    yield made
    made.down()


@pytest.fixture
def fresh_cluster():
    """A cluster of this test's own, which may kill what it likes."""
    made = Cluster().up()
    yield made
    made.down()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure is shown with the ends of the daemons' logs."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Cluster):
                report.sections.append(("logs of the cluster", value.logs()))
