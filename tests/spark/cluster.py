"""Apache Spark on loopback: a master, two workers and a Connect server, started and stopped by whoever asks."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
WORKERS = 2
START_SECONDS = 180.0
# Of an executor, so that two of them, master and server fit beside other work; and of one for more rows than a district's.
MEGABYTES, MEGABYTES_OF_MANY = 1200, 3000
PERSONS_OF_A_DISTRICT = 100_000
# What a worker has beyond its executor's.
MORE_MEGABYTES = 800
SERVER_MEMORY = "2g"


@dataclass
class Cluster:
    """A running cluster for the rows of so many persons; `url` is where its Connect server listens."""

    home: Path
    folder: Path
    persons: int
    url: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start all processes, and wait until they answer."""
        master, server = free_port(), free_port()
        self.others.append(
            self._java("master", "org.apache.spark.deploy.master.Master", "--port", str(master), "--webui-port", "0")
        )
        self._wait(master, "master")
        for number in range(WORKERS):
            self.workers.append(self._worker(number, master))
        self.others.append(self._server(master, server))
        self._wait(server, "server")
        self.url = f"sc://{HOST}:{server}"

    def kill_worker(self) -> None:
        """End a worker and the executor that it started, as a machine ends that loses its power."""
        worker = self.workers.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def stop(self) -> None:
        """End every process that was started."""
        for process in (*self.workers, *self.others):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def cpu_seconds(self) -> float:
        """What all processes have used so far, those of the executors too."""
        return cpu_seconds_of({process.pid for process in (*self.workers, *self.others)})

    @property
    def _has_many(self) -> bool:
        return self.persons > PERSONS_OF_A_DISTRICT

    @property
    def _megabytes(self) -> int:
        return MEGABYTES_OF_MANY if self._has_many else MEGABYTES

    def _worker(self, number: int, master: int) -> subprocess.Popen[bytes]:
        folder = self.folder / f"worker-{number}"
        memory = f"{self._megabytes + MORE_MEGABYTES}m"
        options = ["--cores", "1", "--memory", memory, "--webui-port", "0", "--work-dir", str(folder)]
        return self._java(
            f"worker-{number}", "org.apache.spark.deploy.worker.Worker", *options, f"spark://{HOST}:{master}"
        )

    def _server(self, master: int, port: int) -> subprocess.Popen[bytes]:
        settings = {
            "spark.connect.grpc.binding.address": HOST,
            "spark.connect.grpc.binding.port": str(port),
            "spark.driver.bindAddress": HOST,
            "spark.driver.host": HOST,
            "spark.executor.cores": "1",
            "spark.executor.memory": f"{self._megabytes}m",
            "spark.local.dir": str(self.folder / "local"),
            "spark.sql.shuffle.partitions": str(WORKERS),
            "spark.sql.warehouse.dir": str(self.folder / "tables"),
            "spark.ui.enabled": "false",
        }
        if self._has_many:
            # A file that is small because it is compressed doesn't fit into the server's memory once it is read for a join.
            settings["spark.sql.autoBroadcastJoinThreshold"] = "-1"
        command = [str(self.home / "bin" / "spark-submit"), "--master", f"spark://{HOST}:{master}"]
        command += [
            "--driver-memory",
            SERVER_MEMORY,
            "--class",
            "org.apache.spark.sql.connect.service.SparkConnectServer",
        ]
        for name, value in settings.items():
            command += ["--conf", f"{name}={value}"]
        return self._started("server", [*command, "spark-internal"])

    def _java(self, name: str, main: str, *options: str) -> subprocess.Popen[bytes]:
        command = [str(self.home / "bin" / "spark-class"), main]
        return self._started(name, [*command, "--host", HOST, *options])

    def _started(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"SPARK_HOME": str(self.home), "SPARK_LOCAL_IP": HOST, "SPARK_DAEMON_MEMORY": "512m"}
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )

    def _wait(self, port: int, name: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and all(each.poll() is None for each in (*self.workers, *self.others)):
            try:
                socket.create_connection((HOST, port), 1).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        log = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        raise AssertionError(f"Spark's {name} did not start:\n{log[-3000:]}")


@contextmanager
def running(home: Path, folder: Path, persons: int) -> Iterator[Cluster]:
    """A cluster for as long as it is needed."""
    cluster = Cluster(home, folder, persons)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def cpu_seconds_of(groups: set[int]) -> float:
    """What the processes of these groups have used so far, those that run."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            values = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(values[2]) in groups:
            ticks += int(values[11]) + int(values[12])
    return ticks / os.sysconf("SC_CLK_TCK")
