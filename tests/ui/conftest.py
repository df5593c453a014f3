# conftest.py: the clusters and windows that these tests use
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from cluster import Cluster
from desktop import Desktop


@pytest.fixture(scope="session")
def cluster():
    """One cluster for all tests that leave it as they found it."""
    made = Cluster().up()
    yield made
    made.down()


@pytest.fixture
def fresh_cluster():
    """A cluster of this test's own."""
    made = Cluster().up()
    yield made
    made.down()


@pytest.fixture
def no_cluster():
    """The folders of a cluster that nobody started yet."""
    made = Cluster()
    yield made
    made.down()


@pytest.fixture
def start():
    """Starts the application; it is closed, and its complaints are read, at the end."""
    running = []

    def start_application(*words, **more):
        running.append(Desktop(*words, **more))
        return running[-1]
    yield start_application
    for desktop in running:
        desktop.close()
