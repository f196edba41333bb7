"""The mesh: who takes plain text, where requests go, whose certificate runs out, the canary."""
