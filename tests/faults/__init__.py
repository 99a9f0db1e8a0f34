"""The forty faults: each is made to happen, and what the user then sees is asserted. `README.md` lists them."""
