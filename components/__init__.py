"""Component resources: one module per concept, each turns a part of the settings into objects."""
