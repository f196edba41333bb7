"""Container images, written from what is pinned: no registry, no builder, no root."""

from sandbox.images.catalogue import IMAGES, Image
from sandbox.images.writing import Archive, write_images

__all__ = ["IMAGES", "Archive", "Image", "write_images"]
