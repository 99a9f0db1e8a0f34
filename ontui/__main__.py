"""`python -m ontui`."""

from ontui.cli import main

if __name__ == "__main__":
    main()
