"""How soon the detector tells of outages that are made in a live sandbox."""
