"""The demo: the whole product on one machine against the sandbox, over HTTP and nothing else."""
