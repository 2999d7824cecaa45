"""The server that the tests of this folder ask: Sail, which starts in a second; in `make test-spark`, Apache Spark."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .cluster import Cluster, running

SPARK_HOME = os.environ.get("DAIJIAO_SPARK_HOME")
# Of the district that Apache Spark builds: those whom the district of 2019 planned for.
PERSONS = int(os.environ.get("DAIJIAO_SPARK_PERSONS", "65443"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Apache Spark with two workers."""
    if SPARK_HOME is None:
        pytest.skip("only in make test-spark: it starts Apache Spark")
    with running(Path(SPARK_HOME), tmp_path_factory.mktemp("spark"), PERSONS) as started:
        yield started


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a running Spark Connect server."""
    pytest.importorskip("pyspark.sql.connect", reason="the extra spark isn't installed")
    if SPARK_HOME is not None:
        yield request.getfixturevalue("cluster").url
        return
    sail = pytest.importorskip("pysail.spark", reason="pysail isn't installed")
    started = sail.SparkConnectServer(ip="127.0.0.1", port=0)
    started.start(background=True)
    host, port = started.listening_address
    yield f"sc://{host}:{port}"
    started.stop()


@pytest.fixture(scope="session")
def spark(server: str) -> Iterator[Any]:
    """A session, as the engine opens one."""
    from pipeline.warehouse.engine_spark import address_of, connected, disconnect

    session = connected(address_of(server))
    yield session
    disconnect(session)
