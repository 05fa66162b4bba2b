"""What the tests of the whole program and the demonstration share: a server process, raw HTTP, SigV4."""
