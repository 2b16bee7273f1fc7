"""Which settings does a command run with, and is there a database?"""

from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.config import Settings
from app.domain.errors import Unavailable, UnsafeSettings
from app.store.operating import embedded


def read_settings() -> Settings:
    """The settings, or one line that names what is wrong with them."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise UnsafeSettings(
            f"RUNG_{'_'.join(map(str, first['loc'][:1])).upper()}: {first['msg'].removeprefix('Value error, ')}."
        ) from error
    except SettingsError as error:
        raise UnsafeSettings(f'{error}. Lists are JSON, for example ["https://app.example"].') from error


def require_database(settings: Settings) -> None:
    """A command that only reads makes no empty database by the way."""
    if settings.is_sqlite and not embedded.path_of(settings.url).exists():
        raise Unavailable(f"There is no database at {embedded.path_of(settings.url)}.")
