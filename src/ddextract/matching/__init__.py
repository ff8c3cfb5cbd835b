"""Finding mentions: wordings, rules, actors, attribution."""
