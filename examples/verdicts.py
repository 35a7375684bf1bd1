#!/usr/bin/env python3
"""JSON lines of many dumps, read by a program in another language: a table of who is suspected, and how often.

    poolscope analyze --json *.dmp | python3 examples/verdicts.py
"""

import collections
import json
import sys


def reports_of(text):
    """The reports in a text: one a line, or a single one that is indented."""
    decoder = json.JSONDecoder()
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        report, at = decoder.raw_decode(text, at)
        yield report


def main() -> int:
    by_signature = collections.defaultdict(list)
    for report in reports_of(sys.stdin.read()):
        # The schema's number changes when a field changes its meaning; new fields may come at any time.
        if report["schema"] != "poolscope.analysis/1":
            print(f"unknown schema {report['schema']}", file=sys.stderr)
            return 1
        by_signature[report["signature"]].append(report)

    for signature, reports in sorted(by_signature.items(), key=lambda item: -len(item[1])):
        verdict = reports[0]["verdict"]
        # Suspects are empty rather than padded, the best first. Addresses are texts: they have 64 bits.
        suspects = verdict.get("suspects") or []
        who = suspects[0]["module"] if suspects else "nobody named"
        block = verdict.get("block") or {}
        where = f" at block {block['address']} ({block.get('tag') or 'no tag'})" if block else ""
        print(f"{len(reports)} x {verdict['kind']} by {who}{where}")
        print(f"    {verdict['summary']}")
        print(f"    {signature}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
