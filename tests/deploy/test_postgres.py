"""A run's history really lies in PostgreSQL, by the settings of the deployment; Debian's server is started for it."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipeline.dagster.province import DISTRICT, YEAR, province_definitions
from pipeline.settings import PROJECT_FOLDER
from tests.deep import only_deep
from tests.province.world import KEY, write_district
from tests.province.world import YEAR as POLICY_YEAR
from tests.spark.cluster import HOST, free_port

CODE = "539911"
SETTINGS = PROJECT_FOLDER / "deploy" / "compose" / "dagster.yaml"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1:]


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL with an empty database."""

    port: int
    password: str


@pytest.fixture
def server() -> Iterator[Server]:
    """Debian's PostgreSQL, as a user without rights: it refuses to be root's."""
    if not PROGRAMS:
        pytest.skip("PostgreSQL isn't installed (Debian, Ubuntu: apt install postgresql)")
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="daijiao-postgres-"))
    password, port = secrets.token_hex(16), free_port()
    try:
        (folder / "password").write_text(password, encoding="ascii")
        if user is not None:
            account = pwd.getpwnam(user)
            for path in (folder, folder / "password"):
                os.chown(path, account.pw_uid, account.pw_gid)
        data = str(folder / "data")

        def called(program: str, *words: str) -> None:
            command = [str(PROGRAMS[0] / program), *words]
            subprocess.run(
                command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
            )

        called("initdb", "-D", data, "-U", "dagster", "-A", "scram-sha-256", "--pwfile", str(folder / "password"), "-N")
        options = f"-c listen_addresses={HOST} -c port={port} -c unix_socket_directories={folder}"
        called("pg_ctl", "start", "-w", "-D", data, "-o", options, "-l", str(folder / "log"))
        try:
            yield Server(port, password)
        finally:
            called("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder)


@only_deep("it starts a database server")
def test_a_run_of_a_district_is_kept_in_postgres(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes later, by a connection of its own, finds the run, its district and what it published."""
    psycopg2 = pytest.importorskip("psycopg2", reason="the extra deploy isn't installed")
    home, province = tmp_path / "home", tmp_path / "province"
    home.mkdir()
    write_district(province, CODE, "云岭市", [("张伟一", "530199197003150112")])
    settings = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    settings["storage"]["postgres"]["postgres_db"]["db_name"] = "postgres"
    (home / "dagster.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    for name, value in {
        "DAGSTER_POSTGRES_HOST": HOST,
        "DAGSTER_POSTGRES_PORT": str(server.port),
        "DAGSTER_POSTGRES_PASSWORD": server.password,
        "DAIJIAO_KEY": KEY,
    }.items():
        monkeypatch.setenv(name, value)
    partition = dg.MultiPartitionKey({YEAR: str(POLICY_YEAR), DISTRICT: CODE})
    with dg.DagsterInstance.from_config(str(home)) as instance:
        job = province_definitions(province).resolve_job_def("refresh_district")
        run_id = job.execute_in_process(partition_key=partition, instance=instance).run_id
    connection = psycopg2.connect(
        host=HOST, port=server.port, user="dagster", password=server.password, dbname="postgres"
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT status, partition FROM runs WHERE run_id = %s", [run_id])
        assert cursor.fetchall() == [("SUCCESS", str(partition))]
        cursor.execute(
            "SELECT asset_key, partition FROM event_logs WHERE run_id = %s AND dagster_event_type = 'ASSET_MATERIALIZATION'",
            [run_id],
        )
        assert cursor.fetchall() == [('["province", "district"]', str(partition))]
        cursor.execute("SELECT count(*) FROM event_logs WHERE run_id = %s AND event LIKE %s", [run_id, "%张伟一%"])
        assert cursor.fetchall() == [(0,)]
    connection.close()
    assert not list(home.rglob("*.db"))
