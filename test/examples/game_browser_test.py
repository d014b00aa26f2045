# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""The page of examples/06_game in headless Chromiums. Screenshots go to the folder SCREENSHOTS."""

import os
import tempfile
import unittest

from browser_page import BrowserPage
from example_server import ExampleServer
from selenium.webdriver.common.keys import Keys


class GamePage(BrowserPage):
    def open(self, url):
        self.driver.get(url)
        self.wait("asks to play", lambda: self.find("#start").is_displayed())

    def start(self):
        self.find("#start").click()

    def until_status(self, text):
        self.wait(f"says '{text}'", lambda: self.texts("#status") == [text])

    def until_board(self, board):
        script = "return [...document.querySelectorAll('.cell')].map((each) => each.dataset.mark || '.').join('')"
        self.wait(f"shows {board}", lambda: self.driver.execute_script(script) == board)

    def cell(self, number):
        return self.find(f".cell:nth-child({number + 1})")

    def play(self, number):
        self.until_status("Your turn.")
        self.cell(number).click()

    def screenshots(self, name):
        """Wide and narrow, light and dark."""
        for is_narrow in (False, True):
            self.narrow(is_narrow)
            for is_dark in (False, True):
                self.dark(is_dark)
                wide = self.driver.execute_script("return document.documentElement.scrollWidth > innerWidth")
                assert not wide, "the page scrolls sideways"
                self.screenshot(f"game-{name}-{'narrow' if is_narrow else 'wide'}-{'dark' if is_dark else 'light'}")
        self.narrow(False)
        self.dark(False)


class Game(unittest.TestCase):
    """Two players, Ann and Bob, whose browsers stay open for all tests."""

    @classmethod
    def setUpClass(cls):
        profiles = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(profiles.cleanup)
        cls.ann = cls.open_page(profiles, "ann")
        cls.bob = cls.open_page(profiles, "bob")

    @classmethod
    def open_page(cls, profiles, name):
        page = GamePage(os.path.join(profiles.name, name))
        cls.addClassCleanup(page.quit)
        return page

    def tearDown(self):
        for page in (self.ann, self.bob):
            page.driver.execute_script("sessionStorage.clear()")
            page.driver.get("about:blank")
            self.assertEqual(page.complaints(), [])

    def begin(self, server):
        self.ann.open(server.http())
        self.bob.open(server.http())
        self.ann.start()
        self.ann.until_status("Waiting for an opponent…")
        self.bob.start()
        self.ann.until_status("Your turn.")
        self.bob.until_status("Your opponent's turn.")

    def test_two_pages_play_a_match_and_one_is_loaded_anew_in_the_middle(self):
        with ExampleServer("--threads", "2") as server:
            self.ann.open(server.http())
            self.ann.screenshots("lobby")
            self.begin(server)
            self.ann.play(4)
            self.bob.play(0)
            self.ann.play(2)
            self.bob.until_board("O.X.X....")
            self.bob.screenshots("middle")

            self.bob.driver.refresh()
            self.bob.until_board("O.X.X....")
            self.bob.play(8)
            self.ann.play(6)
            self.ann.until_status("You won!")
            self.bob.until_status("You lost.")
            self.bob.until_board("O.X.X.X.O")
            self.assertEqual(len(self.bob.driver.find_elements("css selector", ".cell.wins")), 3)
            self.ann.screenshots("won")

            self.ann.start()
            self.bob.start()
            self.ann.until_status("Your turn.")
            self.ann.until_board(".........")

    def test_a_page_that_is_gone_is_missed_and_comes_back(self):
        with ExampleServer("--threads", "2") as server:
            self.begin(server)
            self.ann.play(0)
            self.bob.until_status("Your turn.")
            self.bob.driver.get("about:blank")
            self.ann.until_status("Your opponent is away, and has 30 seconds to come back.")
            self.ann.screenshots("away")
            self.bob.driver.get(server.http())
            self.bob.play(4)
            self.ann.until_board("X...O....")
            self.ann.until_status("Your turn.")

    def test_cells_are_reached_and_named_for_those_who_use_a_keyboard(self):
        with ExampleServer("--threads", "2") as server:
            self.begin(server)
            self.ann.cell(0).send_keys(Keys.ARROW_DOWN)
            focused = self.ann.driver.switch_to.active_element
            self.assertEqual(focused.accessible_name, "Row 2, column 1: empty")
            focused.send_keys(Keys.ARROW_LEFT)
            self.ann.driver.switch_to.active_element.send_keys(Keys.ENTER)
            self.bob.until_board(".....X...")
            self.assertEqual(self.ann.cell(5).accessible_name, "Row 2, column 3: X")
            self.assertEqual(self.ann.cell(5).get_attribute("aria-disabled"), "true")
            self.assertEqual(self.ann.find("#status").get_attribute("aria-live"), "polite")

    def test_spectators_watch_by_a_link(self):
        with ExampleServer("--threads", "2") as server:
            self.begin(server)
            self.ann.play(4)
            self.bob.until_status("Your turn.")
            link = self.bob.find("#watch").get_attribute("href")
            self.bob.driver.switch_to.new_window("tab")
            self.bob.driver.get(link)
            self.bob.until_board("....X....")
            self.bob.until_status("Player O's turn.")
            self.ann.wait("counts the spectator", lambda: self.ann.texts("#watching") == ["1 spectator"])
            self.bob.screenshots("spectator")
            self.bob.driver.close()
            self.bob.driver.switch_to.window(self.bob.driver.window_handles[0])
            self.ann.wait("counts none", lambda: self.ann.texts("#watching") == ["0 spectators"])

    def test_a_match_of_a_server_that_was_restarted_is_over(self):
        with ExampleServer() as server:
            port = server.port
            self.begin(server)
            server.stop()
            self.ann.until_status("Connection lost. Your seat is kept for 30 seconds.")
            self.ann.screenshots("reconnecting")
        with ExampleServer(port=port):
            self.ann.wait("says so", lambda: self.ann.texts("#problem") == ["Sorry, the match is over."])
            self.ann.start()
            self.ann.until_status("Waiting for an opponent…")


if __name__ == "__main__":
    unittest.main(verbosity=2)
