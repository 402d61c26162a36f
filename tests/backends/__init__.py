"""Where tests get a PostgreSQL and a Kafka-protocol broker from, chosen by one option."""

from tests.backends.choice import BACKENDS, Backend, choose
from tests.backends.databases import Databases
from tests.backends.model import Broker, DatabaseServer, Unavailable

__all__ = ["BACKENDS", "Backend", "Broker", "DatabaseServer", "Databases", "Unavailable", "choose"]
