"""Any sentence-transformers model, from a folder or the Hugging Face hub, as an `Encoder`.

Nothing of it is imported before a model is asked for (the import alone takes seconds), the cache
is asked before the network, and no code that comes with a model is ever run.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from poisonscan.errors import ConfigError

#: Texts per forward pass; fixed, because padding to the longest moves the last bits of a vector.
BATCH_SIZE: Final = 32

#: Seconds for the one request that says whether the hub can be reached and has the model.
HUB_TIMEOUT_S: Final = 10


class SentenceTransformerModel:
    """A sentence-transformers model; satisfies `Encoder`.

    Parameters
    ----------
    name_or_path
        Folder of a model, or its name on the hub.
    device
        Torch device. The default is reproducible on one machine; others may not be.

    Raises
    ------
    ConfigError
        The package is not installed, or there is no such model, or it cannot be loaded.
    """

    __slots__ = ("_dims", "_fingerprint", "_model")

    def __init__(self, name_or_path: str, *, device: str = "cpu") -> None:
        with _silence_libraries():
            model_class = _import_model_class()
            try:
                self._model = _load(model_class, name_or_path, device)
                self._dims = int(self._encode_batches(["a"]).shape[1])
            except Exception as error:  # whatever the libraries raise, the option is what is wrong
                raise ConfigError(
                    f"embedding model {name_or_path!r} cannot be loaded: {_one_line(error)};"
                    " give the folder or the hub name of a sentence-transformers model"
                ) from None
            self._fingerprint = _fingerprint(name_or_path)

    @property
    def dims(self) -> int:
        """Length of a vector."""
        return self._dims

    @property
    def fingerprint(self) -> str:
        """Name, and sha256 of the weights: of the file itself where there is only one."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of length 1 per text, float32 ``(n, dims)``.

        Each distinct text is encoded once, in order of length and content: the order and the
        repetitions of `texts` do not change a vector.
        """
        distinct = sorted(set(texts), key=lambda text: (len(text), text))
        if not distinct:
            return np.zeros((0, self._dims), dtype=np.float32)
        with _silence_libraries():
            vectors = self._encode_batches(distinct)
        position = {text: row for row, text in enumerate(distinct)}
        return vectors[[position[text] for text in texts]]

    def _encode_batches(self, texts: list[str]) -> NDArray[np.float32]:
        """Encode texts as they come; the library itself turns gradients off."""
        vectors = self._model.encode(
            texts,
            batch_size=BATCH_SIZE,
            show_progress_bar=False,
            convert_to_numpy=True,
            normalize_embeddings=True,
        )
        return np.asarray(vectors, dtype=np.float32)


def _import_model_class() -> Any:  # noqa: ANN401 (an optional dependency has no type here)
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ConfigError(
            f"embedding models need sentence-transformers ({_one_line(error)}):"
            " pip install 'poisonscan[sentence-transformers]'"
        ) from None
    return SentenceTransformer


def _load(model_class: Any, name_or_path: str, device: str) -> Any:  # noqa: ANN401
    """Load a model from its folder, or the cache, or the hub, in this order."""

    def load(*, local_files_only: bool) -> Any:  # noqa: ANN401
        # Handlers write to the stream that they know, progress bars to the current one.
        with contextlib.redirect_stderr(io.StringIO()):
            model = model_class(
                name_or_path,
                device=device,
                local_files_only=local_files_only,
                trust_remote_code=False,
            )
        return model.eval()

    if Path(name_or_path).is_dir():
        return load(local_files_only=True)
    try:
        return load(local_files_only=True)
    except Exception as error:
        # One request of a known length: the loader itself would retry for more than a minute.
        _ask_hub(name_or_path, error)
        return load(local_files_only=False)


def _ask_hub(name: str, cache_error: Exception) -> None:
    """Raise a short error unless the hub has the model."""
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(_hub_name(name), timeout=HUB_TIMEOUT_S)
    except Exception as error:
        raise ConfigError(
            f"no such folder, not in the cache, not found on the hub ({_one_line(error)})"
        ) from cache_error


def _hub_name(name: str) -> str:
    """Return the full name; the library takes names without an owner for its own."""
    return name if "/" in name else f"sentence-transformers/{name}"


def _fingerprint(name_or_path: str) -> str:
    """Return name and weights digest, without the path, which differs between machines."""
    folder = Path(name_or_path)
    if folder.is_dir():
        return f"{folder.resolve().name}@{_hash_weights(folder)}"
    from huggingface_hub import snapshot_download

    name = _hub_name(name_or_path)
    try:
        cached = Path(snapshot_download(name, local_files_only=True))
    except Exception:  # a cache of another layout: the model is loaded, only its digest is missing
        return name
    return f"{name}@{_hash_weights(cached)}"


def _hash_weights(folder: Path) -> str:
    """Return the sha256 of the weights; of ``digest  path`` lines where there are several files."""
    found = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("*.bin"))
    digests = []
    for path in found:
        with path.open("rb") as file:
            digests.append((hashlib.file_digest(file, "sha256").hexdigest(), path))
    if len(digests) == 1:
        return f"sha256:{digests[0][0]}"
    lines = [f"{digest}  {path.relative_to(folder).as_posix()}\n" for digest, path in digests]
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


@contextlib.contextmanager
def _silence_libraries() -> Iterator[None]:
    """Keep warnings and log lines of the libraries off the terminal."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _one_line(error: Exception) -> str:
    """Return an error's first line, printable and short."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    text = "".join(char for char in first if char.isprintable())[:200].rstrip(" .")
    return text or type(error).__name__
