"""Files of named tensors and one document: safetensors, with a digest of the whole content.

The document is JSON in the file's header, under a key that says what kind of file it is; beside it stands the digest,
by which damage is found. Nothing in such a file can run. The same content always gives the same bytes. A file is
replaced only by a complete one.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError
from glassnet.files import replacing

DTYPES = ("F32", "F64", "I64")  # of tensors, as safetensors names them
ANY = -1  # any length
# In memory, a value of JSON may take many times its length. So the length is bounded, also by that of the tensors.
HEADER, HEADER_TIMES = 2**22, 4

Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class FileKind:
    """A kind of file.

    Attributes:
        key: of the document in the header.
        noun: what messages call such a file.
        error: what :meth:`read` raises.
        format: the number of the format that this version writes and reads.
        advice: what to do about a damaged file.
    """

    key: str
    noun: str
    error: type[InputError]
    format: int
    advice: str

    def write(self, path: str | os.PathLike[str], text: str, tensors: Tensors) -> None:
        """Write a file with the document ``text``, which must have the key ``format``.

        Args:
            tensors: C-contiguous ones, each of one of :data:`DTYPES`.

        Raises:
            OSError: the folder is missing, may not be written to, or the disk is full.
        """
        import msgspec
        from safetensors.numpy import save as serialize

        content = serialize(dict(tensors), {self.key: text, "digest": digest(text, tensors)})
        # 8 bytes of length, JSON, whose keys are sorted here, and the tensors
        end = 8 + int.from_bytes(content[:8], "little")
        header = msgspec.json.encode(msgspec.json.decode(content[8:end]), order="sorted")
        header += b" " * (-len(header) % 8)
        with replacing(path) as stream:
            stream.write(len(header).to_bytes(8, "little") + header)
            stream.write(memoryview(content)[end:])

    def read(self, name: str) -> tuple[str, dict[str, npt.NDArray[Any]]]:
        """The document and the tensors of a file that is not damaged.

        Raises:
            InputError: (an ``error``) no such file, a file of another kind or format, or a damaged one.
        """
        from safetensors import SafetensorError, safe_open

        metadata: dict[str, str] = {}
        tensors: dict[str, npt.NDArray[Any]] = {}
        try:
            if not stat.S_ISREG(os.stat(name).st_mode):  # a pipe would wait, a device never end
                found = "a directory" if os.path.isdir(name) else "no regular file"
                raise self.error(f"{name!r} is {found}, but a {self.noun} was expected.")
            with open(name, "rb"), safe_open(name, framework="numpy") as file:
                metadata = file.metadata() or {}
                if self.key in metadata:
                    for key in file.keys():  # noqa: SIM118  # it is no dict
                        own = file.get_slice(key).get_dtype()
                        if own not in DTYPES:
                            raise self.error(
                                f"{name!r} cannot be loaded: its tensor {key[:80]!r} is of the type {own}, "
                                f"but must be of {', '.join(DTYPES)}."
                            )
                        tensors[key] = file.get_tensor(key)
        except (FileNotFoundError, ValueError) as error:  # ValueError: no file can have such a name
            if isinstance(error, self.error):
                raise
            raise self.error(f"There is no file {name!r}.") from None
        except OSError as error:
            raise self.error(f"{name!r} cannot be read: {error.strerror or error}.") from None
        except SafetensorError as error:
            raise self.error(f"{name!r} is not a whole {self.noun} ({error}).") from None
        text = metadata.get(self.key, "")
        self._check_format(name, text)
        if metadata.get("digest") != digest(text, tensors):
            raise self.error(f"{name!r} is damaged: its content is not what was saved; {self.advice}.")
        return text, tensors

    def check_path(self, path: str) -> None:
        """Try whether a file ``path`` can be written; one that is there is not changed.

        Raises:
            InputError: (an ``error``) no file can have such a name.
            OSError: the folder is missing, or may not be written to.
        """
        try:
            with suppress(_Discarded), replacing(path):
                raise _Discarded
        except ValueError as error:
            raise self.error(f"no {self.noun} can have the name {path!r:.80}: {error}.") from None

    def check_header(self, text: str, tensors: Tensors) -> None:
        """Refuse a document that is too long for the tensors.

        Raises:
            InputError: (an ``error``) it is.
        """
        allowed = HEADER + HEADER_TIMES * sum(values.nbytes for values in tensors.values())
        if len(text) > allowed:
            raise self.error(
                f"its header has {len(text):,} characters, but may have {allowed:,} for its tensors."
            )

    def _check_format(self, name: str, text: str) -> None:
        import msgspec

        try:
            found = msgspec.json.decode(text, type=_Format).format
        except (msgspec.MsgspecError, RecursionError):
            raise self.error(
                f"{name!r} is a safetensors file, but not a {self.noun} that glassnet saved."
            ) from None
        if found != self.format:
            raise self.error(
                f"{name!r} has format {found}, but this glassnet reads format {self.format}; install a newer glassnet."
            )


class _Discarded(Exception):
    """Ends the writing of a file that is not wanted."""


@dataclass
class _Format:
    """What the documents of all formats have."""

    format: int


class TensorReader:
    """Takes the tensors of a file out of their dict, each once, and checks them: memory is free when it can be.

    Raises:
        InputError: (an ``error``) a tensor that is missing, has another shape or type, or holds numbers that are not
            finite.
    """

    def __init__(self, tensors: dict[str, npt.NDArray[Any]], kind: FileKind) -> None:
        self._left = tensors
        self._noun = kind.noun
        self.error = kind.error

    def has(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str, dtype: str, *shape: int, finite: bool = True) -> npt.NDArray[Any]:
        values = self._left.pop(name, None)
        if values is None:
            raise self.error(f"it lacks the tensor {name}.")
        lengths = zip(values.shape, shape, strict=False)
        if values.dtype != dtype or values.ndim != len(shape) or any(n != m != ANY for n, m in lengths):
            expected = ", ".join("any" if length == ANY else str(length) for length in shape)
            raise self.error(
                f"its tensor {name} is {values.dtype} of the shape {values.shape}, but must be {dtype} ({expected})."
            )
        if finite and not np.isfinite(values).all():
            raise self.error(f"its tensor {name} has numbers that are not finite.")
        return values

    def end(self) -> None:
        """Refuse tensors that nothing has taken."""
        if self._left:
            raise self.error(
                f"it has tensors that do not belong to a {self._noun.split()[0]}: {', '.join(self._left)[:200]}."
            )


def digest(text: str, tensors: Tensors) -> str:
    """32 hexadecimal digits that follow from the whole content of a file."""
    found = hashlib.blake2b(text.encode(), digest_size=16)
    for name in sorted(tensors):
        own = np.ascontiguousarray(tensors[name])
        found.update(f"{name} {own.dtype.str} {own.shape}".encode())
        found.update(own.data)
    return found.hexdigest()
