#!/usr/bin/env python3
"""Writes the manual page of corral from what the program says of itself.

    scripts/man.py PATH-OF-CORRAL [PATH-OF-PAGE]      # standard output without the second

The page is mdoc(7), which man(1) reads on Linux and on the Mac. Commands and options come from
`corral --experimental-dump-help`; what stands below is what no option says.
"""

import json
import os
import re
import subprocess
import sys
import time

EXITS = [
    ("0", "Done."), ("1", "Refused or failed; the sentence says why."),
    ("64", "The command was written wrongly."), ("65", "A file is damaged, or no model."),
    ("66", "A file, a key, or a model of that name, is not there."), ("69", "No daemon answers."),
    ("78", "The configuration makes no sense, or llama-server is not found."),
]
FILES = [
    ("~/.config/corral/config.yaml", "Settings; --config and CORRAL_CONFIG name another file."),
    ("~/.config/corral/keys.yaml", "Digests of API keys, as corral key writes them."),
    ("~/.cache/corral/models", "Models, where no folder is set; also ~/.local/share/corral/models."),
]
VARIABLES = [
    ("CORRAL_URL", "The daemon that commands talk to."),
    ("CORRAL_API_KEY", "The key that commands send, and one that serve takes."),
    ("CORRAL_…", "Every option of serve: --max-wait is CORRAL_MAX_WAIT."),
    ("NO_COLOR", "Turns colours off."),
]
EXAMPLES = [
    ("Serve the models of a folder in half of the memory:",
     "corral serve --models ~/models --memory 50%"),
    ("Make a key for another machine, and let it in:",
     "corral key create --name laptop\ncorral serve --host 0.0.0.0"),
    ("What is in memory, and who uses it:", "corral ps"),
    ("Ask a model:", "corral chat qwen3-8b \"Why is the sky blue?\""),
]


def escaped(text):
    """Text that roff takes for text."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = text.replace("…", "\\&...").replace("“", "\\(lq").replace("”", "\\(rq")
    lines = []
    for line in text.splitlines():
        lines.append("\\&" + line if line[:1] in ".'" else line)
    return "\n".join(lines)


def prose(text):
    """A paragraph; what is between backquotes is set as it would be typed."""
    parts = re.split(r"`([^`]*)`", text.strip())
    return "".join(
        f"\\fB{escaped(part)}\\fR" if index % 2 else escaped(part)
        for index, part in enumerate(parts))


def spelled(argument):
    """How an option or an argument is written."""
    value = escaped(argument.get("valueName", ""))
    if argument["kind"] == "positional":
        return f".Ar {value}" + (" ..." if argument["isRepeating"] else "")
    names = [("\\-" if name["kind"] == "short" else "\\-\\-") + escaped(name["name"])
             for name in argument["names"]]
    words = " , ".join(f"Fl {name[2:]}" for name in names)
    return f".{words}" + ("" if argument["kind"] == "flag" else f" Ar {value}")


def options(arguments):
    shown = [one for one in arguments
             if one["shouldDisplay"] and one["valueName"] not in ("help", "version")]
    if not shown:
        return []
    lines = [".Bl -tag -width Ds"]
    for argument in shown:
        lines.append(spelled(argument).replace(".", ".It ", 1))
        text = argument.get("abstract", "")
        default = argument.get("defaultValue")
        if default and "Default" not in text:
            text += f" Default: {default}"
        if argument.get("allValues"):
            text += f" One of: {', '.join(argument['allValues'])}."
        lines.append(prose(text) or "\\&")
    return lines + [".El"]


def command(node, path):
    name = " ".join([*path, node["commandName"]])
    lines = [f".Ss {escaped(name)}", prose(node.get("abstract", ""))]
    if node.get("discussion"):
        for paragraph in node["discussion"].split("\n\n"):
            lines += [".Pp", prose(paragraph)]
    lines += options(node.get("arguments", []))
    for child in node.get("subcommands", []):
        if child["shouldDisplay"] and child["commandName"] != "help":
            lines += command(child, [*path, node["commandName"]])
    return lines


def table(rows):
    lines = [".Bl -tag -width Ds"]
    for head, text in rows:
        lines += [f".It {escaped(head)}", prose(text)]
    return lines + [".El"]


def page(program):
    environment = {**os.environ, "HOME": "/nonexistent"}
    def run(*arguments):
        return subprocess.run([program, *arguments], check=True, capture_output=True, text=True,
                              env=environment).stdout
    root = json.loads(run("--experimental-dump-help"))["command"]
    version = run("version").split()[1]
    day = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    lines = [
        ".\\\" Made by scripts/man.py.", f".Dd {time.strftime('%B %-d, %Y', day)}", ".Dt CORRAL 1",
        f".Os corral {version}", ".Sh NAME", ".Nm corral",
        f".Nd {escaped(root['abstract'].rstrip('.'))}", ".Sh SYNOPSIS", ".Nm",
        ".Ar command", ".Op Ar option ...", ".Sh DESCRIPTION", prose(root["discussion"]),
        ".Sh COMMANDS"]
    for node in root["subcommands"]:
        if node["shouldDisplay"] and node["commandName"] not in ("help", "version"):
            lines += command(node, ["corral"])
    lines += [".Sh ENVIRONMENT", *table(VARIABLES), ".Sh FILES", *table(FILES),
              ".Sh EXIT STATUS", *table(EXITS), ".Sh EXAMPLES"]
    for text, example in EXAMPLES:
        lines += [prose(text), ".Bd -literal -offset indent", escaped(example), ".Ed"]
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    text = page(sys.argv[1])
    if len(sys.argv) == 3:
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            file.write(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
