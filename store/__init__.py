"""What is kept: models, the database, named queries. ``select`` is written here and nowhere else."""
