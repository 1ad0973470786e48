"""What is shipped beside the program fits the program."""

import json
import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
UNITS = [PACKAGING / "systemd" / "corral.service", PACKAGING / "systemd" / "user" / "corral.service"]
PLIST = PACKAGING / "launchd" / "dev.corral.corral.plist"
DOCKERFILE = PACKAGING / "docker" / "Dockerfile"


def output(*command):
    return subprocess.run(
        [str(word) for word in command], check=True, capture_output=True, text=True,
        env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}).stdout


@pytest.fixture(scope="module")
def serve(corral):
    """The options of `corral serve`."""
    root = json.loads(output(corral, "--experimental-dump-help"))["command"]
    command = next(one for one in root["subcommands"] if one["commandName"] == "serve")
    return {name["name"] for one in command["arguments"] for name in one["names"]}


@pytest.fixture(scope="module")
def staged(corral, tmp_path_factory):
    """What `make install` installs."""
    folder = tmp_path_factory.mktemp("staged")
    subprocess.run(
        [ROOT / "scripts" / "stage.sh", corral, folder, "/opt/corral"], check=True,
        capture_output=True)
    return folder / "opt" / "corral"


def flags(text):
    return set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text))


@pytest.mark.parametrize("unit", UNITS, ids=["system", "user"])
def test_the_units_start_serve_with_options_it_has(unit, serve):
    text = unit.read_text()
    commands = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert len(commands) == 1
    words = commands[0].split()
    assert words[:2] == ["@BINDIR@/corral", "serve"]
    assert flags(commands[0]) <= serve


def test_variables_of_service_files_are_settings(serve):
    known = {"CORRAL_" + flag.upper().replace("-", "_") for flag in serve}
    known |= {"CORRAL_CACHE", "CORRAL_CONFIG", "CORRAL_URL"}
    for file in [*UNITS, PLIST, DOCKERFILE]:
        used = set(re.findall(r"\bCORRAL_[A-Z_]+[A-Z]", file.read_text()))
        assert used <= known, (file, used - known)


def test_the_agent_is_a_property_list_that_starts_serve(serve):
    agent = plistlib.loads(PLIST.read_bytes())
    assert agent["Label"] == PLIST.stem
    assert agent["ProgramArguments"][:2] == ["@BINDIR@/corral", "serve"]
    assert flags(" ".join(agent["ProgramArguments"])) <= serve
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["ExitTimeOut"] > 30


def test_the_image_listens_where_it_says(serve, corral):
    text = DOCKERFILE.read_text()
    port = re.search(r"CORRAL_PORT=(\d+)", text)[1]
    assert re.search(r"^EXPOSE (\d+)", text, re.MULTILINE)[1] == port
    assert f"127.0.0.1:{port}/health" in text
    settings = json.loads(output(corral, "serve", "--show-config", "--json"))
    assert settings["port"]["value"] == port
    # Nothing of the checkout is missing in what the build may copy.
    allowed = (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text().split()
    for source in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for path in source.split():
            assert f"!{path}" in allowed and (ROOT / path).exists()


def test_the_formula_builds_and_tests_what_there_is():
    text = (PACKAGING / "homebrew" / "corral.rb").read_text()
    for path in re.findall(r'"(scripts/[^"]+)"', text):
        assert (ROOT / path).exists()
    assert text.count(" do\n") + len(re.findall(r"^\s*(class|def) ", text, re.MULTILINE)) == len(
        re.findall(r"^\s*end$", text, re.MULTILINE))
    ruby = shutil.which("ruby")
    if ruby:
        subprocess.run([ruby, "-c", PACKAGING / "homebrew" / "corral.rb"], check=True)


def test_the_program_is_installed_with_all_that_belongs_to_it(staged):
    for path in ["bin/corral", "share/bash-completion/completions/corral",
                 "share/zsh/site-functions/_corral", "share/fish/vendor_completions.d/corral.fish",
                 "share/man/man1/corral.1", "share/doc/corral/docs/security.md"]:
        assert (staged / path).stat().st_size > 500, path
    assert output(staged / "bin" / "corral", "version").startswith("corral ")
    for unit in staged.glob("lib/systemd/*/corral.service"):
        assert "@BINDIR@" not in unit.read_text()


def test_completions_know_every_command(staged, corral):
    root = json.loads(output(corral, "--experimental-dump-help"))["command"]
    names = [one["commandName"] for one in root["subcommands"] if one["shouldDisplay"]]
    for file in ["share/bash-completion/completions/corral", "share/zsh/site-functions/_corral",
                 "share/fish/vendor_completions.d/corral.fish"]:
        text = (staged / file).read_text()
        assert all(name in text for name in names), file
    subprocess.run(
        ["bash", "-n", staged / "share" / "bash-completion" / "completions" / "corral"], check=True)


def test_the_manual_page_is_one(staged, corral, serve):
    page = staged / "share" / "man" / "man1" / "corral.1"
    text = page.read_text()
    for section in ["NAME", "SYNOPSIS", "COMMANDS", "ENVIRONMENT", "FILES", "EXIT STATUS"]:
        assert f".Sh {section}\n" in text
    if not shutil.which("groff"):
        pytest.skip("groff renders it, which is not installed")
    rendered = subprocess.run(
        ["groff", "-mdoc", "-Tutf8", "-ww", "-P-cbou", page], check=True, capture_output=True,
        text=True)
    assert not rendered.stderr, rendered.stderr
    plain = re.sub(r"‐\n\s*", "", rendered.stdout)
    for flag in serve - {"help", "h", "version"}:
        assert f"--{flag}" in plain.replace("−", "-").replace("‐", "-"), flag


@pytest.mark.linux
def test_systemd_takes_the_units(staged, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "corral.service"
    text = (staged / "lib" / "systemd" / "system" / "corral.service").read_text()
    unit.write_text(text.replace("/opt/corral/bin", str(staged / "bin")))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    assert "corral.service" not in verified.stderr, verified.stderr
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=25", unit],
        capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout[-400:] + rated.stderr
