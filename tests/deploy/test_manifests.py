"""The manifests hold together, and what the checks are for is found where it is put in."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.settings import PROJECT_FOLDER

from .manifests import (
    BY_HAND,
    Document,
    faults_of_compose,
    faults_of_image,
    faults_of_kubernetes,
    published_faults_of_compose,
    published_faults_of_kubernetes,
)

DEPLOY = PROJECT_FOLDER / "deploy"
COMPOSE: Document = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES: list[Document] = [
    document
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
Break = Callable[[Any], object]


def find(documents: list[Document], kind: str, name: str) -> Document:
    """One of the manifests."""
    return next(each for each in documents if (each["kind"], each["metadata"]["name"]) == (kind, name))


def container(documents: list[Document], name: str) -> Document:
    """The container of a deployment."""
    found: Document = find(documents, "Deployment", name)["spec"]["template"]["spec"]["containers"][0]
    return found


def test_the_compose_file_holds_together() -> None:
    """Images pinned, no secret in clear, every part asked whether it is well, nothing open to other machines."""
    assert faults_of_compose(COMPOSE) == []


def test_the_manifests_hold_together() -> None:
    """The same, and every name leads somewhere."""
    assert faults_of_kubernetes(KUBERNETES) == []


@pytest.mark.parametrize(
    ("fault", "put_in"),
    [
        ("not pinned", lambda it: it["services"]["web"].update(image="daijiao:latest")),
        ("not pinned", lambda it: it["services"]["postgres"].update(image="postgres")),
        ("in clear", lambda it: it["services"]["postgres"]["environment"].update(POSTGRES_PASSWORD="a")),
        ("in clear", lambda it: it["services"]["code"]["environment"].update(DAIJIAO_KEY="a")),
        ("nobody reads DAIJIAO_PROVINZ", lambda it: it["services"]["code"]["environment"].update(DAIJIAO_PROVINZ="a")),
        ("is well", lambda it: it["services"]["daemon"].pop("healthcheck")),
        ("other machines", lambda it: it["services"]["web"].update(ports=["3000:3000"])),
        ("which isn't there", lambda it: it["services"].pop("postgres")),
        ("no volume history", lambda it: it["volumes"].pop("history")),
        ("no secret daijiao_key", lambda it: it["secrets"].pop("daijiao_key")),
    ],
)
def test_a_fault_of_the_compose_file_is_found(fault: str, put_in: Break) -> None:
    """A check that finds nothing proves nothing."""
    broken = deepcopy(COMPOSE)
    put_in(broken)
    assert any(fault in each for each in faults_of_compose(broken))


@pytest.mark.parametrize(
    ("fault", "put_in"),
    [
        ("not pinned", lambda it: container(it, "web").update(image="daijiao")),
        ("livenessProbe", lambda it: container(it, "daemon").pop("livenessProbe")),
        ("what it takes", lambda it: container(it, "code").pop("resources")),
        ("gain rights", lambda it: container(it, "code").pop("securityContext")),
        ("in clear", lambda it: container(it, "code").update(env=[{"name": "DAIJIAO_KEY", "value": "a"}])),
        ("no secret other", lambda it: container(it, "code").update(envFrom=[{"secretRef": {"name": "other"}}])),
        ("no volume province", lambda it: find(it, "Deployment", "code")["spec"]["template"]["spec"]["volumes"].pop()),
        (
            "may run as root",
            lambda it: find(it, "Deployment", "web")["spec"]["template"]["spec"].pop("securityContext"),
        ),
        ("no PersistentVolumeClaim", lambda it: it.remove(find(it, "PersistentVolumeClaim", "province"))),
        ("no ServiceAccount", lambda it: it.remove(find(it, "ServiceAccount", "runs"))),
        ("no ConfigMap environment", lambda it: it.remove(find(it, "ConfigMap", "environment"))),
        ("no Role runs", lambda it: it.remove(find(it, "Role", "runs"))),
        ("nobody reads", lambda it: find(it, "ConfigMap", "environment")["data"].update(DAIJIAO_OTHER="a")),
        ("in clear", lambda it: find(it, "ConfigMap", "environment")["data"].update(DAGSTER_POSTGRES_PASSWORD="a")),
        ("no pod answers", lambda it: find(it, "Service", "code")["spec"]["ports"][0].update(targetPort=4001)),
        ("no namespace", lambda it: find(it, "Service", "web")["metadata"].pop("namespace")),
        ("a secret in clear", lambda it: it.append({**deepcopy(find(it, "ConfigMap", "instance")), "kind": "Secret"})),
    ],
)
def test_a_fault_of_the_manifests_is_found(fault: str, put_in: Break) -> None:
    """The same for Kubernetes."""
    broken = deepcopy(KUBERNETES)
    put_in(broken)
    assert any(fault in each for each in faults_of_kubernetes(broken))


def test_the_compose_file_is_one_by_the_published_schema() -> None:
    """Every key and type is one of the Compose Specification."""
    assert published_faults_of_compose(COMPOSE) == []


@pytest.mark.parametrize(
    "put_in",
    [
        lambda it: it["services"]["web"].update(imag="daijiao:0.1.0"),
        lambda it: it["services"]["web"].update(restart=1),
        lambda it: it["services"]["daemon"]["healthcheck"].update(retries=[3]),
        lambda it: it["services"]["code"]["depends_on"]["postgres"].update(condition="well"),
        lambda it: it.update(service={}),
    ],
)
def test_what_the_compose_schema_does_not_know_is_found(put_in: Break) -> None:
    """A word written wrong, and a value of another type."""
    broken = deepcopy(COMPOSE)
    put_in(broken)
    assert published_faults_of_compose(broken) != []


def test_kubernetes_reads_the_manifests_as_they_are_written() -> None:
    """Every kind, field and type is one of the API that Kubernetes publishes; what it doesn't know it would pass over."""
    client = pytest.importorskip("kubernetes.client", reason="the extra deploy isn't installed")
    assert [fault for each in KUBERNETES for fault in published_faults_of_kubernetes(client, each)] == []


@pytest.mark.parametrize(
    ("fault", "kind", "name", "put_in"),
    [
        ("has no such kind", "Deployment", "web", lambda it: it.update(apiVersion="v1")),
        ("has no such kind", "Deployment", "web", lambda it: it.update(apiVersion="apps/v1beta2")),
        ("has no such kind", "Service", "web", lambda it: it.update(kind="Servis")),
        ("Deployment.spec.replica:", "Deployment", "web", lambda it: it["spec"].update(replica=1)),
        ("'1' is read as 1", "Deployment", "web", lambda it: it["spec"].update(replicas="1")),
        ("Deployment: ", "Deployment", "web", lambda it: it["spec"].update(replicas="one")),
        ("selector", "Deployment", "web", lambda it: it["spec"].pop("selector")),
        (
            "Deployment.spec.template.spec.containers[0].livenesProbe:",
            "Deployment",
            "code",
            lambda it: it["spec"]["template"]["spec"]["containers"][0].update(livenesProbe={}),
        ),
        ("accessModes", "PersistentVolumeClaim", "province", lambda it: it["spec"].update(accessModes="ReadWriteMany")),
    ],
)
def test_what_kubernetes_would_not_read_is_found(fault: str, kind: str, name: str, put_in: Break) -> None:
    """A word written wrong, a value of another type, something needed that is missing, a kind of another version."""
    client = pytest.importorskip("kubernetes.client", reason="the extra deploy isn't installed")
    broken = deepcopy(find(KUBERNETES, kind, name))
    put_in(broken)
    assert any(fault in each for each in published_faults_of_kubernetes(client, broken))


def test_both_deployments_have_the_same_history_and_queue() -> None:
    """But for where runs are started and how many at once."""
    instance = find(KUBERNETES, "ConfigMap", "instance")["data"]
    kubernetes = yaml.safe_load(instance["dagster.yaml"])
    compose = yaml.safe_load((DEPLOY / "compose" / "dagster.yaml").read_text(encoding="utf-8"))
    for part in ("storage", "telemetry", "run_monitoring", "python_logs"):
        assert kubernetes[part] == compose[part]
    limits = [each["concurrency"]["runs"]["tag_concurrency_limits"] for each in (kubernetes, compose)]
    assert limits[0] == limits[1] == [{"key": "district", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}]
    assert instance["workspace.yaml"] == (DEPLOY / "compose" / "workspace.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["compose", "kubernetes"])
def test_dagster_takes_the_settings_of_its_instance(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it checks them when it starts; a setting that it doesn't know would stop it there."""
    from dagster._config import process_config, resolve_to_config_type
    from dagster._core.instance.config import dagster_instance_config_schema

    for name, value in {"HOST": "postgres", "PORT": "5432", "PASSWORD": "of nobody"}.items():
        monkeypatch.setenv(f"DAGSTER_POSTGRES_{name}", value)
    of_compose = (DEPLOY / "compose" / "dagster.yaml").read_text(encoding="utf-8")
    of_kubernetes = find(KUBERNETES, "ConfigMap", "instance")["data"]["dagster.yaml"]
    settings = yaml.safe_load({"compose": of_compose, "kubernetes": of_kubernetes}[place])
    schema = resolve_to_config_type(dagster_instance_config_schema())
    found = process_config(schema, settings)
    assert found.success, found.errors
    settings["concurrency"]["runs"]["max_concurrent"] = 4
    assert not process_config(schema, settings).success


def test_the_launcher_of_runs_takes_its_settings() -> None:
    """As dagster-k8s reads them, and with names that lead somewhere."""
    launcher = pytest.importorskip("dagster_k8s", reason="the extra deploy isn't installed").K8sRunLauncher
    from dagster._config import process_config, resolve_to_config_type

    instance = yaml.safe_load(find(KUBERNETES, "ConfigMap", "instance")["data"]["dagster.yaml"])
    config = instance["run_launcher"]["config"]
    found = process_config(resolve_to_config_type(launcher.config_type()), config)
    assert found.success, found.errors
    assert not process_config(resolve_to_config_type(launcher.config_type()), {**config, "job_images": "a"}).success
    assert config["job_image"] == container(KUBERNETES, "code")["image"]
    for kind, name in (
        ("ServiceAccount", config["service_account_name"]),
        ("ConfigMap", config["instance_config_map"]),
        *(("ConfigMap", each) for each in config["env_config_maps"]),
        *(("PersistentVolumeClaim", each["persistentVolumeClaim"]["claimName"]) for each in config["volumes"]),
    ):
        assert find(KUBERNETES, kind, name)
    assert set(config["env_secrets"]) == set(BY_HAND)


def test_the_image_is_made_of_what_is_there() -> None:
    """From a pinned image, by the same uv, of files that lie in the repository; what it begins with can be started."""
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    (origin,) = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert list(faults_of_image("Dockerfile", origin)) == []
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert len(copied) > 3
    assert [word for word in copied if not (PROJECT_FOLDER / word).exists()] == []
    (version,) = re.findall(
        r"^UV_VERSION := (.+)$", (PROJECT_FOLDER / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert f"uv=={version}" in "\n".join(lines)
    assert os.access(DEPLOY / "with-secrets", os.X_OK)
    user = next(line.split()[1] for line in lines if line.startswith("USER "))
    assert user != "root"


def test_what_the_parts_start_is_there() -> None:
    """The module that the code location loads."""
    commands = [COMPOSE["services"]["code"]["command"], container(KUBERNETES, "code")["args"]]
    for command in commands:
        module = command[command.index("--module-name") + 1]
        assert find_spec(module) is not None
        assert command == commands[0]


def test_secrets_are_read_from_their_files(tmp_path: Path) -> None:
    """By the image's entry; what follows it gets them in its environment, and its own words as they are."""
    script = (DEPLOY / "with-secrets").read_text(encoding="utf-8").replace("/run/secrets", str(tmp_path))
    entry = tmp_path / "entry"
    entry.write_text(script, encoding="utf-8")
    (tmp_path / "postgres_password").write_text("a word'$\n", encoding="utf-8")
    told = subprocess.run(
        ["sh", str(entry), "sh", "-c", 'printf "%s|%s" "$DAGSTER_POSTGRES_PASSWORD" "$1"', "sh", "two words"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": str(Path(str(shutil.which("sh"))).parent)},
    )
    assert told.stdout == "a word'$|two words"
