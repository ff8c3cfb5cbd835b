"""The report site: pages that open from disk, from the tables of a run."""
