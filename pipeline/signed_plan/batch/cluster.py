"""Workers of a Dask cluster that already runs, through its `concurrent.futures` interface."""

from __future__ import annotations

from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

from signed_plan.batch.job import Job, Result, build_job
from signed_plan.errors import MissingError, ServiceError

ATTEMPTS = 3
_PATIENCE = 10


class DaskWorkers:
    """The workers of the cluster whose scheduler has that address; used in a `with` statement.

    They need this program, and the folders under the same paths as here. If a worker is lost, Dask
    gives its plan to another one.

    Raises MissingError without the extra `dask`, and ServiceError if no cluster answers.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise MissingError(
                "Dask is not installed.", 'Install it with: pip install "signed-plan[dask]"'
            ) from error
        try:
            self._client: Any = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ServiceError(
                f"No Dask cluster answers at {address}.",
                "See whether its scheduler runs, and whether the address is right.",
            ) from error
        self._pool = self._client.get_executor(retries=ATTEMPTS - 1, pure=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=False)  # this cancels what has not begun
        self._client.close()

    def submit(self, job: Job) -> Future[Result]:
        """The job's result, as soon as it is there."""
        future: Future[Result] = self._pool.submit(build_job, job)
        return future
