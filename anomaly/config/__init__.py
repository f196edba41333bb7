"""What the detector can be told: models whose fields say what they mean, and what is wrong."""
