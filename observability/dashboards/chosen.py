"""What a board's variables choose, as matchers, and how chosen services are called in legends."""

from observability.promql.expressions import SERVICE, like
from observability.promql.mesh import clusters_of

WINDOW = "$__rate_interval"
CHOSEN = ("$namespace", "$service")
SERVICES = (like(SERVICE[0], CHOSEN[0]), like(SERVICE[1], CHOSEN[1]))
CLUSTERS = clusters_of("$service", "$namespace")
"""The same services, as Envoy's clusters."""

NAME = "{{destination_service_name}}"
COLUMNS = {"destination_service_name": "Service", "destination_service_namespace": "Namespace"}
