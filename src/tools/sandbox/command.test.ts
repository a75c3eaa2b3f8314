import { mkdtempSync, rmSync, symlinkSync, writeFileSync, chmodSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandRun } from '../declaration.ts';
import { sandboxProblem } from './bubblewrap.ts';
import { runCommand } from './command.ts';

/*
 * Escapes and abuses of command tools, in the real sandbox. They need bubblewrap, and say so where it is not:
 * there command tools are refused, which is what the last part tests everywhere.
 */

const problem = sandboxProblem();
if (problem !== null) process.stderr.write(`command tools are not tested here: ${problem}\n`);

const limits = {
  timeoutMs: 5_000,
  outputBytes: 64 * 1024,
  cpuSeconds: 2,
  memoryBytes: 256 * 1024 * 1024,
  processes: 16,
  fileBytes: 1024 * 1024,
};
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-tool-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'secret.txt'), 'the key of the house');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function shell(script: string, more: Partial<CommandRun['limits']> = {}, readable: readonly string[] = []) {
  return program('/usr/bin/sh', ['-c', script], more, readable);
}
function perl(script: string, more: Partial<CommandRun['limits']> = {}) {
  return program('/usr/bin/perl', ['-e', script], more);
}
function program(
  path: string,
  given: readonly string[],
  more: Partial<CommandRun['limits']> = {},
  readable: readonly string[] = [],
) {
  const run: CommandRun = {
    kind: 'command',
    program: path,
    arguments: [...given],
    readable: [...readable],
    limits: { ...limits, ...more },
  };
  return runCommand(run, '{"q":"floor"}');
}
/** What it printed; a fault in brackets. */
async function said(running: ReturnType<typeof shell>): Promise<string> {
  const outcome = await running;
  return outcome.kind === 'result' ? outcome.text.trim() : `[${outcome.fault}]`;
}

describe.skipIf(problem !== null)('an honest command', () => {
  it('reads its arguments and answers', async () => {
    expect(await said(shell('cat'))).toBe('{"q":"floor"}');
  });

  it('reads what it declares, and cannot write it', async () => {
    const script = `cat ${folder}/secret.txt; echo x > ${folder}/secret.txt || echo no; touch ${folder}/new || echo no`;
    expect(await said(shell(script, {}, [folder]))).toBe('the key of the houseno\nno');
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  it('says that it failed by its status', async () => {
    expect(await said(shell('echo half; exit 3'))).toBe('[ERROR]');
  });
});

describe.skipIf(problem !== null)('a command that looks for files', () => {
  it.each(['/etc/passwd', '/etc/shadow', '/root', '/home', '/var', '/run', '/work', '/sys', '/boot'])(
    'does not find %s',
    async (path) => {
      expect(await said(shell(`ls -d ${path} 2>/dev/null || echo none`))).toBe('none');
    },
  );

  it('does not find what it did not declare', async () => {
    expect(await said(shell(`cat ${folder}/secret.txt 2>/dev/null || echo none`))).toBe('none');
  });

  it('does not follow a link out of what it declared', async () => {
    const inner = mkdtempSync(join(folder, 'inner-'));
    chmodSync(inner, 0o755);
    symlinkSync(join(folder, 'secret.txt'), join(inner, 'link'));
    symlinkSync('/etc/passwd', join(inner, 'passwd'));
    const script = `cat ${inner}/link ${inner}/passwd 2>/dev/null || echo none`;
    expect(await said(shell(script, {}, [inner]))).toBe('none');
  });

  it('does not get out of /tmp by a link of its own', async () => {
    const script = `ln -s ${folder} out; ln -s / root; cat out/secret.txt root/etc/passwd 2>/dev/null || echo none`;
    expect(await said(shell(script))).toBe('none');
  });

  it('writes nowhere but in /tmp', async () => {
    const script =
      'for d in / /usr /usr/bin /dev /dev/shm /proc /proc/sys/kernel; do touch $d/x 2>/dev/null && echo $d; done; touch ok && ls';
    expect(await said(shell(script))).toBe('ok');
  });

  it('leaves nothing behind for the next call', async () => {
    await shell('echo secret > /tmp/kept');
    expect(await said(shell('ls /tmp | wc -l'))).toBe('0');
  });
});

describe.skipIf(problem !== null)('a command that looks for the host', () => {
  it('finds no environment', async () => {
    const kept = process.env['COUNTERSIGN_TEST_SECRET'];
    process.env['COUNTERSIGN_TEST_SECRET'] = 'secret';
    const found = await said(
      shell('cat /proc/self/environ /proc/1/environ 2>/dev/null | tr "\\0" "\\n" | grep -c SECRET'),
    );
    if (kept === undefined) delete process.env['COUNTERSIGN_TEST_SECRET'];
    // grep counts nothing, and says so by its status.
    expect(found).toBe('[ERROR]');
  });

  it('sees no process but its own', async () => {
    const script = 'ls /proc | grep -c "^[0-9]"';
    expect(Number(await said(shell(script)))).toBeLessThan(10);
    expect(await said(shell(`kill -0 ${process.pid} 2>/dev/null && echo there || echo none`))).toBe('none');
  });

  it('cannot signal what started it', async () => {
    expect(await said(shell('kill -9 1 2>/dev/null; kill -9 -1 2>/dev/null; echo still'))).toBe('still');
  });

  it('cannot trace or read the memory of what started it', async () => {
    expect(await said(shell('cat /proc/1/mem >/dev/null 2>&1 && echo read || echo none'))).toBe('none');
    // ptrace(PTRACE_ATTACH, 1)
    expect(await said(perl('print syscall(101, 16, 1, 0, 0) == 0 ? "traced" : "none"'))).toBe('none');
  });

  it('finds no network device, address or resolver', async () => {
    expect(await said(shell('grep -c : /proc/net/dev; ls /etc/resolv.conf 2>/dev/null || echo none'))).toBe(
      '1\nnone',
    );
  });

  it('reaches no server on the loopback of the host', async () => {
    let reached = 0;
    const server = createServer((socket) => {
      reached += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    const script = `use IO::Socket::INET; print IO::Socket::INET->new(PeerAddr=>"127.0.0.1:${port}", Timeout=>2) ? "in" : "none"`;
    expect(await said(perl(script))).toBe('none');
    server.close();
    expect(reached).toBe(0);
  });

  it('reaches no socket of the host, named or abstract', async () => {
    const path = join(folder, 'socket');
    const server = createServer((socket) => socket.end('reached'));
    const abstract = createServer((socket) => socket.end('reached'));
    await new Promise<void>((resolve) => {
      server.listen(path, resolve);
    });
    const name = `countersign-${process.pid}`;
    await new Promise<void>((resolve) => {
      abstract.listen(`\0${name}`, resolve);
    });
    const script = `use Socket; for my $p ("${path}", "\\0${name}") { socket(my $s, PF_UNIX, SOCK_STREAM, 0); print connect($s, pack_sockaddr_un($p)) ? "in" : "none" }`;
    expect(await said(perl(script))).toBe('nonenone');
    server.close();
    abstract.close();
  });

  it('has no capability, and gets none from a setuid program', async () => {
    const script =
      'grep -E "^Cap(Prm|Eff|Bnd|Amb)" /proc/self/status | grep -vc 0000000000000000; grep NoNewPrivs /proc/self/status | tr -d "\\t"';
    expect(await said(shell(script))).toBe('0\nNoNewPrivs:1');
  });

  it('mounts nothing and makes no namespace of its own', async () => {
    const script =
      'mount -t tmpfs x /tmp 2>/dev/null && echo mounted; unshare -Ur id 2>/dev/null && echo unshared; echo none';
    expect(await said(shell(script))).toBe('none');
  });

  it('sets no clock and no host name', async () => {
    const script =
      'date -s "2001-01-01" >/dev/null 2>&1 && echo set; hostname evil 2>/dev/null && echo named; echo none';
    expect(await said(shell(script))).toBe('none');
  });

  it('has no terminal to type into', async () => {
    expect(await said(shell('(exec 3<>/dev/tty) 2>/dev/null && echo tty || echo none'))).toBe('none');
    // A session of its own: that of the gateway could be typed into by TIOCSTI.
    expect(await said(shell('cut -d" " -f6 /proc/self/stat'))).not.toBe('0');
    expect(await said(shell('ls /dev | grep -cE "^(sd|vd|kvm|mem|fuse|loop)"; true'))).toBe('0');
  });
});

describe.skipIf(problem !== null)('a command without measure', () => {
  it('is ended in time when it sleeps', async () => {
    expect(await said(shell('sleep 60', { timeoutMs: 300 }))).toBe('[TIMEOUT]');
  });

  it('is ended in time when it burns the processor', async () => {
    expect(await said(shell('while :; do :; done', { cpuSeconds: 1 }))).toBe('[ERROR]');
  });

  it('is ended with all that it left running', async () => {
    const marker = `3${process.pid}`;
    await shell(`(setsid sleep ${marker} &) ; (trap "" TERM HUP; sleep ${marker}) & sleep ${marker}`, {
      timeoutMs: 400,
    });
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    const { execFileSync } = await import('node:child_process');
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`sleep ${marker}`);
  });

  it('is ended with what a finished one left running', async () => {
    const marker = `4${process.pid}`;
    await shell(`sleep ${marker} >/dev/null 2>&1 </dev/null & echo done`);
    const { execFileSync } = await import('node:child_process');
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`sleep ${marker}`);
  });

  it('forks no more than it may', async () => {
    const script =
      'my $n = 0; for (1..200) { my $p = fork; last unless defined $p; if (!$p) { sleep 3; exit } $n++ } print $n; kill 9, -1';
    const count = Number(await said(perl(script)));
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(limits.processes);
  });

  it('is contained when it is a fork bomb', async () => {
    expect(await said(shell('f() { f | f & }; f; sleep 60', { timeoutMs: 1_000 }))).toMatch(
      /^\[(TIMEOUT|ERROR)\]$/,
    );
    expect(await said(shell('echo alive'))).toBe('alive');
  });

  it('gets no more memory', async () => {
    expect(await said(perl('my $x = "x" x (1 << 30); print length $x'))).toBe('[ERROR]');
  });

  it('fills no disk', async () => {
    expect(await said(shell('head -c 4000000 /dev/zero > big; echo wrote'))).not.toBe('wrote\n4000000');
    const script =
      'i=0; while [ $i -lt 64 ]; do head -c 1000000 /dev/zero > f$i || break; i=$((i+1)); done 2>/dev/null; du -sm /tmp | cut -f1';
    expect(Number(await said(shell(script)))).toBeLessThanOrEqual(17);
  });

  it('opens no more files than it may', async () => {
    const script =
      'my @f; while (open my $f, "<", "/dev/null") { push @f, $f; last if @f > 500 } print scalar @f';
    expect(Number(await said(perl(script)))).toBeLessThan(64);
  });

  it('gives no longer result than it may', async () => {
    expect(await said(shell('cat /dev/zero'))).toBe('[OUTPUT_TOO_LARGE]');
    expect(await said(shell('yes'))).toBe('[OUTPUT_TOO_LARGE]');
  });

  it('gives no bytes that are no text', async () => {
    expect(await said(shell('printf "\\377\\376"'))).toBe('[NO_TEXT]');
  });

  it('is not heard on its error stream', async () => {
    expect(await said(shell('echo secret >&2; echo said'))).toBe('said');
  });

  it('may leave its arguments unread', async () => {
    const run = { kind: 'command', program: '/usr/bin/true', arguments: [], readable: [], limits } as const;
    expect(await runCommand({ ...run, arguments: [], readable: [] }, 'x'.repeat(1 << 20))).toEqual({
      kind: 'result',
      text: '',
    });
  });
});

describe('a machine without the sandbox', () => {
  it('is told what is missing, once and in words', () => {
    expect(problem === null || /install|need|allow/.test(problem)).toBe(true);
    expect(sandboxProblem()).toBe(problem);
  });
});
