"""What the end-to-end tests share: a real corral, a real llama-server, three real models.

`make e2e` sets up all of it. Run by hand, a missing piece skips the tests and says which one it
was; under CI=true it fails them.
"""

import json
import os
import sys
from pathlib import Path

import pytest

from daemon import CHAT, EMBED, RERANK, Daemon

HERE = Path(__file__).parent


def required(variable, what):
    value = os.environ.get(variable)
    if value and Path(value).exists():
        return Path(value)
    reason = f"{variable} does not name {what}; run `make e2e`"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def corral():
    """Path of the program."""
    return required("CORRAL_BIN", "a built corral")


@pytest.fixture(scope="session")
def llama_server():
    """Path of llama-server."""
    return required("CORRAL_LLAMA_SERVER", "a llama-server")


@pytest.fixture(scope="session")
def models():
    """Folder of the three models."""
    return required("CORRAL_MODELS", "a folder of models")


@pytest.fixture(scope="session")
def files(models):
    """Path of each model by its short name."""
    return {
        CHAT: models / "SmolLM2-135M-Instruct.Q4_1.gguf",
        EMBED: models / "all-MiniLM-L6-v2.F16.gguf",
        RERANK: models / "tiny-random-reranker.gguf",
    }


RUNNING = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for daemon in RUNNING:
            report.sections.append((f"log of {daemon.url}", daemon.log(80)))
    return report


def starter(corral, llama_server, models, folders):
    """A function that starts a daemon, and one that ends all it started."""
    started = []

    def start(*, ready=True, models_folder=None, **options):
        folder = folders / f"daemon-{len(started)}"
        daemon = Daemon(corral, llama_server, models_folder or models, folder, **options)
        started.append(daemon)
        RUNNING.append(daemon)
        return daemon.wait_until_ready() if ready else daemon

    def finish():
        for daemon in started:
            RUNNING.remove(daemon)
            if daemon.process.poll() is None:
                daemon.stop()

    return start, finish


@pytest.fixture
def start(corral, llama_server, models, tmp_path):
    """Starts a daemon of this test's own: start(memory="200MiB", …)."""
    start, finish = starter(corral, llama_server, models, tmp_path)
    yield start
    finish()


@pytest.fixture(scope="session")
def roomy(corral, llama_server, models, tmp_path_factory):
    """One daemon with room for everything, shared by tests that change nothing lasting."""
    start, finish = starter(corral, llama_server, models, tmp_path_factory.mktemp("roomy"))
    yield start(memory="4GiB")
    finish()


@pytest.fixture(scope="session")
def planned(roomy):
    """Bytes that Corral plans for each of the three models."""
    sizes = {}
    for name in (CHAT, EMBED, RERANK):
        roomy.load(name)
        sizes[name] = roomy.planned(name)
    return sizes


@pytest.fixture(scope="session")
def budget_for_two(planned):
    """Bytes that hold any two of the three models, and never all three."""
    smallest, _, largest = sorted(planned.values())
    everything = sum(planned.values())
    two = everything - smallest
    budget = two + smallest // 2
    assert two <= budget < everything, planned
    return budget


@pytest.fixture(scope="session")
def vectors():
    """Known answers of all-MiniLM-L6-v2; see fixtures/minilm_vectors.py."""
    return json.loads((HERE / "fixtures" / "minilm-vectors.json").read_text(encoding="utf-8"))


@pytest.fixture
def browser():
    """A headless Chromium that has seen nothing yet."""
    chromium = required("CORRAL_CHROMIUM", "Chromium")
    driver = required("CORRAL_CHROMEDRIVER", "its driver")
    from browser import Browser

    browser = Browser(chromium, driver)
    yield browser
    browser.close()


def pytest_collection_modifyitems(items):
    if sys.platform != "linux":
        for item in items:
            if item.get_closest_marker("linux"):
                item.add_marker(pytest.mark.skip(reason="reads /proc, which only Linux has"))
