"""An HTTP endpoint that is asked again while there is hope, and whose answers are not believed."""

from __future__ import annotations

import json
import random
import weakref
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar

from memctl.ingest.embedders.address import BUDGET, address, budget, clean_key, local
from memctl.ingest.embedders.faults import TRIES, Fault, Kind, refuse
from memctl.ingest.embedders.process import PerProcess
from memctl.ingest.errors import EmbedderError
from memctl.ingest.text import one_line

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

_SHARE = 5  # parts of the budget, one for a try, so that a service that hangs is asked again
_SILENT = 2  # parts of a try, for one of which a service that drips may pause
_CONNECT = 10.0  # seconds
_PAUSE, _LONGEST = 0.5, 30.0  # of the back-off, in seconds
_ANSWER, _REFUSAL = 16 << 20, 64 << 10  # bytes that are read
_TEXTS, _CHARACTERS = 64, 96_000  # of a request
_OK = 200
_BUSY = f"Try again later; what is embedded stays. {BUDGET} sets the seconds of patience."
_SHORTEST = 8  # characters of a key that is worth hiding


class Endpoint:
    """One address that answers a JSON object with another.

    Made without a call. The key goes into a header and nowhere else: no message holds it.
    """

    def __init__(
        self,
        url: str,
        *,
        service: str,
        key: str = "",
        hint: str = "",
        busy: str = _BUSY,
        tries: int = _SHARE,
    ) -> None:
        """``hint`` is what to do where it is not there, ``busy`` where it does not get done.

        ``tries`` is in how many parts the patience is cut, one for each try that hangs.
        """
        self.service = service
        self._hint, self._busy = hint, busy
        self._url = url
        self._address = address(url, service)
        self._key = key
        self._budget = budget()
        self._share = self._budget / tries
        self._reached = False
        self._client = PerProcess(self._connect)

    def ask(self, question: Mapping[str, object], read: Callable[[Any], T]) -> T:
        """Return what ``read`` makes of the answer; it raises EmbedderError where that is wrong.

        Faults that pass are waited out: exponential back-off with full jitter (Brooker 2015), or
        as long as Retry-After says, within the budget of MEMCTL_PROVIDER_TIMEOUT seconds.

        Raises:
            EmbedderError: there is no hope, or no time left.
        """

        def attempt(end: float) -> T:
            until = min(end, monotonic() + self._share)
            with self._opened(question, until, silent=self._share / _SILENT) as answer:
                data = _whole(answer, until)
            return self._read(data, read)

        return self._patiently(attempt)

    def lines(self, question: Mapping[str, object]) -> Generator[str]:
        """Yield the lines of an answer as they come.

        Faults are waited out as those of ``ask`` are until the answer begins; from then on one
        ends it.

        Raises:
            EmbedderError: there is no hope, or no time left, or the answer broke off.
        """
        with ExitStack() as stack:

            def attempt(end: float) -> httpx.Response:
                until = min(end, monotonic() + self._share)
                return stack.enter_context(self._opened(question, until, silent=self._share))

            answer = self._patiently(attempt)
            try:
                with self._faults():
                    yield from _lines(answer, monotonic() + self._budget)
            except Fault as fault:
                raise EmbedderError(self._told(fault.reason), hint=self._busy) from fault

    def _patiently(self, attempt: Callable[[float], T]) -> T:
        """Return what an attempt returns; it is told when all patience ends, and may be made again.

        Raises:
            EmbedderError: there is no hope, or no time left.
        """
        end = monotonic() + self._budget
        tries: Counter[Kind] = Counter()
        while True:
            try:
                return attempt(end)
            except Fault as fault:
                tries[fault.kind] += 1
                pause = fault.after
                if pause is None:
                    longest = min(_LONGEST, _PAUSE * 2 ** min(tries.total() - 1, 10))
                    pause = random.uniform(0, longest)
                late = monotonic() + pause >= end
                if late or tries[fault.kind] >= TRIES[fault.kind]:
                    raise self._given_up(fault, tries.total()) from fault
            except EmbedderError as error:
                raise type(error)(
                    self._told(error.message), hint=error.hint or self._hint
                ) from error
            sleep(pause)

    @contextmanager
    def _opened(
        self, question: Mapping[str, object], until: float, *, silent: float
    ) -> Generator[httpx.Response]:
        """Open an answer that says OK; it may be silent for so many seconds.

        Raises:
            Fault: asking again may help.
            EmbedderError: it will not.
        """
        import httpx

        body = json.dumps(question, ensure_ascii=False).encode("utf-8")
        left = max(until - monotonic(), 0.1)
        timeout = httpx.Timeout(left, connect=min(left, _CONNECT), read=min(left, silent))
        with (
            self._faults(),
            self._client.get().stream("POST", self._url, content=body, timeout=timeout) as answer,
        ):
            self._reached = True
            if answer.status_code != _OK:
                said = self._without_key(_begin(answer, until).decode("utf-8", "replace"))
                raise refuse(answer.status_code, answer.headers, said)
            yield answer

    @contextmanager
    def _faults(self) -> Generator[None]:
        """Turn what httpx raises into faults."""
        import httpx

        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            kind: Kind = "busy" if self._reached else "unreached"
            raise Fault(f"cannot be reached: {error}", kind=kind) from error
        except httpx.TimeoutException as error:
            raise Fault("did not answer in time", kind="busy") from error
        except httpx.HTTPError as error:
            raise Fault(f"broke off: {error}", kind="busy") from error

    def _read(self, data: bytes, read: Callable[[Any], T]) -> T:
        try:
            return read(json.loads(data))
        except (ValueError, RecursionError) as error:
            raise Fault("an answer that is not JSON", kind="garbled") from error
        except EmbedderError as error:
            raise Fault(self._without_key(error.message), kind="garbled") from None

    def _connect(self) -> httpx.Client:
        import httpx

        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {clean_key(self._key, self.service)}"
        # Certificates take longer to load than all the rest.
        secure = self._url.startswith("https:")
        client = httpx.Client(headers=headers, trust_env=not local(self._url), verify=secure)
        weakref.finalize(self, client.close)
        return client

    def _given_up(self, fault: Fault, tries: int) -> EmbedderError:
        again = "" if tries == 1 else f" ({tries} tries)"
        return EmbedderError(
            self._told(f"{fault.reason}{again}"),
            hint=self._hint if fault.kind == "unreached" else self._busy,
        )

    def _told(self, reason: str) -> str:
        return f"{self.service} at {self._address}: {one_line(reason)}"

    def _without_key(self, text: str) -> str:
        """Return what an answer says without the key that it may echo; a made-up one is no key."""
        return text.replace(self._key, "***") if len(self._key) >= _SHORTEST else text


def batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut ``texts`` into requests of at most 64 texts and 96,000 characters; one text is never cut.

    So many characters are less than the 300,000 tokens that OpenAI takes in one request.
    """
    start = characters = 0
    for place, text in enumerate(texts):
        characters += len(text)
        if place > start and (characters > _CHARACTERS or place - start == _TEXTS):
            yield texts[start:place]
            start, characters = place, len(text)
    if start < len(texts):
        yield texts[start:]


def _lines(answer: httpx.Response, until: float) -> Iterator[str]:
    read, rest = 0, b""
    for part in answer.iter_bytes():
        read += len(part)
        if read > _ANSWER:
            raise Fault(f"an answer of more than {_ANSWER >> 20} MiB", kind="garbled")
        if monotonic() > until:
            raise Fault("did not get done in time", kind="busy")
        *lines, rest = (rest + part).split(b"\n")
        yield from (line.decode("utf-8", "replace").rstrip("\r") for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")


def _whole(answer: httpx.Response, until: float) -> bytes:
    data = _begin(answer, until, limit=_ANSWER)
    if len(data) > _ANSWER:
        raise Fault(f"an answer of more than {_ANSWER >> 20} MiB", kind="garbled")
    return data


def _begin(answer: httpx.Response, until: float, *, limit: int = _REFUSAL) -> bytes:
    """Read until there is more than ``limit``, or no time left: the time-out is of each part."""
    data = bytearray()
    for part in answer.iter_bytes():
        data += part
        if monotonic() > until:
            raise Fault("did not answer in time", kind="busy")
        if len(data) > limit:
            break
    return bytes(data)
