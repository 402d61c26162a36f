"""The HTTP door that every service has: who is asking, one shape of page, one shape of error."""

from shared.http.app import create_app
from shared.http.bearer import AccessHooks, principal, require
from shared.http.middleware import read_streamed
from shared.http.pages import Page, PageParams, page_params
from shared.http.problems import FieldError, Problem, ProblemBody
from shared.identity import Principal

__all__ = [
    "AccessHooks",
    "FieldError",
    "Page",
    "PageParams",
    "Principal",
    "Problem",
    "ProblemBody",
    "create_app",
    "page_params",
    "principal",
    "read_streamed",
    "require",
]
