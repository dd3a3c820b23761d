"""API, web, command line, worker: parse, call, render, nothing else."""
