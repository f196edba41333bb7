"""The records of releases, as rules see them."""

from policy.resources import Resource
from vocabulary.kinds import CONFIG_MAP
from vocabulary.labels import RECORD
from vocabulary.promotion.release import NAME

PRODUCTION = "production"
"""The environment that asks for papers."""


def is_record(resource: Resource) -> bool:
    """Whether a resource is, or may be, the record of a release."""
    if not resource.is_a(CONFIG_MAP):
        return False
    label = resource["metadata"]["labels"][RECORD]
    return label.unknown or label.text() == NAME
