"""FLOOR 4: a client of any base URL that holds it to the contract."""
