"""Gold annotations: their records, where they lie in files we may not copy, agreement between coders."""
