"""Carries the Dockerfile's steps out in a folder, without a container: a reading of the few instructions it uses."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from vibe.tests.sandbox_process import ROOT

NOBODY = 65534
# Another user, who may read what root may (the interpreter lies in somebody's home) and write nowhere but in his own.
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
AS_NOBODY += [f"--{kind}=-all,+dac_read_search" for kind in ("bounding-set", "inh-caps", "ambient-caps")]


def instructions(text: str) -> list[tuple[int, str, str]]:
    """(stage, instruction, argument) of a Dockerfile; the first stage is 1."""
    lines = re.sub(r"(?m)^\s*#.*\n", "", text).replace("\\\n", " ").splitlines()
    found, stage = [], 0
    for name, argument in (line.split(None, 1) for line in lines if line.strip()):
        stage += name == "FROM"
        found.append((stage, name, argument.strip()))
    return found


class Image:
    """`app`, `venv`, `data` and `tmp` below a folder stand for /app, /venv, /data and /tmp."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.steps = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
        self.last = self.steps[-1][0]

    def one(self, name: str) -> str:
        """The argument of the final stage's one instruction of that name."""
        (argument,) = [argument for stage, step, argument in self.steps if (stage, step) == (self.last, name)]
        return argument

    def words(self, name: str) -> list[str]:
        """Of an instruction in exec form, each in this folder."""
        words: list[str] = json.loads(self.one(name))
        return [self.here(word) for word in words]

    def here(self, text: str) -> str:
        return re.sub(r"(?<![\w.:/-])/(app|venv|data|tmp)\b", rf"{self.folder}/\1", text)

    def environment(self) -> dict[str, str]:
        pairs = (pair.split("=", 1) for pair in self.one("ENV").split())
        values = {name: self.here(value.replace("$PATH", os.environ["PATH"])) for name, value in pairs}
        return values | {"TMPDIR": self.here("/tmp"), "LANG": "C.UTF-8"}  # noqa: S108  it is replaced

    def build(self) -> None:
        """The builder's steps, with the packages of this environment in the place of the network."""
        self._copy()
        site = sysconfig.get_path("purelib", vars={"base": self.here("/venv")})
        Path(site).mkdir(parents=True)
        (Path(site) / "reused.pth").write_text(sysconfig.get_path("purelib"))
        for command in (argument for stage, name, argument in self.steps if stage < self.last and name == "RUN"):
            line = re.sub(r"(^|&& )python ", rf"\1'{sys.executable}' ", self.here(command))
            values = os.environ | {"PIP_NO_INDEX": "1"}
            subprocess.run(line, shell=True, cwd=self.folder / "app", env=values, check=True, timeout=300)  # noqa: S602
        for part in ("data", "tmp"):
            (self.folder / part).mkdir(mode=0o700)
            if os.getuid() == 0:
                os.chown(self.folder / part, NOBODY, NOBODY)
        fixed = [self.folder / "app", self.folder / "venv"]
        subprocess.run(["/usr/bin/env", "chmod", "-R", "a-w,a+rX", *fixed], check=True)

    def _copy(self) -> None:
        ignored = (ROOT / ".dockerignore").read_text().split()

        def left_out(folder: str, names: list[str]) -> list[str]:
            inside = Path(folder).relative_to(ROOT)
            return [name for name in names if any(_matches(inside / name, pattern) for pattern in ignored)]

        shutil.copytree(ROOT, self.folder / "app", ignore=left_out)

    def start(self, words: list[str], more: Mapping[str, str]) -> subprocess.Popen[str]:
        """The entrypoint with these words, as a user without privileges."""
        prefix = AS_NOBODY if os.getuid() == 0 else []
        return subprocess.Popen(
            [*prefix, *self.words("ENTRYPOINT"), *words],
            cwd=self.folder / "app",
            env={**self.environment(), **more},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def contents(self) -> dict[str, float]:
        """What must not change, with the time at which it did."""
        parts = (self.folder / "app", self.folder / "venv")
        return {str(path): path.lstat().st_mtime for part in parts for path in part.rglob("*") if path.exists()}


def _matches(path: Path, pattern: str) -> bool:
    return fnmatch(path.name, pattern[3:]) if pattern.startswith("**/") else fnmatch(str(path), pattern)
