"""Commands by topic; each module registers its own with the command line."""
