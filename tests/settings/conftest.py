"""A folder of configuration for two small apps of our own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from zohosyncd.core.errors import SettingsError, SettingsProblems
from zohosyncd.settings import AccountOptions, Connection, OAuthOptions, Secret, SecretRef, Settings, Url, load
from zohosyncd.settings.clients import ClientOptions


class CrmOptions(AccountOptions):
    data_center: Literal["us", "eu", "in"] = Field(default="us", description="where the organisation lives")
    api_url: Url | None = None
    client_id: str = Field(min_length=1, description="id of the OAuth client")
    client_secret: SecretRef = Field(description="reference to the secret of the OAuth client")
    refresh_token: SecretRef | None = None
    credit_share: float = Field(default=0.5, gt=0, le=1)


class BookOptions(AccountOptions):
    url: Url = Field(description="address of the server")
    username: str = Field(min_length=1, description="login")
    password: SecretRef = Field(description="reference to the password")


class PeopleOptions(OAuthOptions):
    language: str | None = None


class QuietOptions(ClientOptions):
    language: str | None = None


class PublicOptions(OAuthOptions):
    needs_secret = False


@dataclass(frozen=True)
class Spec:
    name: str
    options: type[AccountOptions]


SERVICE = '[service]\nstate_key = "env:STATE_KEY"\n'
CRM = 'app = "crm"\nclient_id = "1000.X"\nclient_secret = "env:CRM_SECRET"\n'
BOOK = 'app = "book"\nurl = "https://cloud.example.org/"\nusername = "ann"\npassword = "file:book-password"\n'
PAIR = 'left = { account = "zoho", object = "Contacts" }\nright = { account = "book" }\n'


@dataclass
class Folder:
    """A folder that starts out right, and whose files a test can change."""

    path: Path
    environ: dict[str, str]

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def load(self, *, stored: Mapping[str, Secret] | None = None) -> Settings:
        models = {"crm": CrmOptions, "book": BookOptions, "people": PeopleOptions, "public": PublicOptions,
                  "quiet": QuietOptions}  # fmt: skip
        specs = {name: Spec(name, model) for name, model in models.items()}
        return load(self.path, specs, environ=self.environ, stored=stored)

    def connection(self, lines: str) -> Connection:
        """The connection that has these lines beside its sides."""
        self.write("connections.d/crm-book.toml", PAIR + lines)
        return self.load().connections["crm-book"]

    def problems(self) -> tuple[SettingsError, ...]:
        with pytest.raises(SettingsProblems) as caught:
            self.load()
        return caught.value.problems

    def problem(self) -> SettingsError:
        found = self.problems()
        assert len(found) == 1, "\n".join(map(str, found))
        return found[0]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "etc", {"STATE_KEY": "k", "CRM_SECRET": "s3cr3t"})
    made.write("zohosyncd.toml", SERVICE)
    made.write("accounts.d/zoho.toml", CRM)
    made.write("accounts.d/book.toml", BOOK)
    made.write("connections.d/crm-book.toml", PAIR)
    made.write("book-password", "geheim\n").chmod(0o600)
    return made


@pytest.fixture
def connection_problem(folder: Folder) -> Callable[[str], SettingsError]:
    """The one mistake of a connection that has these lines beside its sides."""

    def find(lines: str) -> SettingsError:
        folder.write("connections.d/crm-book.toml", PAIR + lines)
        return folder.problem()

    return find
