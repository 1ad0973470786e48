"""A headless Chromium, and what the dashboard's tests ask of it."""

import json

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from processes import until


class Browser:
    """One tab of a browser with nothing in its past."""

    def __init__(self, chromium, driver):
        options = webdriver.ChromeOptions()
        options.binary_location = str(chromium)
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                         "--hide-scrollbars", "--window-size=1240,900"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(str(driver)))

    def close(self):
        self.driver.quit()

    # The machine it pretends to be

    def screen(self, width, height=900, mobile=False):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})

    def media(self, **features):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    # The page

    def open(self, url, live=True):
        self.driver.get(url)
        if live:
            self.wait_for("live")
        return self

    def wait_for(self, state):
        until(lambda: self.run("return document.body.dataset.connection") == state,
              f"the page is {state}")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """What can be read there; nothing where it is hidden or not there."""
        return self.run("""
            const it = document.querySelector(arguments[0]);
            return it?.checkVisibility() ? it.innerText : ''""", selector)

    def state(self, model):
        """The state of a model's row; None where there is no row."""
        return self.run("""
            return [...document.querySelectorAll('#models > li')].find((row) =>
                row.querySelector('.name').innerText === arguments[0])?.dataset.state""", model)

    def wait_for_state(self, model, state):
        until(lambda: self.state(model) == state, f"{model} is {state} on the page")

    # The keyboard

    def press(self, *keys):
        actions = webdriver.ActionChains(self.driver)
        for key in keys:
            actions = actions.send_keys(key)
        actions.perform()

    def focused(self):
        """The label of what has the focus."""
        return self.run("""
            const it = document.activeElement;
            return it.getAttribute('aria-label') ?? it.innerText""")

    def tab_to(self, label, limit=60):
        for _ in range(limit):
            if self.focused() == label:
                return
            self.press(Keys.TAB)
        raise AssertionError(f"Tab does not reach “{label}”")

    # What went on behind it

    def complaints(self):
        """Errors and warnings in the console since the last time."""
        return [entry for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """Addresses that were asked for since the last time."""
        addresses = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
        return addresses
