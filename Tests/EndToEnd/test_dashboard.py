"""The dashboard, in a real browser, over a daemon with real models."""

import pytest

from daemon import CHAT, EMBED, RERANK
from processes import until

# The contrast of each text with what is behind it (WCAG 2.2, 1.4.3), colours as the page has them.
FAINT_TEXTS = """
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgb = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (colour) => colour.slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const colour = rgb(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    return [...document.querySelectorAll('body *')].filter((node) =>
        [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())
        && node.checkVisibility() && !node.closest('.unseen, .skip, script, style, noscript')
    ).map((node) => {
        const [first, second] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
        const ratio = (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
        return [node.innerText, Math.round(ratio * 100) / 100];
    }).filter(([, ratio]) => ratio < 4.5);
"""


@pytest.fixture
def page(start, browser):
    """A daemon of the test's own, and its dashboard."""
    daemon = start()
    browser.open(daemon.url)
    until(lambda: browser.state(RERANK), "the models are listed")
    return daemon


def test_it_shows_what_there_is_and_asks_nobody_else(page, browser):
    assert [browser.state(model) for model in (CHAT, EMBED, RERANK)] == ["absent"] * 3
    assert browser.text("h1") == "Corral"
    assert "free" in browser.text("#domains")
    assert browser.text("#no-queue") == "Nobody waits."
    page.load(EMBED)
    browser.wait_for_state(EMBED, "resident")
    asked = browser.requests()
    assert any(url.endswith("/corral/v1/feed") for url in asked)
    assert all(url.startswith((page.url + "/", "data:")) for url in asked), asked
    assert browser.complaints() == []


def test_the_keyboard_loads_pins_and_unloads(page, browser):
    from selenium.webdriver.common.keys import Keys

    browser.tab_to(f"Load {EMBED} (embed)")
    # Whoever works with the keyboard sees where they are.
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press(Keys.ENTER)
    browser.wait_for_state(EMBED, "resident")
    assert page.resident() == [EMBED]
    until(lambda: browser.focused() == f"Unload {EMBED} (embed)", "the focus stayed")
    browser.tab_to(f"Pin {EMBED} (embed)")
    browser.press(Keys.SPACE)
    until(lambda: page.model(EMBED)["pinned"], "it is pinned")
    until(lambda: browser.focused() == f"Unpin {EMBED} (embed)", "the page says so")
    browser.press(Keys.SPACE)
    until(lambda: not page.model(EMBED)["pinned"], "it is not pinned any more")
    browser.run("arguments[0].focus()", browser.find(f"[aria-label='Unload {EMBED} (embed)']")[0])
    browser.press(Keys.ENTER)
    browser.wait_for_state(EMBED, "absent")
    assert page.resident() == []
    assert browser.complaints() == []


def test_it_hears_of_everything_without_being_asked(page, browser):
    page.load(CHAT)
    browser.wait_for_state(CHAT, "resident")
    until(lambda: "loaded in" in browser.text("#timeline"), "the timeline tells of it")
    assert CHAT in browser.run("return document.querySelector('.bar').ariaLabel")
    stream = page.openai().chat.completions.create(
        model=CHAT, max_tokens=1500, stream=True, extra_body={"ignore_eos": True},
        messages=[{"role": "user", "content": "Count."}])
    next(iter(stream))
    until(lambda: "1 answer under way" in browser.text("#models"), "the lease is shown")
    stream.close()
    until(lambda: "under way" not in browser.text("#models"), "and its end")


def test_an_eviction_is_told_with_its_reason(start, browser, budget_for_two):
    daemon = start(memory=budget_for_two)
    browser.open(daemon.url)
    for name in (EMBED, RERANK, CHAT):
        daemon.load(name)
    until(lambda: f"made room for {CHAT}" in browser.text("#timeline"), "the reason is told")
    until(lambda: "next to make room" in browser.text("#models"), "the next one is named")
    # Whoever comes later sees the past too.
    browser.open(daemon.url)
    until(lambda: f"made room for {CHAT}" in browser.text("#timeline"), "the past is told")


def test_a_refusal_is_said_in_the_servers_words(start, browser):
    daemon = start(memory="64MiB")
    browser.open(daemon.url)
    until(lambda: browser.find(f"[aria-label='Load {CHAT} (chat)']"), "the button is there")
    browser.find(f"[aria-label='Load {CHAT} (chat)']")[0].click()
    until(lambda: "64.0 MiB" in browser.text("#toast"), "the refusal is said")
    assert daemon.post("/corral/v1/load", {"model": CHAT}).json["error"]["message"] \
        == browser.text("#toast")


@pytest.mark.parametrize("width", [320, 390, 768])
def test_it_fits_narrow_screens(page, browser, width):
    page.load(EMBED)
    browser.screen(width, 800, mobile=True)
    browser.open(page.url)
    browser.wait_for_state(EMBED, "resident")
    sizes = browser.run("""
        return [document.documentElement.scrollWidth,
                ...[...document.querySelectorAll('#models button')].map((it) =>
                    it.getBoundingClientRect().right)]""")
    assert max(sizes) <= width, sizes
    if width < 600:
        heights = browser.run("""
            return [...document.querySelectorAll('#models button')].map((it) => it.offsetHeight)""")
        assert min(heights) >= 44, "too small for a thumb"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_in_both_schemes(page, browser, scheme):
    page.load(EMBED)
    page.post("/corral/v1/pin", {"model": EMBED})
    page.post("/v1/chat/completions", {"model": CHAT, "max_tokens": "many", "messages": []})
    browser.media(prefers_color_scheme=scheme)
    browser.open(page.url)
    browser.wait_for_state(EMBED, "resident")
    assert browser.run(FAINT_TEXTS) == []
    background = browser.run("return getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in background.strip("rgb()").split(","))
    assert (brightness > 382) == (scheme == "light")


def test_the_scheme_can_be_chosen_and_is_remembered(page, browser):
    browser.media(prefers_color_scheme="light")
    background = "return getComputedStyle(document.body).backgroundColor"
    light = browser.run(background)
    for _ in range(2):
        browser.find("#theme")[0].click()
    dark = browser.run(background)
    assert dark != light
    browser.open(page.url)
    assert browser.run(background) == dark


def test_nothing_moves_for_those_who_do_not_want_it(page, browser):
    page.load(EMBED)
    browser.media(prefers_reduced_motion="reduce")
    browser.open(page.url)
    browser.wait_for_state(EMBED, "resident")
    moving = browser.run("""
        return [...document.querySelectorAll('body *')].filter((node) => {
            const style = getComputedStyle(node);
            return style.animationName !== 'none'
                || style.transitionDuration.split(', ').some((time) => parseFloat(time) > 0);
        }).length""")
    assert moving == 0


def test_it_asks_for_the_key_and_keeps_it_in_the_tab(start, browser):
    from selenium.webdriver.common.keys import Keys

    daemon = start(arguments=("--api-key", "sesame"), ready=False)
    until(lambda: answers(daemon), "it answers")
    browser.open(daemon.url, live=False)
    browser.wait_for("locked")
    assert browser.run("return document.querySelector('dialog').open")
    browser.press("wrong", Keys.ENTER)
    until(lambda: "not accepted" in browser.text("#key-title"), "the wrong key is refused")
    browser.press("sesame", Keys.ENTER)
    browser.wait_for("live")
    until(lambda: browser.state(EMBED), "the models are listed")
    browser.find(f"[aria-label='Load {EMBED} (embed)']")[0].click()
    browser.wait_for_state(EMBED, "resident")
    browser.open(daemon.url)
    assert browser.run("return JSON.stringify(localStorage)").find("sesame") == -1
    browser.find("#forget")[0].click()
    browser.wait_for("locked")


def answers(daemon):
    try:
        return daemon.get("/health").status == 200
    except OSError:
        return False


def test_it_finds_its_way_back_when_the_daemon_does(start, browser):
    first = start()
    browser.open(first.url)
    first.stop()
    browser.wait_for("lost")
    assert "Reconnecting" in browser.text("#link")
    assert "does not answer" in browser.text("#trouble")
    second = start(port=first.port)
    browser.wait_for("live")
    second.load(EMBED)
    browser.wait_for_state(EMBED, "resident")
    assert browser.text("#trouble") == ""


def test_a_folder_without_models_says_what_to_do(start, browser, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    browser.open(start(models_folder=empty).url)
    until(lambda: "GGUF" in browser.text("#no-models"), "the empty state says what to do")
    assert browser.complaints() == []
