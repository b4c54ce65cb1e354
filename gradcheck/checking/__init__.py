"""Who is right, and where: oracles, verdicts and diagnoses."""
