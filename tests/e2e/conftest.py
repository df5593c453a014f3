# conftest.py: the clusters that tests of whole programs use
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from cluster import Cluster


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
