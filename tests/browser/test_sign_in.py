"""Signing in and out at an identity provider, in Chromium."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import OpenPage, leave, serve, watch
from tests.demonstration import make_data, make_demonstration
from tests.ports import free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),  # the provider's own
]
SECRET = "a secret of the tests, long enough to be taken for one"
EMAIL = "ada@example.org"
USERS = (
    User(sub="ada", claims={"email": "Ada@Example.org", "email_verified": True}),
    User(sub="bob", claims={"email": "bob@example.org", "email_verified": True}),
    User(sub="mallory", claims={"email": EMAIL, "email_verified": False}),
    User(sub="<b>*x*</b> [y](z)", claims={"email": EMAIL}),
)
MONTH = 30 * 24 * 3600
STYLES = "cdn.jsdelivr.net"  # from where the provider's own pages would have theirs


class Site(NamedTuple):
    """A dashboard, and the identity provider where its readers sign in."""

    address: str
    provider: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = make_data(tmp_path_factory.mktemp("data"), make_demonstration)
    with serve_to_users(data, USERS) as served:
        yield served


@contextmanager
def serve_to_users(data: Path, users: Sequence[User]) -> Iterator[Site]:
    """Serve `data` where these people can sign in, of whom Ada is the maintainer."""
    (data / "settings.toml").write_text(f'maintainers = ["{EMAIL}"]')
    port = free_port()
    with run_server_in_thread(user_claims=users) as server:
        provider = f"http://localhost:{server.server_port}"
        write_secrets(
            data,
            redirect_uri=f"http://localhost:{port}/oauth2callback",
            cookie_secret=SECRET,
            client_id="leaderboard",
            client_secret="of the client",
            server_metadata_url=f"{provider}/.well-known/openid-configuration",
        )
        with serve(data, port=port) as address:
            yield Site(address, provider)


def write_secrets(home: Path, **auth: str) -> None:
    (home / ".streamlit").mkdir(exist_ok=True)
    lines = ["[auth]", *(f"{key} = {json.dumps(value)}" for key, value in auth.items())]
    (home / ".streamlit" / "secrets.toml").write_text("\n".join(lines))


@pytest.fixture
def visit(profile: BrowserContext, chromium: Browser) -> Iterator[OpenPage]:
    """Open an address in a browser of its own; nothing of ours may go wrong."""
    faults: list[str] = []
    pages: list[Page] = []

    def visit_address(address: str, cookies: Sequence[Any] = ()) -> Page:
        context = chromium.new_context() if pages else profile
        context.add_cookies(cookies)
        pages.append(page := context.new_page())
        page.route(f"https://{STYLES}/**", lambda route: route.fulfill(body=""))
        watch(page, faults)
        page.goto(address)
        return page

    yield visit_address
    for page in pages:
        leave(page)
        if page.context != profile:
            page.context.close()
    assert [fault for fault in faults if STYLES not in fault] == []


def sign_in(page: Page, who: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("sub").fill(who)
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_maintainer_signs_in_stays_and_signs_out(site: Site, visit: OpenPage) -> None:
    page = visit(site.address)
    sign_in(page, "ada")
    name = page.get_by_text(f"{EMAIL} · maintainer", exact=True)
    expect(name).to_be_visible()
    page.reload()
    expect(name).to_be_visible()
    page.get_by_role("link", name="About", exact=True).click()
    expect(page.get_by_role("heading", name="About")).to_be_visible()
    expect(name).to_be_visible()
    sign_out(page)
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(name).to_be_hidden()
    assert identity(page) == []


def identity(page: Page) -> list[Any]:
    """The cookies that say who signed in."""
    return [one for one in page.context.cookies() if one.get("name") == "_streamlit_user"]


def test_others_are_named_and_no_maintainers(site: Site, visit: OpenPage) -> None:
    page = visit(site.address)
    sign_in(page, "bob")
    expect(page.get_by_text("bob@example.org", exact=True)).to_be_visible()
    expect(page.get_by_text("maintainer")).to_have_count(0)


@pytest.mark.parametrize("who", ["mallory", "<b>*x*</b> [y](z)"])
def test_an_address_that_is_not_verified_makes_no_maintainer(
    who: str, site: Site, visit: OpenPage
) -> None:
    page = visit(site.address)
    sign_in(page, who)
    expect(page.get_by_text(f"{who}@{site.provider}", exact=True)).to_be_visible()
    expect(page.get_by_text("maintainer")).to_have_count(0)
    expect(page.get_by_text(EMAIL)).to_have_count(0)


def test_signing_in_leads_back_to_the_page_where_it_began(site: Site, visit: OpenPage) -> None:
    place = "/model?model=baseline%3Amajority&part=Receipt"
    page = visit(f"{site.address}{place}")
    sign_in(page, "ada")
    expect(page).to_have_url(f"{site.address}{place}")
    expect(page.get_by_role("heading", name="An exact prompt")).to_be_visible()
    sign_out(page)
    expect(page).to_have_url(f"{site.address}{place}")


def test_who_changes_their_mind_at_the_provider_is_back_and_not_signed_in(
    site: Site, visit: OpenPage
) -> None:
    page = visit(f"{site.address}/about")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Deny").click()
    expect(page).to_have_url(f"{site.address}/about")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(
    ("secret", "age", "is_known"),
    [(SECRET, 0, True), ("another secret", 0, False), (SECRET, MONTH + 2 * 24 * 3600, False)],
    ids=["ours", "forged", "expired"],
)
def test_a_cookie_that_is_forged_or_a_month_old_is_nobodys(
    secret: str, age: float, is_known: bool, site: Site, visit: OpenPage
) -> None:
    cookie = make_cookie(site.address, secret, age)
    page = visit(site.address, [cookie])
    known = page.get_by_text(f"{EMAIL} · maintainer", exact=True)
    expect(known if is_known else page.get_by_role("button", name="Sign in")).to_be_visible()
    assert known.count() == is_known


def make_cookie(address: str, secret: str, age: float) -> dict[str, Any]:
    """What someone who knows how Streamlit does it could make of a secret."""

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time() - age)

    claims = {"email": EMAIL, "email_verified": True, "sub": "ada", "iss": "https://id.example.org"}
    said = json.dumps(claims | {"origin": address, "is_logged_in": True, "provider": "default"})
    name = "_streamlit_user"
    value = URLSafeTimedSerializer(secret, salt=name, signer=Earlier).dumps(said)
    assert isinstance(value, str)
    return {
        "name": name,
        "value": value,
        "domain": str(urlsplit(address).hostname),
        "path": "/",
        "expires": time.time() + MONTH,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(
    site: Site, visit: OpenPage
) -> None:
    page = visit(site.address)
    sign_in(page, "ada")
    (cookie,) = identity(page)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert cookie["expires"] <= time.time() + MONTH + 60


def test_where_nobody_can_sign_in_nothing_is_said_of_it(
    demonstration_server: str, open_page: OpenPage
) -> None:
    page = open_page(demonstration_server)
    expect(page.get_by_role("heading", name="Leaderboard")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    expect(page.get_by_text("Local use")).to_have_count(0)
