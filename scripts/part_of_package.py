#!/usr/bin/env python3
"""Makes a package of one target of this one and all that it depends on.

    swift package dump-package | scripts/part_of_package.py TARGET ROOT FOLDER

FOLDER gets a Package.swift with the settings of the whole, and links to the sources.
"""

import json
import sys
from pathlib import Path

FOLDERS = {"test": "Tests", "regular": "Sources", "executable": "Sources", "system": "Sources"}
KINDS = {"test": "testTarget", "regular": "target", "executable": "executableTarget",
         "system": "systemLibrary"}


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def needed(manifest, name):
    """The target and what it depends on within the package, and the products of others."""
    targets = {target["name"]: target for target in manifest["targets"]}
    found, products, waiting = {}, {}, [name]
    while waiting:
        target = targets[waiting.pop()]
        if target["name"] in found:
            continue
        inner, outer = [], []
        for dependency in target["dependencies"]:
            if "product" in dependency:
                product, package = dependency["product"][:2]
                outer.append((product, package))
                products[package.lower()] = package
            else:
                inner.append((dependency.get("byName") or dependency.get("target"))[0])
        found[target["name"]] = target, inner, outer
        waiting += inner
    return found, products


def dependency_line(manifest, identity):
    for dependency in manifest["dependencies"]:
        for source in dependency.get("sourceControl", []):
            if source["identity"].lower() == identity:
                url = source["location"]["remote"][0]["urlString"]
                low = source["requirement"]["range"][0]["lowerBound"]
                return f"        .package(url: {quoted(url)}, from: {quoted(low)}),"
    raise SystemExit(f"error: Package.swift names no package {identity}")


def setting_line(setting):
    kind, value = next(iter(setting["kind"].items()))
    value = value.get("_0") if isinstance(value, dict) else None
    return {
        "enableUpcomingFeature": lambda: f".enableUpcomingFeature({quoted(value)})",
        "enableExperimentalFeature": lambda: f".enableExperimentalFeature({quoted(value)})",
        "define": lambda: f".define({quoted(value)})",
        "strictMemorySafety": lambda: ".strictMemorySafety()",
        "treatAllWarnings": lambda: ".treatAllWarnings(as: .error)",
    }[kind]()


def main():
    name, root, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    manifest = json.load(sys.stdin)
    found, products = needed(manifest, name)
    lines = []
    for target, inner, outer in found.values():
        path = target.get("path") or f"{FOLDERS[target['type']]}/{target['name']}"
        link = folder / path
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(root / path)
        if target["type"] == "system":
            lines.append(f"        .systemLibrary(name: {quoted(target['name'])}, "
                         f"path: {quoted(path)}),")
            continue
        dependencies = [quoted(one) for one in inner] + [
            f".product(name: {quoted(product)}, package: {quoted(package)})"
            for product, package in outer]
        settings = [setting_line(setting) for setting in target["settings"]
                    if setting["tool"] == "swift"]
        exclude = ", exclude: [%s]" % ", ".join(
            quoted(one) for one in target["exclude"]) if target["exclude"] else ""
        lines.append(
            f"        .{KINDS[target['type']]}(name: {quoted(target['name'])}, "
            f"dependencies: [{', '.join(dependencies)}], path: {quoted(path)}{exclude}, "
            f"swiftSettings: [{', '.join(settings)}]),")
    text = "\n".join([
        "// swift-tools-version: 6.2", "import PackageDescription", "",
        f"let package = Package(name: {quoted(manifest['name'])}, platforms: [.macOS(.v26)],",
        "    dependencies: [",
        *(dependency_line(manifest, identity) for identity in sorted(products)),
        "    ],", "    targets: [", *lines, "    ])", ""])
    file = folder / "Package.swift"
    if not file.exists() or file.read_text() != text:
        file.write_text(text)


if __name__ == "__main__":
    main()
