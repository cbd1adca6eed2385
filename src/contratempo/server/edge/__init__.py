"""The edge: HTTP/1.1 on a socket, held to limits, between a client that may do anything and the application."""
