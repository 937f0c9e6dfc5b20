"""A pack: the files that it has, and their ZIP archive, written while it is read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import orjson

from modellab.records import Run
from modellab.records.repro import DEFAULT_TOLERANCE, PackedDataset, PackManifest, is_safe_path
from modellab.repro.decoding import encode_record
from modellab.repro.document import write_document
from modellab.repro.manifest import hash_bytes, make_manifest, write_manifest
from modellab.repro.metrics import check_tolerance
from modellab.repro.requirements import write_requirements
from modellab.store import Store

SMALL_DATASET = 20 * 10**6
"""Bytes up to which the data of a dataset are in a pack without being asked for."""

Data = Literal["small", "all", "none"]

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive can write
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The files of a pack: `texts` by name, and `data`, names with the SHA-256 of bytes that are kept."""

    manifest: PackManifest
    texts: Mapping[str, bytes]
    data: Mapping[str, str]

    @property
    def filename(self) -> str:
        """The name that the archive is saved under."""
        return f"repro-{self.manifest.run_id}.zip"


def build_pack(
    store: Store,
    run_id: str,
    *,
    data: Data = "small",
    tolerance: float = DEFAULT_TOLERANCE,
    visible: Collection[str] | None = None,
) -> Pack:
    """The pack of a run; the same run gives the same bytes. Nothing of the data is read as yet.

    `data` says which datasets are in it: those of at most `SMALL_DATASET` bytes, all that are kept, or
    none. `tolerance` is the relative difference up to which metrics agree. `visible` are the projects
    whose data may be packed, `None` for all. Raises `NotFound` and `InvalidInput`.
    """
    check_tolerance(tolerance)
    run = store.runs.get(run_id)
    replay = store.runs.read_replay(run_id)
    datasets = _list_datasets(store, run, data, visible)
    manifest = make_manifest(run, replay, datasets, tolerance=tolerance)
    texts = _write_texts(manifest, run)
    manifest = replace(manifest, checksums={name: hash_bytes(text) for name, text in sorted(texts.items())})
    texts["manifest.json"] = write_manifest(manifest)
    for path, text in (replay.code if replay else {}).items():
        texts[f"code/{path}"] = text.encode("utf-8", "surrogatepass")
    kept = {dataset.path: dataset.sha256 for dataset in datasets if dataset.path is not None}
    return Pack(manifest=manifest, texts=texts, data=kept)


def stream_pack(store: Store, pack: Pack) -> Iterator[bytes]:
    """The bytes of the archive, made while they are asked for; data go through in pieces."""
    buffer = _Drain()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted([*pack.texts, *pack.data]):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same bytes on every system
            if name in pack.texts:
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, pack.texts[name])
                yield buffer.drain()
                continue
            with archive.open(entry, "w", force_zip64=True) as member:
                for chunk in store.files.read(pack.data[name]):
                    member.write(chunk)
                    yield buffer.drain()
    yield buffer.drain()


class _Drain(io.RawIOBase):
    """Where an archive is written to; what has come is taken away again."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._chunks.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        chunks, self._chunks = self._chunks, []
        return b"".join(chunks)


def _write_texts(manifest: PackManifest, run: Run) -> dict[str, bytes]:
    texts = {
        "reproduce.md": write_document(manifest).encode("utf-8", "replace"),
        "requirements.txt": write_requirements(
            manifest.packages, manifest.origins, manifest.python_version
        ).encode(),
        "params.json": _write_json(manifest.params),
        "expected_metrics.json": _write_json(
            {metric.name: encode_record(metric) for metric in manifest.expected_metrics}
        ),
        "environment.json": _write_json(
            {
                "python_version": manifest.python_version,
                "device_info": manifest.device_info,
                "variables": manifest.environment,
            }
        ),
        "datasets/checksums.json": _write_json([encode_record(one) for one in manifest.datasets]),
    }
    if manifest.git_hash is not None:
        texts["git/commit.txt"] = f"{manifest.git_hash}\n".encode()
    if manifest.has_diff:
        texts["git/diff.patch"] = (run.git_diff or "").encode("utf-8", "surrogatepass")
    return texts


def _write_json(value: object) -> bytes:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(encode_record(value), option=options)


def _list_datasets(
    store: Store, run: Run, data: Data, visible: Collection[str] | None
) -> Sequence[PackedDataset]:
    found = []
    paths: dict[str, str] = {}  # content that has several names is packed once, under the first of them
    for use in sorted(run.datasets, key=lambda use: (use.name, use.version, use.split or "")):
        dataset = store.datasets.recall(use.dataset_id)
        is_wanted = data == "all" or (data == "small" and dataset.size <= SMALL_DATASET)
        is_packed = is_wanted and dataset.is_stored and (visible is None or dataset.project_id in visible)
        filename = dataset.filename or dataset.name
        safe = filename if is_safe_path(filename) and "/" not in filename else "data"
        path = f"datasets/{dataset.sha256[:16]}/{safe}"
        found.append(
            PackedDataset(
                name=use.name,
                version=use.version,
                split=use.split,
                filename=dataset.filename,
                sha256=dataset.sha256,
                size=dataset.size,
                path=paths.setdefault(dataset.sha256, path) if is_packed else None,
            )
        )
    return found
