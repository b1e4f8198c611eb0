"""The objects for Kubernetes belong together, and say what Flowdock understands."""

from typing import Any

import pytest

from flowdock.server.http.health import PATIENCE_SECONDS
from flowdock.server.running import GRACE_SECONDS
from flowdock.server.settings import DEFAULT_PORT
from tests.deploy import files
from tests.deploy.commands import environment, understood

LABELS = {"app.kubernetes.io/name": "flowdock"}


def pod() -> dict[str, Any]:
    found: dict[str, Any] = files.kubernetes()["Deployment"]["spec"]["template"]["spec"]
    return found


def test_flowdock_understands_the_arguments_and_the_example_of_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    told = files.settings("flowdock.env.example")
    for name, value in told.items():
        monkeypatch.setenv(name, value)

    meant = understood(files.container()["args"])

    assert {name for name in told if name.startswith("FLOWDOCK_")} <= environment()
    assert (meant["host"], meant["port"], meant["workers"]) == ("0.0.0.0", DEFAULT_PORT, None)
    assert None not in (meant["database"], meant["broker"], meant["files"], meant["public_url"])


def test_it_runs_without_rights_and_on_a_root_that_cannot_be_written() -> None:
    assert files.container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["automountServiceAccountToken"] is False
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


def test_it_can_write_where_the_image_has_its_data() -> None:
    volumes = {one["name"]: one for one in pod()["volumes"]}
    mounted = {one["mountPath"]: one["name"] for one in files.container()["volumeMounts"]}

    assert "emptyDir" in volumes[mounted["/var/lib/flowdock"]]
    assert set(volumes) == set(mounted.values())


def test_ready_is_who_reaches_the_database_and_alive_who_answers_at_all() -> None:
    container = files.container()
    asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")}

    assert {kind: one["path"] for kind, one in asked.items()} == {
        "startup": "/health",
        "readiness": "/health",
        "liveness": "/",
    }
    assert {one["port"] for one in asked.values()} == {"http"}


@pytest.mark.parametrize("kind", ["startup", "readiness"])
def test_who_asks_for_health_waits_for_the_answer(kind: str) -> None:
    assert files.container()[f"{kind}Probe"]["timeoutSeconds"] > PATIENCE_SECONDS


def test_a_pod_has_time_to_be_left_out_and_to_end_its_streams() -> None:
    *_, pause = files.container()["lifecycle"]["preStop"]["exec"]["command"]

    assert pod()["terminationGracePeriodSeconds"] > int(pause) + 2 * GRACE_SECONDS


def test_everything_speaks_of_the_same_pods_and_the_same_port() -> None:
    objects = files.kubernetes()
    [port] = files.container()["ports"]
    [service_port] = objects["Service"]["spec"]["ports"]
    [rule] = objects["Ingress"]["spec"]["rules"]
    [path] = rule["http"]["paths"]

    assert objects["Deployment"]["spec"]["template"]["metadata"]["labels"] == LABELS
    assert objects["Deployment"]["spec"]["selector"]["matchLabels"] == LABELS
    assert objects["Service"]["spec"]["selector"] == LABELS
    assert objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == LABELS
    assert port == {"name": "http", "containerPort": DEFAULT_PORT}
    assert service_port["targetPort"] == port["name"]
    assert path["backend"]["service"] == {
        "name": objects["Service"]["metadata"]["name"],
        "port": {"name": service_port["name"]},
    }


def test_a_new_version_comes_before_an_old_one_goes_and_a_drained_host_takes_one_at_a_time() -> None:
    objects = files.kubernetes()

    assert objects["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert objects["PodDisruptionBudget"]["spec"]["minAvailable"] == objects["Deployment"]["spec"]["replicas"] - 1
