"""Runs a program at a terminal: waits for a text, presses keys, and so on; prints what was shown and the exit code."""

import json
import os
import pty
import sys

script, program = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(program[0], program)

shown = b""
seen = 0


def more():
    global shown
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        piece = b""
    shown += piece
    return piece != b""


for text, keys in script:
    while text.encode() not in shown[seen:] and more():
        pass
    seen = shown.find(text.encode(), seen) + len(text)
    os.write(terminal, keys.encode())
while more():
    pass
_, status = os.waitpid(pid, 0)
print(json.dumps({"shown": shown.decode(), "code": os.waitstatus_to_exitcode(status)}))
