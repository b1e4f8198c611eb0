"""What can be known of the container files without running containers."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from flowdock.server.settings import DEFAULT_PORT, default_data
from flowdock.testing import Server
from tests.deploy import files
from tests.deploy.commands import environment, understood
from tests.deploy.files import ROOT
from tools.site import pages

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
OURS = f"flowdock:{VERSION}"
# No rights, and nothing to gain any by.
CONFINED = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}


def of(instruction: str) -> list[str]:
    return [rest for word, rest in files.instructions() if word == instruction]


def copied() -> list[str]:
    """What the Containerfile takes from the repository, each path once."""
    sources = [source for rest in of("COPY") if not rest.startswith("--from") for source in rest.split()[:-1]]
    return list(dict.fromkeys(sources))


@pytest.mark.parametrize("image", files.images())
def test_every_image_is_pinned_to_a_whole_version(image: str) -> None:
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+(\.\d+)?(-[a-z]+)*", image)


def test_the_image_of_this_project_has_its_version() -> None:
    assert files.service("flowdock")["image"] == files.container()["image"] == OURS
    assert f"--tag {OURS} ." in files.text("Containerfile")


def test_all_stages_have_the_same_python_and_it_is_one_that_is_supported() -> None:
    [first] = {rest.split()[0] for rest in of("FROM")}

    supported = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"Programming Language :: Python :: {files.said(":([0-9]+[.][0-9]+)", first)}"' in supported


@pytest.mark.parametrize("path", copied())
def test_what_the_image_is_built_from_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_packages_come_with_their_hashes_and_are_never_compiled() -> None:
    installed = [
        step for rest in of("RUN") for step in rest.split(" && ") if " install " in step and "wheels/" not in step
    ]

    assert [step for step in installed if "pip" in step]
    for step in installed:
        if "pip" in step:
            assert "--require-hashes" in step
            assert "--only-binary :all:" in step


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    [user] = of("USER")
    inside = files.kubernetes()["Deployment"]["spec"]["template"]["spec"]["securityContext"]

    assert user == "10001:10001"
    assert f"--uid {inside['runAsUser']} " in " ".join(of("RUN"))
    assert (inside["runAsUser"], inside["runAsGroup"], inside["fsGroup"]) == (10001, 10001, 10001)
    assert inside["runAsNonRoot"] is True


def test_the_image_keeps_its_data_where_its_user_may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    [folder] = of("VOLUME")
    [variables] = [rest for rest in of("ENV") if "FLOWDOCK_DATA" in rest]
    monkeypatch.setenv("FLOWDOCK_DATA", files.said(r"FLOWDOCK_DATA=(\S+)", variables))

    assert str(default_data()) == folder
    assert f"--owner flowdock --group flowdock --mode 0700 {folder}" in " ".join(of("RUN"))


def test_the_image_serves_everybody_on_the_usual_port() -> None:
    [entry], [words] = of("ENTRYPOINT"), of("CMD")
    meant = understood(re.findall(r'"([^"]+)"', words))

    assert entry == '["flowdock"]'
    assert (meant["host"], meant["port"]) == ("0.0.0.0", DEFAULT_PORT)
    assert of("EXPOSE") == [str(DEFAULT_PORT)]


def test_what_is_copied_is_enough_to_build_and_run_it(tmp_path: Path) -> None:
    for path in copied():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / path, target)
    [build] = [step for rest in of("RUN") for step in rest.split(" && ") if step.startswith("pip wheel")]

    subprocess.run([sys.executable, "-m", *build.split()], cwd=tmp_path, check=True, capture_output=True)

    [wheel] = (tmp_path / "wheels").glob("flowdock-*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    shipped = {path.relative_to(tmp_path / "installed") for path in (tmp_path / "installed/flowdock").rglob("*.*")}
    written = {path.relative_to(ROOT / "src") for path in (ROOT / "src/flowdock").rglob("*.*")}
    assert {path for path in written if "__pycache__" not in path.parts} == shipped
    said = subprocess.run(
        [sys.executable, "-P", "-m", "flowdock", "--version"],
        env={"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"flowdock {VERSION}\n"


# Compose


@pytest.mark.parametrize("name", ["flowdock", "broker"])
def test_what_compose_runs_has_no_rights_and_a_root_that_cannot_be_written(name: str) -> None:
    service = files.service(name)

    assert {key: service.get(key) for key in CONFINED} == CONFINED
    assert "cap_add" not in service


def test_the_proxy_may_listen_on_low_ports_and_nothing_else() -> None:
    proxy = files.service("proxy")

    assert {key: proxy.get(key) for key in CONFINED} == CONFINED
    assert proxy["cap_add"] == ["NET_BIND_SERVICE"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    services = files.compose()["services"]

    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    assert files.compose()["networks"]["back"] == {"internal": True}
    for name in ("database", "broker"):
        assert services[name]["networks"] == ["back"]


def test_everything_compose_mounts_is_there() -> None:
    compose = files.compose()
    for service in compose["services"].values():
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            assert (files.DEPLOY / source).exists() if source.startswith(".") else source in compose["volumes"]


def test_compose_builds_the_containerfile_in_the_root() -> None:
    build = files.service("flowdock")["build"]

    assert (files.DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]) == files.DEPLOY / "Containerfile"


def test_what_compose_asks_for_is_in_its_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", files.text("compose.yaml")))
    passed_on = {name for name, value in files.service("flowdock")["environment"].items() if value is None}

    assert set(files.settings("compose.env.example", with_commented=True)) == asked | passed_on
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", files.text("compose.yaml")))
    assert set(files.settings("compose.env.example")) == needed


@pytest.mark.parametrize("place", ["", "s3://acme-flowdock"])
def test_flowdock_understands_what_compose_tells_it(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    given = {"FLOWDOCK_SITE": "flowdock.example.com", "FLOWDOCK_DATABASE_PASSWORD": "a1", "FLOWDOCK_FILES": place}
    service = files.service("flowdock")
    told = {name: files.interpolated(value, given) for name, value in service["environment"].items() if value}
    for name, value in told.items():
        monkeypatch.setenv(name, value)

    meant = understood(re.findall(r'"([^"]+)"', of("CMD")[0]))

    assert {name for name in told if name.startswith("FLOWDOCK_")} <= environment()
    assert "command" not in service
    assert meant["public_url"] == "https://flowdock.example.com"
    assert meant["database"] == "postgresql://flowdock:a1@database/flowdock"
    assert meant["broker"] == "redis://broker:6379"
    assert meant["files"] == (place or "/var/lib/flowdock/files")
    assert meant["workers"] == 4


def test_compose_names_its_own_services_and_their_database() -> None:
    told = files.service("flowdock")["environment"]
    made = files.service("database")["environment"]

    assert f"//{made['POSTGRES_USER']}:" in told["FLOWDOCK_DATABASE"]
    assert told["FLOWDOCK_DATABASE"].endswith(f"@database/{made['POSTGRES_DB']}")
    assert "UTF8" in made["POSTGRES_INITDB_ARGS"]
    assert files.service("proxy")["environment"]["FLOWDOCK_UPSTREAMS"] == f"flowdock:{DEFAULT_PORT}"


def test_no_file_holds_a_password() -> None:
    for path in files.DEPLOY.iterdir():
        for password in re.findall(r"://[\w.]*:([^@/\s]+)@", path.read_text(encoding="utf-8")):
            assert password == "PASSWORD" or password.startswith("${"), f"{path.name}: {password}"


def test_compose_knows_a_flowdock_that_serves_from_one_that_does_not(tmp_path: Path) -> None:
    kind, program, *words = files.service("flowdock")["healthcheck"]["test"]
    with Server(tmp_path) as server:
        port = server.url.rpartition(":")[2]
        asks = [sys.executable, *(word.replace(f":{DEFAULT_PORT}/", f":{port}/") for word in words)]

        serving = subprocess.run(asks, check=False)
    ended = subprocess.run(asks, check=False, capture_output=True)

    assert (kind, program) == ("CMD", "python")
    assert (serving.returncode, ended.returncode) == (0, 1)


def test_the_proxy_waits_for_flowdock_and_flowdock_for_what_it_stands_on() -> None:
    def awaited(name: str) -> dict[str, str]:
        return {other: how["condition"] for other, how in files.service(name)["depends_on"].items()}

    assert awaited("proxy") == {"flowdock": "service_healthy"}
    assert awaited("flowdock") == {"database": "service_healthy", "broker": "service_healthy"}


def test_the_image_has_every_file_that_its_documentation_shows() -> None:
    [stage] = re.findall(r"(?ms)^FROM [^\n]* AS help$(.*?)^FROM ", files.text("Containerfile"))
    taken = [path for line in re.findall(r"(?m)^COPY (.+)$", stage) for path in line.split()[:-1]]

    shown = {
        path for page in (ROOT / "docs").rglob("*.md") for path in pages.linked(str(page.relative_to(ROOT / "docs")))
    }
    shown |= {path for page in shown if page.endswith(".md") for path in pages.linked(pages.place_of(page))}
    assert {path for path in shown if not any(f"{path}/".startswith(f"{one}/") for one in taken)} == set()
