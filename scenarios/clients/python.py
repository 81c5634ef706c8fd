"""A client of the lab: one HTTPS request with Python's own library.

python.py HOST PORT TRUST NEWEST(1.2|1.3) FAMILY(ipv4|ipv6) PATIENCE
Exit status: 0 an answer came, 1 an error, whose class and text are printed.
"""
import socket
import ssl
import sys


def request(host, port, trust, newest, family, patience):
    context = ssl.create_default_context(cafile=trust)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2 if newest == "1.2" else ssl.TLSVersion.TLSv1_3
    family = socket.AF_INET6 if family == "ipv6" else socket.AF_INET
    address = socket.getaddrinfo(host, int(port), family, socket.SOCK_STREAM)[0][4]
    with socket.socket(family, socket.SOCK_STREAM) as plain:
        plain.settimeout(float(patience))
        plain.connect(address)
        with context.wrap_socket(plain, server_hostname=host) as secure:
            secure.sendall(f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while part := secure.recv(65536):
                answer += part
    if not answer.startswith(b"HTTP/1."):
        raise ConnectionError("the connection was closed without an answer")
    print(answer.split(b"\r\n")[0].decode(errors="replace"))


try:
    request(*sys.argv[1:])
except OSError as error:
    print(f"{type(error).__name__}: {error}")
    sys.exit(1)
