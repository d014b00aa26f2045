# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""A page of an example in a headless Chromium, for tests."""

import os
import shutil

from example_server import skip

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError as missing:
    skip(str(missing))

CHROMIUM = shutil.which("chromium")
CHROMEDRIVER = shutil.which("chromedriver")
if not CHROMIUM or not CHROMEDRIVER:
    skip("there is no chromium or no chromedriver")

DEADLINE = 30  # seconds for one change of a page
FLAGS = [
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1100,720",
]
# Selenium speaks HTTP to the driver, which must not go by way of a proxy.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


class BrowserPage:
    """One person's browser window, with a profile of its own. Screenshots go to the folder SCREENSHOTS."""

    def __init__(self, profile):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in [*FLAGS, f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(CHROMEDRIVER), options=options)
        self.driver.set_page_load_timeout(DEADLINE)

    def quit(self):
        self.driver.quit()

    def wait(self, what, condition):
        """Until `condition()` is true."""
        WebDriverWait(self.driver, DEADLINE, poll_frequency=0.02).until(lambda _: condition(), f"{what}; the page: {self.summary()}")

    def summary(self):
        return self.driver.execute_script("return document.body.dataset.connection + ' | ' + document.body.innerText")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        # In one step, since the page may replace elements at any time.
        script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)"
        return self.driver.execute_script(script, selector)

    def dark(self, is_dark):
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def narrow(self, is_narrow):
        size = {"width": 390, "height": 780} if is_narrow else {"width": 1100, "height": 720}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": 1, "mobile": is_narrow})

    def screenshot(self, name):
        folder = os.environ["SCREENSHOTS"]
        os.makedirs(folder, exist_ok=True)
        self.driver.execute_script("document.getAnimations().forEach((each) => each.currentTime = each.effect.getTiming().duration)")
        self.driver.save_screenshot(os.path.join(folder, f"{name}.png"))

    def complaints(self):
        """What the page has complained about in the browser's log since this was last asked."""
        severe = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        # A browser logs every connection that is refused; the page's own errors are another thing.
        return [each for each in severe if "WebSocket connection to" not in each]
