"""The exception tree. Catch `EpochalError` for all of it.

EpochalError                 whatever Epochal itself reports; the command line prints it as one sentence
├── BadInput                 the user's data or usage; exit code 2, HTTP 400
│   ├── DatasetError         a dataset that cannot be read or trained on
│   ├── KeyReused            an Idempotency-Key that came with another request before; HTTP 422
│   ├── LogError             a training log that cannot be read
│   ├── RunFolderError       a run folder that is foreign, half-written or in use
│   └── WeightsError         a weights file that cannot be loaded
├── NotFound                 a run, dataset or file that is not there; exit code 2, HTTP 404
├── Conflict                 it is there already, or in a state that does not allow it; exit code 2, HTTP 409
├── NotAllowed               who asks may not do this; exit code 2, HTTP 403
│   ├── NotSignedIn          nobody known asks: no key, a wrong or revoked one, no session; HTTP 401
│   └── OutOfCredits         the workspace has no training credit left; HTTP 402
├── TooMany                  more than is allowed in this time, or at once; HTTP 429
└── Failed                   the work began and could not be ended; exit code 1, HTTP 500
    ├── ServerUnreachable    a server that is asked does not answer
    ├── StorageFull          no space is left on the disk
    └── TrainingFailed       the loss became NaN, or a worker died

A message has three parts: what was expected, what came (file, line, value), what to do next.
"""


class EpochalError(Exception):
    """Anything that Epochal itself reports; `str()` is one clear sentence for the user."""

    exit_code = 1


class BadInput(EpochalError):
    """The user's data or usage is wrong."""

    exit_code = 2


class DatasetError(BadInput):
    """A dataset that cannot be read or trained on."""


class KeyReused(BadInput):
    """An Idempotency-Key that came with another request before."""


class LogError(BadInput):
    """A training log that cannot be read."""


class RunFolderError(BadInput):
    """A run folder that is foreign, half-written or in use."""


class WeightsError(BadInput):
    """A weights file that cannot be loaded."""


class NotFound(EpochalError):
    """A run, dataset or file that is not there."""

    exit_code = 2


class Conflict(EpochalError):
    """It is there already, or in a state that does not allow what is asked."""

    exit_code = 2


class NotAllowed(EpochalError):
    """Who asks may not do this."""

    exit_code = 2


class NotSignedIn(NotAllowed):
    """Nobody known asks: no key, a wrong or revoked one, no session."""


class OutOfCredits(NotAllowed):
    """The workspace has no training credit left."""


class TooMany(EpochalError):
    """More than is allowed in this time, or at once.

    Attributes:
        retry_after_s: when to ask again; None: the answer will be the same.
    """

    def __init__(self, message: str, retry_after_s: float | None = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Failed(EpochalError):
    """The work began and could not be ended."""


class ServerUnreachable(Failed):
    """A server that is asked does not answer."""


class StorageFull(Failed):
    """No space is left on the disk."""


class TrainingFailed(Failed):
    """The training itself went wrong, such as a loss that is no number."""
