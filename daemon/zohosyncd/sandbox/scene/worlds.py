"""A world filled with a scene."""

from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.others import add_others
from zohosyncd.sandbox.wire import Clock
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.sandbox.zoho.crm import ZohoSetup

from . import Scene
from .cards import BOOK

USER, SECOND_USER, PASSWORD = "ann", "ben", "sandbox-password"
"""Two people who have an address book; the second one's is empty."""


def build_world(
    clock: Clock, scene: Scene, base_url: str = "http://127.0.0.1", setup: ZohoSetup | None = None
) -> World:
    """Zoho CRM and an address book with the people of a scene, the other apps without anybody.

    The world begins at what the clock shows now.
    """
    world = World(clock, scene.seed)
    start = clock.now()
    zoho = ZohoApp(world.time, scene.seed, base_url, setup)
    zoho.load("Accounts", scene.zoho_accounts(start))
    zoho.load("Contacts", scene.zoho_records(start))
    book = CardDavApp(world.time, scene.seed, users={USER: PASSWORD, SECOND_USER: PASSWORD})
    book.load(BOOK, dict(scene.cards()))
    world.add(zoho)
    world.add(book)
    add_others(world, base_url)
    return world
