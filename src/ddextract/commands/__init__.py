"""Commands by topic, registered with the command line in one line each."""
