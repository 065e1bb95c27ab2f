"""The HTTP service of a trained model, and its page.

server.py     sockets, workers, start and end
protocol.py   what HTTP itself needs: time and size limits of a request, errors in the documented form
app.py        the routes
schemas.py    what goes in and out, and the limits
problems.py   the one form of an error: RFC 9457
micro_batches.py  requests that wait together are predicted together
metrics.py    what Prometheus scrapes
page/         the page at /
"""
