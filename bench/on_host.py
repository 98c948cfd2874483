"""The part of the benchmark that runs on a host: python3 on_host.py ROW... < settings.json; prints one JSON object.

Each pair is measured in turn, A B A B, the first round not counted. A sample is [milliseconds, peak memory in KiB].
"""
import json
import os
import subprocess
import sys
import time

WORK = '/var/tmp/quietus-bench'
UNITS = '/usr/lib/systemd/system'
FAMILY = ['bench.socket', 'bench.timer', 'bench.path', 'bench.service']
SETTINGS = json.load(sys.stdin)
ROUNDS = SETTINGS['rounds']


def write(path, text):
    with open(path, 'w') as out:
        out.write(text)


def shell(command):
    subprocess.run(['sh', '-c', command], check=True, stdout=subprocess.DEVNULL)


def run(arguments, given='', well=(0,)):
    """Runs a program to its end: [ms, KiB]. The kernel itself says how much memory it had."""
    write(WORK + '/in', given)
    actions = [(os.POSIX_SPAWN_OPEN, 0, WORK + '/in', os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, WORK + '/out', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    began = time.perf_counter()
    process = os.posix_spawnp(arguments[0], arguments, os.environ, file_actions=actions)
    status, usage = os.wait4(process, 0)[1:]
    took = (time.perf_counter() - began) * 1000
    if os.WEXITSTATUS(status) not in well or os.WIFSIGNALED(status):
        with open(WORK + '/out') as out:
            sys.exit('%s ended with %d: %s' % (arguments, status, out.read()[-2000:]))
    return [took, usage.ru_maxrss]


def java(jar, main, *options):
    return ['java'] + SETTINGS['flags'] + list(options) + ['-cp', WORK + '/' + jar, main]


def agent(state, name, *options):
    request = json.dumps({'names': [name], 'state': state, 'by': 'bench'})
    return run(java('quietus.jar', 'quietus.Main', '-XX:SharedArchiveFile=' + WORK + '/quietus.jsa', *options) + ['apply'], request)


def prepare():
    for file in ('quietus.jsa', 'word.jsa'):
        if os.path.exists(WORK + '/' + file):
            os.remove(WORK + '/' + file)
    warm_up = '{"names": ["systemd-tmpfiles-clean.timer"], "state": "quiesced", "check": true}'
    run(java('quietus.jar', 'quietus.Main', '-XX:ArchiveClassesAtExit=' + WORK + '/quietus.jsa') + ['warm-up'], warm_up)
    run(java('word.jar', 'Word', '-XX:ArchiveClassesAtExit=' + WORK + '/word.jsa'))
    family('bench', 3)
    write(UNITS + '/w@.service', '[Service]\nExecStart=/bin/sleep infinity\n')
    write(UNITS + '/pad@.target', '[Unit]\nDescription=One of many\n')
    shell('systemctl daemon-reload')
    for size in SETTINGS['sizes']:
        shell('systemctl start $(cd %s && ls | grep "^grow%dx[.-]")' % (UNITS, size))
    shell('systemctl start ' + ' '.join(FAMILY))
    return {'java': subprocess.run(['java', '-version'], stderr=subprocess.PIPE, universal_newlines=True).stderr.splitlines()[0],
            'systemd': subprocess.run(['systemctl', '--version'], stdout=subprocess.PIPE, universal_newlines=True).stdout.split()[1]}


def family(name, activators):
    """A service with a socket, a timer and a path; further families of other sizes have more timers."""
    service = '[Service]\nExecStart=/bin/sleep infinity\n'
    write('%s/%s.service' % (UNITS, name), service)
    write('%s/%s.socket' % (UNITS, name), '[Socket]\nListenStream=/run/%s.sock\n' % name)
    write('%s/%s.timer' % (UNITS, name), '[Timer]\nOnCalendar=daily\n')
    write('%s/%s.path' % (UNITS, name), '[Path]\nPathExists=/run/no-such-%s\n' % name)
    for size in SETTINGS['sizes']:
        write('%s/grow%dx.service' % (UNITS, size), service)
        for i in range(1, size):
            write('%s/grow%dx-%d.timer' % (UNITS, size, i), '[Timer]\nOnCalendar=daily\nUnit=grow%dx.service\n' % size)


def noop():
    """Row 3."""
    agent('quiesced', 'bench')
    word = java('word.jar', 'Word', '-XX:SharedArchiveFile=' + WORK + '/word.jsa')
    pairs = [(agent('quiesced', 'bench'), run(word)) for _ in range(3 * ROUNDS + 1)][1:]
    listing = WORK + '/classes'
    agent('quiesced', 'bench', '-Xlog:class+load:file=' + listing)
    with open(listing) as lines:
        loaded = [line for line in lines if 'source:' in line]
    os.remove(listing)
    agent('running', 'bench')
    return {'pairs': pairs, 'classes': len(loaded), 'spun': sum('shared objects file' not in line for line in loaded)}


def verbs():
    """Row 4."""
    names = ' '.join(FAMILY)
    script = 'systemctl stop %s && systemctl mask %s && systemctl unmask %s && systemctl start %s' % (names, names, names, names)
    pairs = []
    for _ in range(ROUNDS + 1):
        down, up = agent('quiesced', 'bench'), agent('running', 'bench')
        pairs.append(([down[0] + up[0], max(down[1], up[1])], run(['sh', '-c', '{ ' + script + '; } 2>/dev/null'])))
    return {'pairs': pairs[1:]}


def host_size():
    """Row 5: in blocks, for units are not loaded in a moment."""
    agent('quiesced', 'bench')
    blocks = {'many': [], 'few': []}
    calls = {}
    for _ in range(2):
        for which, count in (('few', 200), ('many', 5000)):
            loaded = int(subprocess.check_output('systemctl list-units --all --plain --no-legend | wc -l', shell=True))
            if loaded < count:
                shell('seq 1 %d | sed "s/.*/pad@&.target/" | xargs -n 500 systemctl start' % (count - loaded))
            blocks[which].append([agent('quiesced', 'bench') for _ in range(ROUNDS + 1)][1:])
            calls[which] = traced('quiesced', 'bench')
        shell('systemctl stop "pad@*"')
    agent('running', 'bench')
    return {'blocks': blocks, 'calls': calls}


def instances():
    """Row 6."""
    count = SETTINGS['instances']
    start = 'seq 1 %d | sed "s/.*/w@&.service/" | xargs -n 500 systemctl start' % count
    pairs, releases = [], []
    for _ in range(SETTINGS['instance_rounds']):
        shell(start)
        down = agent('quiesced', 'w@.service')
        releases.append(agent('running', 'w@.service'))
        shell(start)
        pairs.append((down, run(['systemctl', 'stop', 'w@*'])))
    return {'pairs': pairs, 'releases': releases}


def traced(state, name):
    """The calls of one run by method."""
    trace = WORK + '/trace'
    if os.path.exists(trace):
        os.remove(trace)
    agent(state, name, '-Dquietus.trace=' + trace)
    counts = {}
    if os.path.exists(trace):
        with open(trace) as lines:
            for line in lines:
                counts[line.strip()] = counts.get(line.strip(), 0) + 1
    return counts


def calls():
    """D-Bus calls by verb as the family grows."""
    told = {}
    for size in SETTINGS['sizes']:
        name = 'grow%dx' % size
        told[str(size)] = {'quiesce': traced('quiesced', name), 'no-op': traced('quiesced', name), 'release': traced('running', name)}
    return told


os.makedirs(WORK, exist_ok=True)
print(json.dumps({row: globals()[row]() for row in sys.argv[1:]}))
