"""What is wrong with a deployment's manifests, as far as can be told without a cluster: a line a fault.

By what their authors publish of them (the Compose Specification's schema, the types of Kubernetes' own client), and by what this
deployment promises beyond that.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jsonschema import Draft7Validator

from pipeline.settings import Settings

Document = dict[str, Any]
PINNED = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?(-[\w.]+)*")
SECRET = re.compile(r"PASSWORD|TOKEN|SECRET|(?<!\w)DAIJIAO_KEY$", re.IGNORECASE)
SETTINGS = {f"DAIJIAO_{name.upper()}" for name in Settings.model_fields} | {"DAIJIAO_KEY"}
DAGSTER = {"DAGSTER_HOME", "DAGSTER_POSTGRES_HOST", "DAGSTER_POSTGRES_PORT", "DAGSTER_POSTGRES_PASSWORD"}
POSTGRES = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "PGDATA"}
# The secret that is made by hand, with its keys.
BY_HAND = {"daijiao": {"DAIJIAO_KEY", "DAGSTER_POSTGRES_PASSWORD"}}
PROBES = ("readinessProbe", "livenessProbe")

# https://github.com/compose-spec/compose-spec, schema/compose-spec.json of 23 June 2026, as published
COMPOSE_SCHEMA = Path(__file__).with_name("compose-spec.json")


def published_faults_of_compose(compose: Document) -> list[str]:
    """What the schema of the Compose Specification says against a compose file."""
    validator = Draft7Validator(json.loads(COMPOSE_SCHEMA.read_text(encoding="utf-8")))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(compose)]


def published_faults_of_kubernetes(client: Any, document: Document) -> list[str]:
    """What Kubernetes would not read of a manifest, or would read as something else.

    Args:
        client: the module ``kubernetes.client``, whose types are made from the API that Kubernetes publishes.
        document: the manifest.
    """
    kind, version = document["kind"], document["apiVersion"]
    if not _is_served(client, kind, version):
        return [f"{kind}: {version} has no such kind"]
    api = client.ApiClient()
    try:
        read = api.deserialize(SimpleNamespace(data=json.dumps(document)), f"V1{kind}")
    except ValueError as error:
        return [f"{kind}: {error}"]
    return list(_unread(kind, document, api.sanitize_for_serialization(read)))


def _is_served(client: Any, kind: str, version: str) -> bool:
    group, _, number = version.rpartition("/")
    words = (group.removesuffix(".k8s.io") or "core").split(".")
    served = getattr(client, "".join(word.title() for word in words) + f"{number.title()}Api", None)
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    return any(hasattr(served, f"create_{scope}{name}") for scope in ("", "namespaced_"))


def _unread(place: str, written: Any, read: Any) -> Iterator[str]:
    """Where what was read isn't what was written."""
    if isinstance(written, dict) and isinstance(read, dict):
        for key, value in written.items():
            yield from _unread(f"{place}.{key}", value, read.get(key))
    elif isinstance(written, list) and isinstance(read, list):
        for number, (one, other) in enumerate(zip(written, read, strict=True)):
            yield from _unread(f"{place}[{number}]", one, other)
    elif (type(written), written) != (type(read), read):
        yield f"{place}: {written!r} is read as {read!r}"


def faults_of_variables(place: str, variables: Mapping[str, Any]) -> Iterator[str]:
    """Variables that nobody reads, and secrets that stand there in clear; a value of null comes from elsewhere."""
    for name, value in variables.items():
        if name not in SETTINGS | DAGSTER | POSTGRES:
            yield f"{place}: nobody reads {name}"
        if SECRET.search(name) and not name.endswith("_FILE") and value is not None:
            yield f"{place}: {name} stands there in clear"


def faults_of_image(place: str, image: str) -> Iterator[str]:
    """An image whose version is open."""
    if not PINNED.fullmatch(image):
        yield f"{place}: the image {image} is not pinned"


def faults_of_compose(compose: Document) -> list[str]:
    """The faults of a compose file."""
    found: list[str] = []
    services, volumes, secrets = (compose.get(part, {}) for part in ("services", "volumes", "secrets"))
    for name, service in services.items():
        found += faults_of_image(name, service["image"])
        found += faults_of_variables(name, service.get("environment", {}))
        found += [] if "healthcheck" in service else [f"{name}: nobody asks whether it is well"]
        found += [
            f"{name}: waits for {other}, which isn't there"
            for other in service.get("depends_on", {})
            if other not in services
        ]
        found += [f"{name}: no secret {each}" for each in service.get("secrets", []) if each not in secrets]
        for port in service.get("ports", []):
            found += [] if port.startswith("127.0.0.1:") else [f"{name}: {port} is open to other machines"]
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            found += [] if source.startswith("./") or source in volumes else [f"{name}: no volume {source}"]
    return found


def faults_of_kubernetes(documents: Sequence[Document]) -> list[str]:
    """The faults of the manifests of one namespace, which know each other."""
    found: list[str] = []
    named = {(each["kind"], each["metadata"]["name"]): each for each in documents}
    for (kind, name), document in named.items():
        place = f"{kind} {name}"
        if kind != "Namespace" and document["metadata"].get("namespace") != "daijiao":
            found.append(f"{place}: stands in no namespace")
        if kind in ("Deployment", "StatefulSet"):
            found += _faults_of_workload(place, document["spec"], named)
        if kind == "Service":
            found += _faults_of_service(place, document["spec"], documents)
        if kind == "Secret":
            found.append(f"{place}: a secret in clear")
        if kind == "ConfigMap":
            found += faults_of_variables(
                place, {key: value for key, value in document["data"].items() if "." not in key}
            )
        if kind == "RoleBinding":
            wanted = [
                ("Role", document["roleRef"]["name"]),
                *((each["kind"], each["name"]) for each in document["subjects"]),
            ]
            found += [f"{place}: no {' '.join(each)}" for each in wanted if each not in named]
    return found


def _faults_of_workload(place: str, spec: Document, named: Mapping[tuple[str, str], Document]) -> Iterator[str]:
    pod = spec["template"]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    if spec["selector"]["matchLabels"].items() - labels.items():
        yield f"{place}: selects other pods than its own"
    if not pod.get("securityContext", {}).get("runAsNonRoot"):
        yield f"{place}: may run as root"
    account = pod.get("serviceAccountName")
    if account and ("ServiceAccount", account) not in named:
        yield f"{place}: no ServiceAccount {account}"
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    yield from _faults_of_volumes(place, volumes, named)
    claimed = {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", [])}
    for container in pod["containers"]:
        yield from faults_of_image(place, container["image"])
        yield from (f"{place}: has no {probe}" for probe in PROBES if probe not in container)
        if {"requests", "limits"} - container.get("resources", {}).keys():
            yield f"{place}: nobody knows what it takes"
        if container.get("securityContext", {}).get("allowPrivilegeEscalation") is not False:
            yield f"{place}: may gain rights"
        yield from faults_of_variables(place, {each["name"]: each.get("value") for each in container.get("env", [])})
        yield from _faults_of_sources(place, container, named)
        mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
        yield from (f"{place}: no volume {each}" for each in sorted(mounted - volumes.keys() - claimed))


def _faults_of_volumes(
    place: str, volumes: Mapping[str, Document], named: Mapping[tuple[str, str], Document]
) -> Iterator[str]:
    for volume in volumes.values():
        claim, source = volume.get("persistentVolumeClaim"), volume.get("configMap")
        if claim and ("PersistentVolumeClaim", claim["claimName"]) not in named:
            yield f"{place}: no PersistentVolumeClaim {claim['claimName']}"
        if source and ("ConfigMap", source["name"]) not in named:
            yield f"{place}: no ConfigMap {source['name']}"


def _faults_of_sources(place: str, container: Document, named: Mapping[tuple[str, str], Document]) -> Iterator[str]:
    """Where variables come from: config maps that are there, and keys of the secret that is made by hand."""
    for source in container.get("envFrom", []):
        name = source.get("configMapRef", {}).get("name")
        if name and ("ConfigMap", name) not in named:
            yield f"{place}: no ConfigMap {name}"
        name = source.get("secretRef", {}).get("name")
        if name and name not in BY_HAND:
            yield f"{place}: no secret {name}"
    for variable in container.get("env", []):
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        if reference and reference["key"] not in BY_HAND.get(reference["name"], set()):
            yield f"{place}: no {reference['key']} in the secret {reference['name']}"


def _faults_of_service(place: str, spec: Document, documents: Sequence[Document]) -> Iterator[str]:
    """A service that no pod answers, or none at its port."""
    pods = [
        each["spec"]["template"]
        for each in documents
        if each["kind"] in ("Deployment", "StatefulSet")
        and not spec["selector"].items() - each["spec"]["template"]["metadata"]["labels"].items()
    ]
    ports = {
        port["containerPort"] for pod in pods for each in pod["spec"]["containers"] for port in each.get("ports", [])
    }
    for port in spec["ports"]:
        if port["targetPort"] not in ports:
            yield f"{place}: no pod answers at {port['targetPort']}"
