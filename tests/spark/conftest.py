"""A Spark Connect server that starts in a second: Sail, where its package is installed."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The address of a running Sail."""
    pytest.importorskip("pyspark.sql.connect", reason="the extra spark isn't installed")
    spark = pytest.importorskip("pysail.spark", reason="pysail isn't installed")
    server = spark.SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def spark(sail: str) -> Iterator[Any]:
    """A session, as the engine opens one."""
    from pipeline.warehouse.engine_spark import address_of, connected

    session = connected(address_of(sail))
    yield session
    session.stop()
