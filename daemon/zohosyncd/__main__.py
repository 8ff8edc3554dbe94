"""``python -m zohosyncd``."""

from zohosyncd.cli.main import main

main()
