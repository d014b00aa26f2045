# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""The page of examples/04_ticker in a headless Chromium. Screenshots go to the folder SCREENSHOTS."""

import os
import re
import tempfile
import unittest

from browser_page import BrowserPage
from example_server import ExampleServer

SYMBOLS = 12
ROUNDS = 1000  # of prices a second: what the system holds for the slow reader is full within seconds


class TickerPage(BrowserPage):
    def open(self, url):
        self.driver.get(url)
        self.wait("is connected", lambda: self.find("body").get_attribute("data-connection") == "connected")

    def prices(self):
        return [float(each) for each in self.texts("#symbols h2 span") if each]

    def is_plotted(self):
        """Whether every plot shows a line."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll('canvas')].every((each) => each.width > 0 &&"
            " each.getContext('2d').getImageData(0, 0, each.width, each.height).data.some((value) => value !== 0))"
        )

    def slow_reader(self):
        """Prices that the slow reader got and that were conflated, by symbol."""
        found = [re.fullmatch(r"slow reader: (\d+) received, (\d+) conflated", each) for each in self.texts("#symbols small")]
        return [(int(each[1]), int(each[2])) for each in found if each]

    def switch(self):
        return self.find("#slow")


class Ticker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        profiles = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(profiles.cleanup)
        cls.page = TickerPage(os.path.join(profiles.name, "ticker"))
        cls.addClassCleanup(cls.page.quit)

    def tearDown(self):
        self.page.driver.get("about:blank")
        self.assertEqual(self.page.complaints(), [])

    def test_prices_appear_and_move(self):
        page = self.page
        with ExampleServer("--threads", "2") as server:
            page.open(server.http())
            page.wait("shows every symbol", lambda: len(page.prices()) == SYMBOLS)
            first = page.prices()
            page.wait("moves every price", lambda: all(now != then for now, then in zip(page.prices(), first)))
            page.wait("plots them", page.is_plotted)
            page.wait("counts them", lambda: int(page.texts("#rate")[0]) > 0)
            self.assertEqual(page.slow_reader(), [])

    def test_the_switch_makes_conflation_visible(self):
        page = self.page
        with ExampleServer("--threads", "2", "--rounds", str(ROUNDS)) as server:
            page.open(server.http())
            page.switch().click()
            page.wait("shows that the slow reader reads", lambda: len(page.slow_reader()) == SYMBOLS)
            page.wait("shows that every symbol is conflated", lambda: all(skipped > 0 for _, skipped in page.slow_reader()))
            self.assertTrue(page.switch().is_selected())
            page.wait("adds them up", lambda: "it got " in page.texts("#report")[0] and "skipped 0." not in page.texts("#report")[0])
            for name, is_other in (("wide-light", False), ("narrow-dark", True)):
                page.narrow(is_other)
                page.dark(is_other)
                wide = page.driver.execute_script("return document.documentElement.scrollWidth > innerWidth")
                self.assertFalse(wide, "the page scrolls sideways")
                page.screenshot(f"ticker-{name}")
            page.narrow(False)
            page.dark(False)
            page.switch().click()
            page.wait("shows that it stopped", lambda: not page.switch().is_selected())


if __name__ == "__main__":
    unittest.main(verbosity=2)
