"""RQ entry points of a few lines. A job carries ids, reads the rows anew, and may run twice."""
