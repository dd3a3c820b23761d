"""Plans that carry themselves out: a document becomes tasks with a lead, a deadline, evidence and reports.

Nothing is imported here: who only reads a document (`plans.reading`) should not wait for the tables, the reports
and the papers of everything else, which took six times as long as the reading.
"""
