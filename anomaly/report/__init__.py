"""What the command line says: tables for people, JSON for programs. Pure."""
