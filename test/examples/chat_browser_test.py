# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""The page of examples/01_chat in a headless Chromium. Screenshots go to the folder SCREENSHOTS."""

import os
import tempfile
import unittest

from browser_page import BrowserPage
from example_server import ExampleServer
from selenium.webdriver.common.keys import Keys


class ChatPage(BrowserPage):
    """One person's browser window with the chat in it. Nobody shares a name, since nobody shares a profile."""

    def enter(self, url, name):
        self.driver.get(url)
        self.wait("asks for a name", lambda: self.find("#enter").get_attribute("open"))
        self.screenshot("enter")
        self.find("#name").send_keys(name, Keys.ENTER)
        self.until_connection("connected")

    def until_connection(self, state):
        self.wait(f"is {state}", lambda: self.find("body").get_attribute("data-connection") == state)

    def until_here(self, *names):
        self.wait(f"shows {names}", lambda: self.texts("#people .person") == sorted(names))

    def until_said(self, text):
        self.wait(f"shows '{text}'", lambda: text in self.texts("#messages .text"))

    def until_system_line(self, text):
        self.wait(f"shows the line '{text}'", lambda: text in self.texts("#messages .system"))

    def say(self, text):
        # Text that a driver can only paste, such as emoji, comes by way of the clipboard in real life too.
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"
        self.driver.execute_script(script, self.find("#text"), text)
        self.find("#text").send_keys(Keys.ENTER)


class Chat(unittest.TestCase):
    """Two people, Ann and Bob, whose browsers stay open for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.profiles = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(cls.profiles.cleanup)
        cls.ann = cls.open_page("ann")
        cls.bob = cls.open_page("bob")

    @classmethod
    def open_page(cls, name):
        page = ChatPage(os.path.join(cls.profiles.name, name))
        cls.addClassCleanup(page.quit)
        return page

    def tearDown(self):
        for page in (self.ann, self.bob):
            page.driver.get("about:blank")
            self.assertEqual(page.complaints(), [])

    def test_two_people_talk_and_see_each_other(self):
        with ExampleServer("--threads", "2") as server:
            self.ann.enter(server.http("/room/tea"), "Ann")
            self.bob.enter(server.http("/room/tea"), "Bob")
            self.ann.until_here("Ann", "Bob")
            self.bob.until_here("Ann", "Bob")
            self.ann.until_system_line("Bob joined")

            self.ann.say("Hello Bob, is the kettle on?")
            self.bob.until_said("Hello Bob, is the kettle on?")
            self.bob.say("It is. <b>Two</b> minutes 🫖")
            self.ann.until_said("It is. <b>Two</b> minutes 🫖")  # as text, not as HTML
            self.assertEqual(self.ann.texts(".message.own .text"), ["Hello Bob, is the kettle on?"])
            self.assertEqual(self.ann.texts(".message .author"), ["You", "Bob"])
            self.ann.screenshot("talk")

            self.bob.driver.get("about:blank")
            self.ann.until_system_line("Bob left")
            self.ann.until_here("Ann")

    def test_rooms_are_apart_and_the_lobby_is_at_the_root(self):
        with ExampleServer() as server:
            self.ann.enter(server.http("/"), "Ann")
            self.bob.enter(server.http("/room/tea"), "Bob")
            self.assertEqual((self.ann.texts("#room"), self.bob.texts("#room")), (["lobby"], ["tea"]))
            self.ann.until_here("Ann")
            self.bob.until_here("Bob")
            self.bob.find("#rooms a[href='/']").click()
            self.ann.until_here("Ann", "Bob")  # the tab remembers its name
            self.bob.driver.back()
            self.ann.until_here("Ann")
            self.bob.until_here("Bob")

    def test_a_restarted_server_is_found_again(self):
        with ExampleServer() as server:
            port = server.port
            self.ann.enter(server.http("/"), "Ann")
            self.ann.until_here("Ann")
            server.stop()
            self.ann.until_connection("reconnecting")
            self.ann.until_system_line("Connection lost")
            self.ann.wait("says so", lambda: self.ann.texts("#connection") == ["reconnecting"])
            self.ann.find("#text").send_keys("written meanwhile", Keys.ENTER)
            self.ann.screenshot("reconnecting")
        with ExampleServer(port=port):
            self.ann.until_connection("connected")
            self.ann.until_system_line("Connected again")
            self.ann.until_here("Ann")
            self.ann.find("#text").send_keys(Keys.ENTER)  # what was written is still there
            self.ann.until_said("written meanwhile")

    def test_a_refused_name_is_asked_for_again_with_the_reason(self):
        with ExampleServer() as server:
            self.ann.driver.get(server.http("/"))
            self.ann.driver.execute_script("document.getElementById('name').maxLength = 100")
            self.ann.find("#name").send_keys("x" * 33, Keys.ENTER)
            self.ann.wait("says why", lambda: "at most 32" in self.ann.texts("#enter-problem")[0])
            self.ann.find("#name").clear()
            self.ann.find("#name").send_keys("Ann", Keys.ENTER)
            self.ann.until_connection("connected")
            self.ann.until_here("Ann")

    def test_the_page_fits_every_window_and_scheme(self):
        with ExampleServer() as server:
            people = [self.ann, self.bob]
            self.ann.enter(server.http("/room/tea"), "Ann Other")
            self.bob.enter(server.http("/room/tea"), "Bob")
            talk = [
                (0, "Hello! Did the release go out?"),
                (1, "Half an hour ago. Nobody noticed, which is the best that can be said of a release."),
                (1, "The graphs are flat."),
                (0, "Lovely. Then I owe you a cake:\n– lemon, or\n– that chocolate one you pretend not to like"),
                (1, "The second. " + "And a word as long as Donaudampfschifffahrtsgesellschaftskapitän" + "skapitän" * 12 + " should wrap."),
                (0, "Deal!"),
            ]
            for who, text in talk:
                people[who].say(text)
                for page in people:
                    page.until_said(text)
            for is_narrow in (False, True):
                self.ann.narrow(is_narrow)
                wide = self.ann.driver.execute_script("return document.documentElement.scrollWidth > innerWidth")
                self.assertFalse(wide, "the page scrolls sideways")
                for is_dark in (False, True):
                    self.ann.dark(is_dark)
                    self.ann.screenshot(f"{'narrow' if is_narrow else 'wide'}-{'dark' if is_dark else 'light'}")
            self.ann.find("#side-toggle").click()
            self.ann.wait("shows who is here", lambda: self.ann.find("#people").is_displayed())
            self.ann.screenshot("narrow-side")
            self.ann.narrow(False)
            self.ann.dark(False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
