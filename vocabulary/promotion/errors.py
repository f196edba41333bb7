"""What can be wrong with the papers of a promotion.

PromotionError
├── KeyFormatError      it is no Ed25519 key
├── PaperError          a verdict, an override or a record cannot be read
└── SealError           a verdict cannot be believed: unsigned, not by a trusted key, or changed
"""


class PromotionError(Exception):
    """Base of all; its text is one line that says what is wrong and what to do."""


class KeyFormatError(PromotionError):
    """It is no Ed25519 key."""


class PaperError(PromotionError):
    """A verdict, an override or a record cannot be read."""


class SealError(PromotionError):
    """A verdict cannot be believed."""
