# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode changes nothing, and reports what the same task without it then does."""

from __future__ import annotations

import datetime
import json

# What a task in check mode cannot know: what is measured while something is done.
MEASURED = {"steps", "evidence", "start", "end"}

UNITS = {
    "worker@.service": "[Service]\nExecStart=/bin/sleep infinity\n",
    "chat.socket": "[Socket]\nListenStream=127.0.0.1:8090\nAccept=yes\n",
    "chat@.service": "[Service]\nExecStart=/bin/cat\nStandardInput=socket\n",
    "once.service": "[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n",
    "once.timer": "[Timer]\nOnCalendar=2099-01-01\n[Install]\nWantedBy=timers.target\n",
    "broken.service": "[Service]\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n",
    "broken.timer": "[Timer]\nOnCalendar=2099-01-01\n",
    "crash.service": "[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=1h\n",
    "watch.path": "[Path]\nPathExists=/run/nothing\n[Install]\nWantedBy=paths.target\n",
    "watch.service": "[Service]\nType=oneshot\nExecStart=/bin/true\nRemainAfterExit=yes\n[Install]\nWantedBy=multi-user.target\n",
    "shop.target": "[Unit]\nWants=till.service\n",
    "till.service": "[Unit]\nPartOf=shop.target\n[Service]\nExecStart=/bin/sleep infinity\n",
    "plain.service": "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
}

CONTROL = "/etc/systemd/system.control"
AGENT = 'java -jar "$(ls -S /var/cache/quietus/*.jar | head -1)"'

# What is done to the host first; the task's options; whether it changes something, None where it fails.
CASES = [
    ("", dict(name="myapi", state="quiesced", dependents="refuse"), None),
    ("", dict(name="dbus", state="quiesced"), None),
    ("", dict(name="nosuchunit", state="quiesced"), None),
    ("", dict(name="nosuchunit", state="running"), None),
    ("", dict(name="myapi", state="running"), False),
    ("", dict(name="myapi", state="quiesced", reason="one"), True),
    ("", dict(name="myapi.socket", state="quiesced", reason="one"), False),
    ("", dict(name="myapi*", state="quiesced"), False),
    ("", dict(name="myapi", state="quiesced", reason="two"), True),
    ("", dict(name="myapi", state="quiesced", lease="1h"), True),
    ("", dict(name="myapi", state="quiesced", lease="1h"), False),
    ("", dict(name="myapi", state="quiesced", lease="2h"), True),
    ("", dict(name="myapi", state="quiesced", lease="0"), True),
    ("", dict(name="myapi", state="quiesced", until="reboot"), None),
    ("systemctl revert myapi.timer", dict(name="myapi", state="quiesced"), True),
    (
        f"rm {CONTROL}/myapi.timer; systemctl daemon-reload",
        dict(name="myapi", state="quiesced"),
        True,
    ),
    (f"rm {CONTROL}/myapi.timer", dict(name="myapi", state="quiesced"), True),
    (
        f"rm -r {CONTROL}/*; systemctl daemon-reload; systemctl start myapi.timer",
        dict(name="myapi", state="quiesced"),
        True,
    ),
    (
        'systemctl revert myapi.timer; echo "# edited" >>/etc/systemd/system/plain.service',
        dict(name="myapi", state="quiesced"),
        True,
    ),
    ("", dict(name="report", state="quiesced"), True),
    ("", dict(name="myapi", state="running"), True),
    ("", dict(name="report", state="running"), True),
    ("", dict(name="myapi", state="running"), False),
    ("systemctl stop myapi.timer", dict(name="myapi", state="running"), True),
    (
        "systemctl stop myapi.socket myapi.service myapi.timer",
        dict(name="myapi", state="running"),
        True,
    ),
    (
        "systemctl start report",
        dict(name=["myapi", "plain"], state="quiesced", until="reboot", settle="1s", drain="1s"),
        True,
    ),
    ("", dict(name=["myapi", "plain", "nosuchunit"], state="running"), None),
    ("", dict(name=["myapi", "plain", "report", "watch"], state="running"), True),
    ("systemctl start worker@1 worker@2", dict(name="worker@.service", state="quiesced"), True),
    ("", dict(name="worker@.service", state="quiesced"), False),
    ("", dict(name="worker@.service", state="running"), True),
    ("", dict(name="worker@*", state="quiesced"), True),
    ("", dict(name="worker@*", state="quiesced"), False),
    ("", dict(name="worker@*", state="running"), True),
    (
        'systemctl start chat.socket; systemd-run -q sh -c "sleep 1000 | nc 127.0.0.1 8090"; sleep 0.5',
        dict(name="chat.socket", state="quiesced"),
        True,
    ),
    ("", dict(name="chat.socket", state="running"), True),
    ("systemd-run -q --unit passing sleep infinity", dict(name="passing", state="quiesced"), True),
    ("", dict(name="passing", state="quiesced"), False),
    ("", dict(name="passing", state="running"), True),
    (
        "systemctl start once.timer; systemctl start --no-block once; sleep 0.2",
        dict(name="once", state="quiesced"),
        True,
    ),
    ("", dict(name="once", state="running"), True),
    ("systemctl start broken.timer broken; sleep 0.2", dict(name="broken", state="quiesced"), True),
    ("", dict(name="broken", state="running"), True),
    ("systemctl start --no-block crash; sleep 0.3", dict(name="crash", state="quiesced"), True),
    (
        f"{AGENT} release crash; systemctl start watch.path watch",
        dict(name="watch", state="quiesced"),
        True,
    ),
    ("", dict(name="watch", state="running"), True),
    (
        "systemctl stop watch.path watch once.timer",
        dict(name=["watch", "once.timer"], state="running"),
        True,
    ),
    ("systemctl start shop.target", dict(name="shop.target", state="quiesced"), True),
    ("", dict(name="shop.target", state="running"), True),
    (
        "ln -s /dev/null /run/systemd/system/plain.service; mv /etc/systemd/system/plain.service /root; systemctl daemon-reload",
        dict(name="plain", state="quiesced"),
        True,
    ),
    ("", dict(name="plain", state="running"), None),
    (
        "rm /run/systemd/system/plain.service; mv /root/plain.service /etc/systemd/system; systemctl daemon-reload",
        dict(name="plain", state="running"),
        True,
    ),
    ("", dict(name="plain", state="quiesced"), True),
    ("rm /etc/quietus/holds/plain.service", dict(name="plain", state="running"), True),
    ("", dict(name="plain", state="quiesced"), True),
    (
        f"sed -i s,/bin/sleep,/bin/nothing, /etc/systemd/system/plain.service; {AGENT} release plain",
        dict(name="plain", state="quiesced"),
        True,
    ),
    (
        f"{AGENT} release plain; sed -i s,/bin/nothing,/bin/sleep, /etc/systemd/system/plain.service; systemctl daemon-reload; systemctl reset-failed plain",
        dict(name="plain", state="running"),
        True,
    ),
    ("", dict(name="plain", state="quiesced"), True),
    ("rm /etc/systemd/system/plain.service", dict(name="plain", state="running"), True),
]

LOOK = (
    "find /etc/quietus /run/quietus /etc/systemd/system.control /run/systemd/system.control /run/systemd/transient "
    '-name "run-*" -prune -o -name "quietus-lease-*" -prune -o -printf "%p %T@ %l\\n" 2>/dev/null; ls -l /etc/systemd/system; echo; '
    'systemctl --no-pager show -p Id -p LoadState -p ActiveState -p SubState -p InvocationID "[a-p]*" "[r-z]*"; true'
)


def looks(number):
    """Whether a case also checks that check mode changed nothing; doing so in all takes a minute more."""
    return number % 5 == 0


def units(lines):
    """The files and units that were seen, sorted, because systemctl's order may change between two calls."""
    return sorted("\n".join(lines).split("\n\n"))


def shared(result, checked):
    """What a result in check mode and one without it have in common."""
    kept = {
        key: value
        for key, value in result.items()
        if key not in MEASURED and not key.startswith(("_ansible", "invocation"))
    }
    kept["holds"] = [dict(hold) for hold in kept.get("holds", [])]
    for hold in kept["holds"]:  # they begin some seconds apart
        for key in ("since", "lease"):
            hold[key] = hold[key] and round(
                datetime.datetime.fromisoformat(hold[key].replace("Z", "+00:00")).timestamp() / 300
            )
    if checked:
        kept["msg"] = kept["msg"].replace(
            "Check mode: nothing was changed. A run would report: ", ""
        )
    return kept


def test_check_mode_predicts_what_is_done(ansible, hosts, released):
    tasks = []
    for number, (first, options, dummy) in enumerate(CASES):
        tasks += [
            {"name": f"{number} first", "ansible.builtin.raw": f"{first or 'true'}; {LOOK}"}
            if first or looks(number)
            else {},
            {
                "name": f"{number} check",
                "quietus.systemd.unit_family": options,
                "check_mode": True,
                "diff": True,
                "ignore_errors": True,
            },
            {"name": f"{number} look", "ansible.builtin.raw": LOOK} if looks(number) else {},
            {
                "name": f"{number} real",
                "quietus.systemd.unit_family": options,
                "diff": True,
                "ignore_errors": True,
            },
        ]
    tasks = [task for task in tasks if task]
    play = [{"hosts": "lab", "gather_facts": False, "become": True, "tasks": tasks}]
    for host in hosts:
        for name, text in UNITS.items():
            host.put(f"/etc/systemd/system/{name}", text)
        host.sh(
            "systemctl daemon-reload; systemctl -q enable plain watch.path watch once.timer 2>&1; systemctl start plain"
        )
    try:
        run = ansible(json.dumps(play), user="root").clean()
    finally:
        for host in hosts:
            host.sh(
                f'for h in /etc/quietus/holds/* /run/quietus/holds/*; do [ -e "$h" ] && {AGENT} release "${{h##*/}}"; done; '
                f'systemctl stop {" ".join(UNITS)} "worker@*" "chat@*"; cd /etc/systemd/system; systemctl disable {" ".join(UNITS)}; '
                f"rm -f /run/systemd/system/plain.service {' '.join(UNITS)}; systemctl daemon-reload; systemctl reset-failed",
                check=False,
            )

    wrong = []
    for host in hosts:
        for number, (first, options, changed) in enumerate(CASES):

            def of(what, number=number, host=host):
                (found,) = (
                    event
                    for event in run.events
                    if (event["task"], event["host"]) == (f"{number} {what}", host.name)
                )
                return dict(found["result"], failed=found["status"] == "failed")

            where = f"{host.image}: {number} {options}"
            checked, real = of("check"), of("real")
            if looks(number):
                before, after = (
                    of(what)["stdout"].replace("\r", "").splitlines() for what in ("first", "look")
                )
                if units(before[-len(after) :]) != units(after):
                    wrong.append(f"{where}: touched {set(before) ^ set(after)}")
            if changed != (None if real["failed"] else real["changed"]):
                wrong.append(f"{where}: changed {real['changed']}: {real['msg']}")
            predicted, done = shared(checked, True), shared(real, False)
            for key in sorted(set(predicted) | set(done)):
                if predicted.get(key) != done.get(key):
                    wrong.append(
                        f"{where}: {key}\n  predicted {predicted.get(key)}\n  done      {done.get(key)}"
                    )
    assert not wrong, "\n".join(wrong)
