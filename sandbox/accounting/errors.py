"""The Accounting API's own ways of saying no."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify


class ApiError(Exception):
    """An answer other than 200; views raise it and the blueprint turns it into `response()`."""

    def __init__(self, status: int, body: dict[str, Any] | str) -> None:
        super().__init__(str(body))
        self._status, self._body = status, body

    def response(self) -> Response:
        """JSON for structured errors; plain text where the ledger answers with a bare sentence."""
        if isinstance(self._body, str):
            return Response(self._body, status=self._status, content_type="text/html; charset=utf-8")
        answer = jsonify(self._body)
        answer.status_code = self._status
        return answer


def not_found() -> ApiError:
    """404 in the ledger's words; this one is text, not JSON."""
    return ApiError(404, "The resource you're looking for cannot be found")


def invalid(message: str, element: dict[str, Any] | None = None) -> ApiError:
    """400 for a write the ledger refuses, with the reason on the element."""
    failed = {**(element or {}), "ValidationErrors": [{"Message": message}]}
    return ApiError(
        400,
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": [failed],
        },
    )


def bad_query(message: str) -> ApiError:
    """400 for a `where`, `order` or id that cannot be read."""
    return ApiError(400, {"ErrorNumber": 16, "Type": "QueryParseException", "Message": message})


def bad_request(message: str) -> ApiError:
    """400 for a request that is wrong as a whole, such as a reused idempotency key."""
    return ApiError(400, {"ErrorNumber": 17, "Type": "NoDataProcessedException", "Message": message})
