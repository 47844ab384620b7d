"""Files for a deployment, as far as one can hold them against something without a cluster: they load, they name what exists, they agree.

None of them was run. Expected values: Dagster's own schema of its settings, the entry points of the installed packages, the other files.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._config import validate_config
from dagster._core.instance.config import dagster_instance_config_schema

from assets.partitions import DEFAULT_SOURCES, batch_size

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
IMAGE = "smartmoney"
OUR_VARIABLES = {"SMARTMONEY_LAKE", "SMARTMONEY_TAPES", "SMARTMONEY_SCHEDULER"}


def load(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


def services() -> dict[str, dict[str, Any]]:
    return load("compose.yaml")["services"]


def objects(kind: str) -> dict[str, dict[str, Any]]:
    documents = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8"))
    return {one["metadata"]["name"]: one for one in documents if one["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    return {name: one["spec"]["template"] for name, one in {**objects("Deployment"), **objects("StatefulSet")}.items()}


def containers() -> dict[str, dict[str, Any]]:
    found = {name: pod["spec"]["containers"] for name, pod in pods().items()}
    assert all(len(one) == 1 for one in found.values())
    return {name: one[0] for name, one in found.items()}


def commands() -> dict[str, list[str]]:
    ours = {f"compose {name}": one["command"] for name, one in services().items() if one["image"] == IMAGE}
    return ours | {f"kubernetes {name}": one["command"] for name, one in containers().items() if one["image"] == IMAGE}


def option(command: list[str], name: str) -> str | None:
    return command[command.index(name) + 1] if name in command else None


@pytest.mark.parametrize("path", [ROOT / "dagster.yaml", DEPLOY / "dagster.yaml"], ids=["one machine", "postgres"])
def test_the_settings_fit_dagsters_own_schema(path):
    settings = yaml.safe_load(path.read_text("utf-8"))
    result = validate_config(dagster_instance_config_schema(), settings)
    assert result.success, [error.message for error in result.errors]
    wrong = validate_config(dagster_instance_config_schema(), settings | {"run_monitoring": {"enabeld": True}})
    assert not wrong.success


def test_settings_on_postgres_are_those_of_one_machine_but_for_where_things_are_kept():
    here, there = yaml.safe_load((ROOT / "dagster.yaml").read_text("utf-8")), load("dagster.yaml")
    assert set(there) - set(here) == {"storage", "compute_logs"}
    assert {name: there[name] for name in here} == here
    assert list(there["storage"]) == ["postgres"]


def test_classes_that_the_settings_name_exist():
    settings = load("dagster.yaml")
    for said in (settings["run_launcher"], settings["compute_logs"]):
        assert isinstance(getattr(importlib.import_module(said["module"]), said["class"]), type)


@pytest.mark.parametrize("who", sorted(commands()))
def test_commands_are_entry_points_and_name_modules_that_exist(who):
    command = commands()[who]
    assert command[0] in {point.name for point in entry_points(group="console_scripts")}
    module = option(command, "-m")
    assert module is None or importlib.util.find_spec(module) is not None
    workspace = option(command, "-w")
    assert workspace is None or Path(workspace).name == "workspace.yaml"


def test_both_files_start_the_same_programs():
    said = commands()
    programs = {name.partition(" ")[2] for name in said}
    assert programs == {"code", "daemon", "web", "scheduler", "worker"}
    for name in programs - {"worker"}:
        assert said[f"compose {name}"] == said[f"kubernetes {name}"]
    assert {said[f"{place} worker"][2] for place in ("compose", "kubernetes")} == {"tcp://scheduler:8786"}


def test_the_workspace_leads_to_the_code_server():
    (location,) = load("workspace.yaml")["load_from"]
    server = location["grpc_server"]
    for place in ("compose", "kubernetes"):
        assert option(commands()[f"{place} {server['host']}"], "-p") == str(server["port"])
    assert objects("Service")[server["host"]]["spec"]["ports"] == [{"port": server["port"]}]


def test_every_container_of_ours_gets_what_its_settings_read():
    asked = set(re.findall(r"env: (\w+)", (DEPLOY / "dagster.yaml").read_text("utf-8"))) | OUR_VARIABLES
    for name, one in services().items():
        if one["image"] == IMAGE:
            assert asked <= set(one["environment"]), name
    for name, one in containers().items():
        if one["image"] == IMAGE:
            assert asked <= {variable["name"] for variable in one["env"]}, name


def test_the_code_server_is_told_the_sources_that_are_the_default_of_the_code():
    """A deployment that sets nothing has the partitions of one machine; the document says where other sources are named."""
    here = services()["code"]["environment"]
    there = {variable["name"]: variable.get("value") for variable in containers()["code"]["env"]}
    expected = {"SMARTMONEY_SOURCES": DEFAULT_SOURCES, "SMARTMONEY_BATCH": str(batch_size())}
    assert {name: there[name] for name in expected} == expected
    assert {name: here[name] for name in expected} == {name: f"${{{name}:-{value}}}" for name, value in expected.items()}
    assert "## Other sources" in (ROOT / "docs" / "deploy.md").read_text("utf-8")


def test_variables_of_ours_are_read_by_the_code():
    read = "".join(
        path.read_text("utf-8") for folder in ("assets", "resources", "smartmoney_pipeline") for path in (ROOT / folder).rglob("*.py")
    )
    assert {name for name in OUR_VARIABLES if f'"{name}"' in read} == OUR_VARIABLES


def test_addresses_are_names_of_services():
    for hosts, variables in (
        (set(services()), services()["code"]["environment"]),
        (set(objects("Service")), {one["name"]: one.get("value") for one in containers()["code"]["env"]}),
    ):
        assert variables["POSTGRES_HOST"] in hosts
        assert re.fullmatch(r"tcp://(\w+):8786", variables["SMARTMONEY_SCHEDULER"]).group(1) in hosts


def test_volumes_and_claims_are_declared():
    declared = set(load("compose.yaml")["volumes"])
    assert {mount.partition(":")[0] for one in services().values() for mount in one["volumes"]} == declared
    claimed = {volume["persistentVolumeClaim"]["claimName"] for pod in pods().values() for volume in pod["spec"]["volumes"]}
    assert claimed == set(objects("PersistentVolumeClaim"))
    for name, pod in pods().items():
        mounted = {mount["name"] for mount in containers()[name]["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["spec"]["volumes"]}


def test_selectors_find_their_pods():
    labels = {name: pod["metadata"]["labels"] for name, pod in pods().items()}
    for name, one in {**objects("Deployment"), **objects("StatefulSet")}.items():
        assert one["spec"]["selector"]["matchLabels"] == labels[name]
    for name, service in objects("Service").items():
        assert service["spec"]["selector"] == labels[name]
        assert [port["containerPort"] for port in containers()[name]["ports"]] == [port["port"] for port in service["spec"]["ports"]]


def test_nothing_but_the_page_is_reachable_and_no_password_is_written_down():
    published = {name: one["ports"] for name, one in services().items() if "ports" in one}
    assert published == {"web": ["127.0.0.1:3000:3000"]}
    assert not {one["spec"].get("type") for one in objects("Service").values()} - {None}
    assert services()["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    for one in containers().values():
        assert {v["name"]: "valueFrom" in v for v in one["env"]}["POSTGRES_PASSWORD"]


def test_the_image_copies_what_exists_and_installs_the_lock():
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    copied = [name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    wheel = set(re.search(r"packages = \[(.+)\]", (ROOT / "pyproject.toml").read_text("utf-8")).group(1).replace('"', "").split(", "))
    assert wheel <= set(copied)
    locked = dict(re.findall(r"^([a-z0-9-]+)==([\w.]+)", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.MULTILINE))
    # Packages around Dagster are released together: the one that is not in the lock must be of the same release.
    (extra,) = re.findall(r"dagster-postgres==([\w.]+)", "\n".join(lines))
    assert extra == locked["dagster-duckdb"]
    assert {"distributed", "dask"} <= set(locked)


def test_the_image_sets_where_dagster_finds_its_files():
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    (home,) = re.findall(r"DAGSTER_HOME=(\S+)", text)
    assert re.search(rf"^COPY deploy/dagster.yaml deploy/workspace.yaml {home}/$", text, flags=re.MULTILINE)
    for command in commands().values():
        assert (option(command, "-w") or f"{home}/workspace.yaml") == f"{home}/workspace.yaml"
