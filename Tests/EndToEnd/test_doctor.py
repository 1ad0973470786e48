"""What `corral doctor` finds on a real machine."""

import json


def findings(daemon, *arguments):
    result = daemon.run("doctor", "--json", *arguments)
    return result.returncode, json.loads(result.stdout)


def test_a_working_set_up_has_no_problem(roomy):
    status, found = findings(roomy)
    assert status == 0, found
    by_subject = {finding["subject"]: finding for finding in found}
    assert "build 11434" in by_subject["llama-server"]["found"]
    assert by_subject["configuration"]["verdict"] == "ok"
    assert "3 models" in by_subject["folder"]["found"]
    table = roomy.run("doctor")
    assert table.returncode == 0 and "llama-server" in table.stdout


def test_what_is_wrong_is_a_problem_with_advice_and_status_1(roomy, tmp_path):
    config = tmp_path / "bad.yaml"
    config.write_text("memory: lots\n")
    roomy_environment = roomy.environment
    roomy.environment = {**roomy_environment, "CORRAL_LLAMA_SERVER": "/no/llama-server",
                         "CORRAL_MODELS": str(tmp_path / "none")}
    try:
        status, found = findings(roomy)
        assert status == 1
        problems = {f["subject"]: f for f in found if f["verdict"] == "problem"}
        assert {"llama-server", "folder", "models"} <= set(problems), problems
        assert all(finding["advice"] for finding in problems.values())
        status, found = findings(roomy, "--config", str(config))
        assert status == 1
        problem = next(f for f in found if f["subject"] == "configuration")
        assert "bad.yaml:1" in problem["found"]
    finally:
        roomy.environment = roomy_environment


def test_the_port_of_a_running_daemon_is_known(roomy):
    roomy_environment = roomy.environment
    roomy.environment = {**roomy_environment, "CORRAL_PORT": str(roomy.port)}
    try:
        _, found = findings(roomy)
        port = next(f for f in found if f["subject"] == f"port {roomy.port}")
        assert port["verdict"] == "ok" and "corral" in port["found"]
    finally:
        roomy.environment = roomy_environment
