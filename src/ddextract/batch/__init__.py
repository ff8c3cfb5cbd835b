"""The batch: every stage of every document kept by what decides it, so that only what must be redone is redone."""
