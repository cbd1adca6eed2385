"""The ceiling: a bare socket server with one answer for everything, to see how much the load generator can ask."""

import selectors
import socket
import sys

ANSWER = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


def serve(port: int) -> None:
    """Answer whatever comes, one answer for what one read yields, until the process is ended."""
    listening = socket.create_server(("127.0.0.1", port), backlog=128)
    selector = selectors.DefaultSelector()
    selector.register(listening, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listening:
                connection, _ = listening.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection, selectors.EVENT_READ)
            else:
                _answer(selector, key.fileobj)


def _answer(selector: selectors.BaseSelector, connection: socket.socket) -> None:
    try:
        if connection.recv(65536):
            connection.sendall(ANSWER)
            return
    except ConnectionError:
        pass
    selector.unregister(connection)
    connection.close()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
