"""``python -m cli`` is ``dunnock``, for platforms that start processes from the checkout."""

from cli import main

main()
